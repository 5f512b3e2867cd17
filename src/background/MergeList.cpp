#include "background/MergeList.h"

#include "base/Exception.h"

namespace mangrove
{

MergeReport MergeList::run(std::shared_ptr<RunningMerge> merge, const std::function<int64_t()> & now_ms, const std::function<MergeReport()> & work)
{
    merge->started_ms = now_ms();
    std::list<std::shared_ptr<const RunningMerge>>::iterator listed;
    {
        std::lock_guard lock(mutex_);
        listed = running_.insert(running_.end(), merge);
    }
    MergeEvent event{.merge = *merge, .report = {}, .duration_ms = 0, .error_code = 0, .error = ""};
    auto end = [&]
    {
        event.duration_ms = static_cast<uint64_t>(now_ms() - merge->started_ms);
        {
            std::lock_guard lock(mutex_);
            running_.erase(listed);
        }
        if (on_end)
            on_end(event);
    };
    try
    {
        event.report = work();
    }
    catch (const Exception & exception)
    {
        event.error_code = static_cast<int>(exception.code());
        event.error = exception.message();
        end();
        throw;
    }
    catch (const std::exception & exception)
    {
        event.error_code = static_cast<int>(ErrorCode::UNKNOWN_EXCEPTION);
        event.error = exception.what();
        end();
        throw;
    }
    end();
    return event.report;
}

std::vector<std::shared_ptr<const RunningMerge>> MergeList::list() const
{
    std::lock_guard lock(mutex_);
    return {running_.begin(), running_.end()};
}

}
