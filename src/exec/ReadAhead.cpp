#include "exec/ReadAhead.h"

#include <algorithm>

namespace mangrove
{

ReadAhead::ReadAhead(size_t steps, size_t at_once, std::function<void(size_t)> run)
    : at_once_(std::max<size_t>(1, std::min(at_once, steps))), run_(std::move(run)), progress_(steps, Progress::Waiting)
{
}

ReadAhead::~ReadAhead()
{
    {
        std::lock_guard lock(mutex_);
        stop_ = true;
    }
    room_.notify_all();
}

void ReadAhead::runStep(size_t step, std::unique_lock<std::mutex> & lock)
{
    progress_[step] = Progress::Running;
    lock.unlock();
    std::exception_ptr error;
    try
    {
        run_(step);
    }
    catch (...)
    {
        error = std::current_exception();
    }
    lock.lock();
    progress_[step] = Progress::Done;
    if (error)
        errors_[step] = error;
    done_.notify_all();
}

void ReadAhead::await(size_t step)
{
    std::unique_lock lock(mutex_);
    if (at_once_ > 1 && limit_ < std::min(progress_.size(), step + 1 + 2 * at_once_))
    {
        limit_ = step + 1 + 2 * at_once_;
        while (threads_.size() + 1 < at_once_)
            threads_.emplace_back([this] { work(); });
        room_.notify_all();
    }
    if (progress_[step] == Progress::Waiting)
        runStep(step, lock);
    done_.wait(lock, [&] { return progress_[step] == Progress::Done; });
    if (auto failed = errors_.find(step); failed != errors_.end())
        std::rethrow_exception(failed->second);
}

void ReadAhead::work()
{
    std::unique_lock lock(mutex_);
    while (!stop_ && errors_.empty())
    {
        while (next_ < progress_.size() && progress_[next_] != Progress::Waiting)
            ++next_;
        if (next_ == progress_.size())
            return;
        if (next_ < limit_)
            runStep(next_, lock);
        else
            room_.wait(lock);
    }
}

}
