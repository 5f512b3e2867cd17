#pragma once
// An ObjectStore in a std::map: tests and the simulation. Deterministic: no threads, and time only from the Clock
// given (objects' mtime). Thread-safe (one mutex).

#include "base/Clock.h"
#include "object_store/RequestCounters.h"

#include <map>
#include <mutex>

namespace mangrove
{

class MemoryObjectStore final : public ObjectStore
{
public:
    explicit MemoryObjectStore(const Clock & clock = SystemClock::instance()) : clock_(clock) {}

    PutResult put(const std::string & key, std::string_view bytes, PutMode mode) override;
    std::optional<ObjectBytes> get(const std::string & key) override;
    std::optional<ObjectBytes> getRange(const std::string & key, ObjectRange range) override;
    std::optional<ObjectBytes> getSuffix(const std::string & key, uint64_t length) override;
    std::optional<ObjectInfo> head(const std::string & key) override;
    ListPage list(const std::string & prefix, const std::string & start_after, size_t limit) override;
    void remove(const std::string & key) override;
    ObjectStoreCounters counters() const override { return counters_.snapshot(); }
    std::string describe() const override { return "memory://"; }

private:
    struct Object
    {
        std::string bytes;
        int64_t mtime_ms = 0;
    };

    const Clock & clock_;
    std::mutex mutex_;
    std::map<std::string, Object> objects_;
    RequestCounters counters_;
};

}
