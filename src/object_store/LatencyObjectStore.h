#pragma once
// Wraps an ObjectStore and sleeps before each request, as a distant bucket would make its caller wait: benchmarks
// of cold reads. getRanges() waits once, because its ranges are fetched in parallel. Thread-safe.

#include "base/Clock.h"
#include "object_store/ObjectStore.h"

namespace mangrove
{

class LatencyObjectStore final : public ObjectStore
{
public:
    LatencyObjectStore(ObjectStorePtr base, int64_t latency_ms, Clock & clock)
        : base_(std::move(base)), latency_ms_(latency_ms), clock_(clock)
    {
    }

    PutResult put(const std::string & key, std::string_view bytes, PutMode mode) override
    {
        return delayed().put(key, bytes, mode);
    }
    std::optional<ObjectBytes> get(const std::string & key) override { return delayed().get(key); }
    std::optional<ObjectBytes> getRange(const std::string & key, ObjectRange range) override
    {
        return delayed().getRange(key, range);
    }
    std::optional<ObjectBytes> getSuffix(const std::string & key, uint64_t length) override
    {
        return delayed().getSuffix(key, length);
    }
    std::optional<std::vector<std::string>>
    getRanges(const std::string & key, const std::vector<ObjectRange> & ranges) override
    {
        return delayed().getRanges(key, ranges);
    }
    std::optional<ObjectInfo> head(const std::string & key) override { return delayed().head(key); }
    ListPage list(const std::string & prefix, const std::string & start_after, size_t limit) override
    {
        return delayed().list(prefix, start_after, limit);
    }
    void remove(const std::string & key) override { delayed().remove(key); }
    void removeMany(const std::vector<std::string> & keys) override { delayed().removeMany(keys); }
    ReadCosts readCosts() const override { return distant_read_costs; }
    ObjectStoreCounters counters() const override { return base_->counters(); }
    std::string describe() const override { return base_->describe(); }

private:
    ObjectStore & delayed()
    {
        clock_.sleepMs(latency_ms_);
        return *base_;
    }

    const ObjectStorePtr base_;
    const int64_t latency_ms_;
    Clock & clock_;
};

}
