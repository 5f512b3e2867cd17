#pragma once
// One node's connection to the simulated ensemble. Every request is a scheduling point before and after; requests
// and replies get lost, writes land late, reads come from a server that lags behind until sync() or an own write,
// sessions expire, and a partition cuts everything. judge() sees every write that lands.

#include "World.h"
#include "keeper/Keeper.h"

namespace mangrove::sim
{

class SimKeeper final : public Keeper
{
public:
    explicit SimKeeper(World & world) : world_(world), session_(world.server->openSession()) { }

    std::optional<KeeperNode> get(const std::string & path) override;
    std::optional<std::vector<std::string>> children(const std::string & path) override;
    KeeperResult multi(const std::vector<KeeperOp> & ops) override;
    WaitResult waitForChange(const std::string &, int32_t, std::chrono::milliseconds, std::stop_token) override;
    void sync(const std::string & path) override;
    bool sessionExpired() const override { return expired_; }
    void newSession() override;
    std::string describe() const override { return "simulated"; }

    void setPartitioned(bool partitioned) { partitioned_ = partitioned; }

private:
    void beginRead(double stale_factor = 1);
    bool isCut() const { return partitioned_ || world_.scheduler.nowMs() < cut_until_ms_; }
    static KeeperResult applyAt(World & world, int64_t session, const std::vector<KeeperOp> & ops);
    void travel();

    World & world_;
    int64_t session_;
    bool expired_ = false;
    bool partitioned_ = false;
    int64_t cut_until_ms_ = 0; /// a connection that holds back a write is bad for a while
    static void judge(World & world, const KeeperOp & op);

    std::shared_ptr<const ZnodeTree> stale_; /// what a lagging server still shows
    int64_t last_seen_ms_ = 0;               /// a session never sees anything older than what it has seen
};

}
