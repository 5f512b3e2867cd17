#pragma once
// The judge: its own record of what clients were told, compared at the end, and along the way, with what the
// tables hold. It shares no code with the catalog: rows are numbers in objects, promises are made in
// acknowledgements.

#include "World.h"
#include "catalog/Catalog.h"

#include <map>
#include <set>

namespace mangrove::sim
{

/// One insert of a client, as often as it is tried.
struct Request
{
    uint64_t row = 0;
    std::string table; /// "t" (its view fills "u") or "s" (a stream's)
    std::string partition;
    std::string token;
    int64_t begun_ms = 0;
    bool acked = false;
    uint64_t open_attempts = 0; /// that have no definite answer (yet, or for ever)
    uint64_t lsn = 0;
};

class Checker
{
public:
    explicit Checker(World & world) : world_(world) { }

    std::map<uint64_t, Request> requests;
    uint64_t next_row = 1;

    /// A drop of a partition of `t`, and how it ended: where it was committed, or (nullopt) that it was not. One
    /// that never ends may have happened at any place.
    size_t beginDrop(const std::string & partition);
    void endDrop(size_t drop, std::optional<uint64_t> lsn);
    bool maybeDropped(const Request & request) const;

    /// What a snapshot shows: rows of each table, read from the objects in the bucket.
    std::multiset<uint64_t> rowsOf(const SnapshotPtr & snapshot, const std::string & table);

    /// Table and view are filled by the same inserts, so they hold the same rows at every LSN.
    void checkViews(const SnapshotPtr & snapshot);

    /// A table got this version at that LSN; a part that was inserted then or later must be made for it.
    void onAlter(const Uuid & table, uint32_t version, uint64_t lsn) { alters_[{table, version}] = lsn; }
    void checkSchemas(const SnapshotPtr & snapshot);

    /// All nodes have the same state at the same LSN (I2); LSNs seen through one node never fall (I7).
    void onState(size_t node, uint64_t lsn, const std::string & hash);

    /// Each promise, against the head (I4).
    void checkPromises(const SnapshotPtr & snapshot, std::optional<int64_t> next_offset);

private:
    struct Drop
    {
        std::string partition;
        uint64_t lsn; /// 0: at no place
    };

    World & world_;
    std::vector<Drop> drops_;
    std::map<std::pair<Uuid, uint32_t>, uint64_t> alters_;
    std::map<uint64_t, std::string> hashes_;
    std::map<size_t, uint64_t> last_lsn_;
};

/// The content of a part: its rows, one number each, and a part's tail.
std::string encodeRows(const std::vector<uint64_t> & rows);
std::vector<uint64_t> decodeRows(std::string_view bytes);

}
