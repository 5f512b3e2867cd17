#pragma once
// One node of the simulated cluster: an ordinary Catalog over simulated connections, and a fiber that does what a
// node does (inserts, merges, reads, DDL, heartbeats, checkpoints, GC), picked by the seed. A crash unwinds the
// fiber wherever it is; a restart is a new Catalog with a new epoch.

#include "Checker.h"
#include "SimKeeper.h"
#include "SimObjectStore.h"

namespace mangrove::sim
{

class SimNode
{
public:
    SimNode(World & world, Checker & checker, size_t number) : world_(world), checker_(checker), number_(number) { }

    /// The fiber's body: operations until the cluster has done its number of them, or the node is killed.
    void live();

    /// One node alone, without faults: everything is settled, collected and swept. Not in a fiber.
    void quiesce();

    static uint64_t operations_left; /// of the whole cluster, this seed

    size_t fiber = 0;
    std::unique_ptr<Catalog> catalog;
    std::shared_ptr<SimKeeper> keeper;
    SnapshotPtr held; /// by a reader that takes its time
    bool partitioned = false;

    /// A new incarnation; the old one is forgotten as a dead process is. Tries until it is up, or (unless
    /// `insist`) the run is over.
    bool boot(bool insist);
    void observe();

private:
    void operate();
    void endUploads();
    void operation();
    void insert(Request & request);
    void insertNew();
    void retryOld();
    void insertFromStream();
    void merge();
    void dropPartition();
    void alter();
    void recreateView();
    void read();
    void setUp();
    void follow();
    void checkpoint();
    void copyLog();
    void collect();
    void sweep();
    void settleEverything();
    void tellDecided(const std::string & database);

    /// The part of one table: named now, uploaded by upload().
    PartInfo makePart(const Transaction & txn, const TablePtr & table, const std::string & partition, const std::vector<uint64_t> & rows);
    /// `record`: of the whole commit, for the last part of it.
    void upload(PartInfo & part, const Transaction & txn, const std::vector<uint64_t> & rows, const std::string & record);
    /// One part in each table with these rows, uploaded as ingest does it.
    void addParts(Insert & insert, const Transaction & txn, const SnapshotPtr & snapshot, const std::vector<const char *> & tables,
        const std::string & partition, const std::vector<uint64_t> & rows);

    World & world_;
    Checker & checker_;
    size_t number_;
    std::unique_ptr<NodeClock> clock_;
    std::shared_ptr<SimObjectStore> store_;
    int64_t heartbeat_due_ms_ = 0;
    std::vector<std::string> uploads_; /// of the operation under way
};

}
