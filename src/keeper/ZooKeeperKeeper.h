#pragma once
// A Keeper over a ZooKeeper or ClickHouse Keeper ensemble. Thread-safe. Reads are repeated over lost connections
// until the operation timeout; writes are sent once, and whatever leaves doubt is Unknown. The chroot is put before
// paths here, not by libzookeeper, which forgets it in the replies of a multi.

#include "keeper/ZooKeeperSession.h"

namespace mangrove
{

struct ZooKeeperOptions
{
    std::chrono::milliseconds session_timeout{15'000};
    std::chrono::milliseconds connect_timeout{10'000};
    std::chrono::milliseconds operation_timeout{10'000};
};

class ZooKeeperKeeper final : public Keeper
{
public:
    /// `address` is host:port,host:port,…[/chroot]; the chroot is created if needed.
    explicit ZooKeeperKeeper(const std::string & address, ZooKeeperOptions options = {});

    std::optional<KeeperNode> get(const std::string & path) override;
    std::optional<std::vector<std::string>> children(const std::string & path) override;
    KeeperResult multi(const std::vector<KeeperOp> & ops) override;
    WaitResult waitForChange(
        const std::string & path, int32_t last_seen_version, std::chrono::milliseconds timeout,
        std::stop_token stop) override;
    void sync(const std::string & path) override;
    bool sessionExpired() const override { return session()->expired(); }
    void newSession() override;
    std::string describe() const override { return "zookeeper " + hosts_ + chroot_; }

    /// For tests: the servers end the session; the client learns of it as after a timeout.
    void endSessionOnServers() { session()->endOnServers(options_.connect_timeout); }

private:
    using SessionPtr = std::shared_ptr<ZooKeeperSession>;
    using ReadCall = ZooKeeperReply (ZooKeeperSession::*)(const std::string &, ZooKeeperSession::TimePoint);

    SessionPtr session() const;
    SessionPtr openSession() const;
    ZooKeeperSession::TimePoint operationDeadline() const;
    std::string fullPath(const std::string & path) const;
    /// Throws unless the reply is ok or "no such node".
    ZooKeeperReply read(ReadCall call, const std::string & path);
    KeeperResult toResult(ZooKeeperReply reply) const;

    std::string hosts_;
    std::string chroot_; /// empty, or begins with '/' and does not end with it
    const ZooKeeperOptions options_;
    mutable std::mutex session_mutex_;
    SessionPtr session_;
};

}
