#include "LineEditor.h"

#include <histedit.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>

namespace mangrove
{

namespace
{

constexpr int history_lines_max = 10'000;

volatile std::sig_atomic_t interrupted = 0;

void onInterrupt(int)
{
    interrupted = 1;
}

}

bool takeInterrupt()
{
    static const bool installed = []
    {
        // Without SA_RESTART: a read of the terminal ends with EINTR.
        struct sigaction action{};
        action.sa_handler = onInterrupt;
        sigemptyset(&action.sa_mask);
        return sigaction(SIGINT, &action, nullptr) == 0;
    }();
    bool taken = installed && interrupted;
    interrupted = 0;
    return taken;
}

struct LineEditor::State
{
    std::string history_file, prompt;
    History * history = history_init();
    EditLine * editor = nullptr;

    static char * promptOf(EditLine * editor)
    {
        State * state = nullptr;
        el_get(editor, EL_CLIENTDATA, &state);
        return state->prompt.data();
    }
};

LineEditor::LineEditor(std::string history_file) : state_(std::make_unique<State>())
{
    takeInterrupt();
    state_->history_file = std::move(history_file);
    HistEvent event;
    history(state_->history, &event, H_SETSIZE, history_lines_max);
    history(state_->history, &event, H_SETUNIQUE, 1);
    history(state_->history, &event, H_LOAD, state_->history_file.c_str());
    state_->editor = el_init("mangrove", stdin, stdout, stderr);
    el_set(state_->editor, EL_CLIENTDATA, state_.get());
    el_set(state_->editor, EL_PROMPT, &State::promptOf);
    el_set(state_->editor, EL_EDITOR, "emacs");
    el_set(state_->editor, EL_SIGNAL, 0);
    el_set(state_->editor, EL_HIST, history, state_->history);
    el_set(state_->editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    el_source(state_->editor, nullptr);
}

LineEditor::~LineEditor()
{
    el_end(state_->editor);
    history_end(state_->history);
}

LineEditor::Outcome LineEditor::read(const std::string & prompt, std::string & line)
{
    state_->prompt = prompt;
    int length = 0;
    errno = 0;
    // Before the prompt is shown, not after, as el_gets() would: Ctrl-D in between is swallowed by the terminal.
    el_set(state_->editor, EL_PREP_TERM, 1);
    const char * text = el_gets(state_->editor, &length);
    if (takeInterrupt())
    {
        el_reset(state_->editor);
        std::fputs("\n", stdout);
        return Outcome::Interrupted;
    }
    if (!text || length <= 0)
        return Outcome::End;
    line.assign(text, length);
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r'))
        line.pop_back();
    return Outcome::Line;
}

void LineEditor::remember(const std::string & statement)
{
    // Recalled, a statement is one line again, unless a comment needs its end of line.
    std::string line = statement;
    if (line.find("--") == std::string::npos)
        std::replace(line.begin(), line.end(), '\n', ' ');
    HistEvent event;
    history(state_->history, &event, H_ENTER, line.c_str());
    history(state_->history, &event, H_SAVE, state_->history_file.c_str());
}

}
