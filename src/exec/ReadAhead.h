#pragma once
// Runs the numbered steps of a read before their turn, several at once, on threads that mostly wait for the object
// store. Used by ReadPartsSource to open parts and to fetch what scans of them read. With `at_once` 1 (objects on a
// local disk) there are no threads: a step runs when it is awaited. Thread-safe.

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace mangrove
{

class ReadAhead
{
public:
    /// run(step) for steps 0 to `steps` - 1. Nothing runs before the first await().
    ReadAhead(size_t steps, size_t at_once, std::function<void(size_t)> run);
    /// Waits for the steps under way; the others are never run.
    ~ReadAhead();

    /// Until `step` has run; throws what it threw. Lets up to 2 * `at_once` steps behind it begin.
    void await(size_t step);

private:
    enum class Progress : unsigned char { Waiting, Running, Done };

    void work();
    void runStep(size_t step, std::unique_lock<std::mutex> & lock);

    const size_t at_once_;
    const std::function<void(size_t)> run_;
    std::mutex mutex_;
    std::condition_variable done_; /// a step is
    std::condition_variable room_; /// for more steps, or the end
    std::vector<Progress> progress_;
    size_t next_ = 0;  /// no step before it is Waiting
    size_t limit_ = 0; /// steps from here on must not begin yet
    bool stop_ = false;
    std::map<size_t, std::exception_ptr> errors_; /// of steps that failed: threads begin nothing more
    std::vector<std::jthread> threads_;
};

}
