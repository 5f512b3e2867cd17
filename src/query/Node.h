#pragma once
// Everything a running node has: catalog, objects, caches, queries in flight, logs. Made in main, passed by reference
// to executeQuery(), the protocol handlers and the background runner. Thread-safe.

#include "background/BackgroundRunner.h"
#include "background/MergeClaims.h"
#include "background/MergeList.h"
#include "base/Clock.h"
#include "catalog/Catalog.h"
#include "exec/QueryContext.h"
#include "object_store/ObjectStore.h"
#include "parts/PartReader.h"
#include "query/NodeCounters.h"
#include "query/QueryLog.h"
#include "query/Settings.h"

#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace mangrove
{

struct NodeConfig
{
    std::string data_dir = "mangrove-data";
    std::string object_store;    /// "" = file://<data_dir>/objects
    std::string keeper = "embedded";
    std::string node_name = "node1";
    std::string listen_host = "127.0.0.1";
    uint64_t cache_bytes_max = 1ULL << 30;
    uint64_t memory_bytes_max = 0; /// 0: 80 % of the machine's or the container's
    uint64_t query_threads = 0;    /// max_threads by default; 0: cores
    std::string version = "25.8.1.1";
};

/// One query in flight: system.processes.
struct RunningQuery
{
    std::string query_id, text, user, database, kind;
    uint8_t interface = 0; /// Session's
    int64_t started_us = 0;
    std::map<std::string, std::string> settings; /// those changed
    std::shared_ptr<QueryContext> context;
};

class ProcessList
{
public:
    /// QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING (216), TOO_MANY_SIMULTANEOUS_QUERIES (202).
    void add(std::shared_ptr<RunningQuery> query, size_t queries_max);
    void remove(const std::string & query_id);
    std::vector<std::shared_ptr<RunningQuery>> list() const;
    /// False if there is none.
    bool cancel(const std::string & query_id);
    void cancelAll();

private:
    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::shared_ptr<RunningQuery>> queries_;
};

class Node
{
public:
    Node(NodeConfig config, ObjectStorePtr objects, std::unique_ptr<Catalog> catalog, Clock & clock);
    ~Node();

    const NodeConfig & config() const { return config_; }
    Catalog & catalog() { return *catalog_; }
    ObjectStore & objects() { return *objects_; }
    ObjectStorePtr objectsPtr() { return objects_; }
    Clock & clock() { return clock_; }
    ProcessList & processes() { return processes_; }
    QueryLog & queryLog() { return query_log_; }
    PartLog & partLog() { return part_log_; }
    LastErrors & lastErrors() { return last_errors_; }
    NodeCounters & counters() { return counters_; }
    MergeClaims & mergeClaims() { return merge_claims_; }
    MergeList & merges() { return merges_; }
    /// The loops whose runs system.events counts; null once they have stopped.
    void setBackground(const BackgroundRunner * background) { background_ = background; }
    const BackgroundRunner * background() const { return background_; }
    PartCachePtr cache() { return cache_; }
    int64_t uptimeMs() const { return clock_.monotonicMs() - started_ms_; }

    /// The reader of a part, kept open for the next query; bounded, least recently used out first.
    PartReaderPtr openPart(const PartInfo & part);
    /// Forgets what has been read of parts (queries that run keep what they use): SYSTEM DROP … CACHE.
    void dropCaches();
    std::string newQueryId();

private:
    NodeConfig config_;
    ObjectStorePtr objects_;
    std::unique_ptr<Catalog> catalog_;
    Clock & clock_;
    int64_t started_ms_;
    PartCachePtr cache_;
    ProcessList processes_;
    QueryLog query_log_;
    PartLog part_log_;
    LastErrors last_errors_;
    NodeCounters counters_;
    MergeClaims merge_claims_;
    MergeList merges_;
    std::atomic<const BackgroundRunner *> background_{nullptr};

    /// An open reader takes some 36 KB for the 30 columns of `spans` (docs/decisions/004).
    static constexpr size_t open_parts_max = 20'000;
    std::mutex readers_mutex_;
    std::list<std::pair<std::string, PartReaderPtr>> readers_; /// most recent first
    std::unordered_map<std::string, std::list<std::pair<std::string, PartReaderPtr>>::iterator> reader_of_;
};

}
