#include "query/nodeMetrics.h"

#include <cctype>

namespace mangrove
{

std::vector<NodeMetric> nodeMetrics(Node & node)
{
    auto cache = node.cache()->counters();
    uint64_t parts = 0, outdated = 0, tables = 0, databases = 0;
    for (const auto & database : node.catalog().databases())
    {
        auto snapshot = node.catalog().snapshot(database);
        ++databases;
        tables += snapshot->tables().size();
        for (const auto & [uuid, table] : snapshot->tables())
            parts += table->partCount();
        outdated += node.catalog().outdatedCount(database);
    }
    auto number = [](uint64_t value) { return static_cast<int64_t>(value); };
    return {
        {"Query", number(node.processes().list().size()), "Queries in flight"},
        {"Merge", number(node.merges().list().size()), "Merges that run"},
        {"HTTPConnection", node.counters().http_connections, "HTTP connections, idle ones included"},
        {"MemoryTracking", number(NodeMemory::usedBytes()), "Bytes of memory in use: held by the allocator or resident, whichever is more"},
        {"MemoryLimit", number(NodeMemory::limit()), "Bytes of memory that the node may use (memory_bytes_max)"},
        {"PartCacheBytes", number(cache.bytes), "Bytes in the cache of part pages"},
        {"PartCacheEntries", number(cache.entries), "Entries in the cache of part pages"},
        {"PartsActive", number(parts), "Active parts"},
        {"PartsOutdated", number(outdated), "Parts whose objects wait for garbage collection"},
        {"AttachedDatabase", number(databases), "Databases"},
        {"AttachedTable", number(tables), "Tables"},
        {"Uptime", node.uptimeMs() / 1000, "Seconds since the node started"},
    };
}

std::vector<NodeEvent> requestEvents(const ObjectStoreCounters & objects)
{
    return {
        {"S3GetObject", objects.gets, "Reads of (ranges of) objects, repeated attempts included"},
        {"S3HeadObject", objects.heads, "Questions whether an object is there and how large it is"},
        {"S3PutObject", objects.puts, "Writes of objects, repeated attempts included"},
        {"S3ListObjects", objects.lists, "Listings of objects"},
        {"S3DeleteObjects", objects.deletes, "Requests to delete objects, up to 1000 each"},
        {"S3ReadRequestsRetryableErrors", objects.retries, "Attempts of any request that had to be repeated"},
        {"ReadBufferFromS3Bytes", objects.get_bytes, "Bytes read from objects"},
        {"WriteBufferFromS3Bytes", objects.put_bytes, "Bytes written to objects"},
    };
}

std::vector<NodeEvent> nodeEvents(Node & node)
{
    std::vector<NodeEvent> events;
    for (const auto & event : NodeCounters::events())
        events.push_back({event.name, node.counters().*event.value, event.description});
    auto cache = node.cache()->counters();
    events.push_back({"PartCacheHits", cache.hits, "Reads of part pages answered by the cache"});
    events.push_back({"PartCacheMisses", cache.misses, "Reads of part pages that went to the object store"});
    for (auto & event : requestEvents(node.objects().counters()))
        events.push_back(std::move(event));
    events.push_back({"CatalogPutObject", Catalog::putCount(), "Of S3PutObject: log copies, manifests, checkpoints, spilled entries; the others are parts"});
    if (const auto * background = node.background())
        for (const auto & loop : background->loops())
        {
            // "log copy" → BackgroundLogCopy
            std::string name = "Background";
            bool capital = true;
            for (char c : loop->name)
            {
                if (c != ' ')
                    name += capital ? static_cast<char>(std::toupper(c)) : c;
                capital = c == ' ';
            }
            events.push_back({name + "Runs", loop->runs, "Steps of the background loop '" + loop->name + "' that succeeded"});
            events.push_back({name + "Failures", loop->failures, "Steps of the background loop '" + loop->name + "' that failed; each is in the log"});
        }
    return events;
}

std::string prometheusText(Node & node)
{
    std::string text;
    auto add = [&](const std::string & name, const char * type, const std::string & description, auto value)
    { text += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, description, type, value); };
    for (const auto & event : nodeEvents(node))
        add("ClickHouseProfileEvents_" + event.name, "counter", event.description, event.value);
    for (const auto & metric : nodeMetrics(node))
        add("ClickHouseMetrics_" + metric.name, "gauge", metric.description, metric.value);
    uint64_t all = 0;
#define M(name, code) \
    if (auto count = Exception::thrownCount(ErrorCode::name)) \
    { \
        add("ClickHouseErrorMetric_" #name, "counter", "Exceptions with this code", count); \
        all += count; \
    }
    MANGROVE_ERROR_CODES(M)
#undef M
    add("ClickHouseErrorMetric_ALL", "counter", "Exceptions", all);
    return text;
}

}
