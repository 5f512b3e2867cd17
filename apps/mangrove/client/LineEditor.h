#pragma once
// Lines from a person at a terminal, with editing and a history that is kept in a file. Uses libedit, which owns the
// terminal's mode while it reads. One object per process, not thread-safe.

#include <functional>
#include <memory>
#include <string>

namespace mangrove
{

class LineEditor
{
public:
    explicit LineEditor(std::string history_file);
    ~LineEditor();

    enum class Outcome
    {
        Line,
        Interrupted, /// Ctrl-C
        End,         /// Ctrl-D on an empty line
    };
    Outcome read(const std::string & prompt, std::string & line);
    /// A whole statement; saved at once.
    void remember(const std::string & statement);

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Ctrl-C since the last call; the handler is installed by the first call.
bool takeInterrupt();

}
