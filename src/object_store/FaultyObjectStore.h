#pragma once
// Wraps an ObjectStore and makes it misbehave as real ones do, decided by one seed: requests that fail, puts and
// removes that succeed but whose answer is lost, puts that land long after they failed, added latency. For tests
// and the simulation; deterministic, no threads of its own: late puts land between later requests, or by
// landLatePuts(). Thread-safe.

#include "base/Clock.h"
#include "base/Random.h"
#include "object_store/ObjectStore.h"

#include <deque>
#include <map>
#include <mutex>

namespace mangrove
{

struct ObjectStoreFaults
{
    /// Chances between 0 and 1, per request.
    double fail_before = 0; /// the request never reached the store
    double lose_reply = 0;  /// it was done; the caller is told it failed
    double put_late = 0;    /// the caller is told it failed; it is done during one of the next late_requests_max
    size_t late_requests_max = 20;
    int64_t latency_ms_max = 0; /// before each request, uniform, slept on the Clock
};

class FaultyObjectStore final : public ObjectStore
{
public:
    FaultyObjectStore(ObjectStorePtr base, uint64_t seed, ObjectStoreFaults faults, Clock & clock);

    PutResult put(const std::string & key, std::string_view bytes, PutMode mode) override;
    std::optional<ObjectBytes> get(const std::string & key) override;
    std::optional<ObjectBytes> getRange(const std::string & key, ObjectRange range) override;
    std::optional<ObjectBytes> getSuffix(const std::string & key, uint64_t length) override;
    std::optional<std::vector<std::string>>
    getRanges(const std::string & key, const std::vector<ObjectRange> & ranges) override;
    std::optional<ObjectInfo> head(const std::string & key) override;
    ListPage list(const std::string & prefix, const std::string & start_after, size_t limit) override;
    void remove(const std::string & key) override;
    void removeMany(const std::vector<std::string> & keys) override;
    ReadCosts readCosts() const override { return base_->readCosts(); }
    ObjectStoreCounters counters() const override { return base_->counters(); }
    std::string describe() const override { return "faulty " + base_->describe(); }

    void setFaults(ObjectStoreFaults faults);
    /// Lands every put that is still under way. Returns how many there were.
    size_t landLatePuts();
    /// How often each fault fired, by name: a test whose faults never fired has tested nothing.
    std::map<std::string, uint64_t> fired() const;

private:
    struct LatePut
    {
        std::string key;
        std::string bytes;
        PutMode mode;
        size_t requests_left;
    };

    /// Latency, fail_before and the landing of late puts: the beginning of every request.
    void begin(const char * what, const std::string & key);
    void maybeLoseReply(const char * what, const std::string & key);
    bool fires(double chance, const char * name);

    const ObjectStorePtr base_;
    Clock & clock_;
    mutable std::mutex mutex_;
    Random random_;
    ObjectStoreFaults faults_;
    std::deque<LatePut> late_puts_;
    std::map<std::string, uint64_t> fired_;
};

}
