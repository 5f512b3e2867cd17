#pragma once
// One node's connection to the simulated bucket. Every request is a scheduling point; requests and replies get
// lost, puts land long after they failed. What is in the bucket is shared (World::bucket).

#include "World.h"

namespace mangrove::sim
{

class SimObjectStore final : public ObjectStore
{
public:
    explicit SimObjectStore(World & world) : world_(world) { }

    PutResult put(const std::string & key, std::string_view bytes, PutMode mode) override;
    std::optional<ObjectBytes> get(const std::string & key) override;
    std::optional<ObjectBytes> getRange(const std::string & key, ObjectRange range) override;
    std::optional<ObjectBytes> getSuffix(const std::string & key, uint64_t length) override;
    std::optional<ObjectInfo> head(const std::string & key) override;
    ListPage list(const std::string & prefix, const std::string & start_after, size_t limit) override;
    void remove(const std::string & key) override;
    ObjectStoreCounters counters() const override { return world_.bucket->counters(); }
    std::string describe() const override { return "simulated"; }

    uint64_t owner_epoch = 0; /// of the node, once it has one

private:
    bool isUnderWay(const World::Transaction & transaction) const;
    static constexpr int64_t latency_ms_max = 60;
    void begin(int64_t longest_ms = latency_ms_max);
    void end();

    World & world_;
};

}
