#include "query/Node.h"

#include <thread>

namespace mangrove
{

void ProcessList::add(std::shared_ptr<RunningQuery> query, size_t queries_max)
{
    std::lock_guard lock(mutex_);
    if (queries_max && queries_.size() >= queries_max)
        throw Exception(ErrorCode::TOO_MANY_SIMULTANEOUS_QUERIES, "Too many simultaneous queries: maximum {}", queries_max);
    if (!queries_.emplace(query->query_id, query).second)
        throw Exception(ErrorCode::QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING, "Query with id = {} is already running", query->query_id);
}

void ProcessList::remove(const std::string & query_id)
{
    std::lock_guard lock(mutex_);
    queries_.erase(query_id);
}

std::vector<std::shared_ptr<RunningQuery>> ProcessList::list() const
{
    std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<RunningQuery>> queries;
    for (const auto & [id, query] : queries_)
        queries.push_back(query);
    return queries;
}

bool ProcessList::cancel(const std::string & query_id)
{
    std::lock_guard lock(mutex_);
    auto it = queries_.find(query_id);
    if (it == queries_.end())
        return false;
    it->second->context->cancel();
    return true;
}

void ProcessList::cancelAll()
{
    std::lock_guard lock(mutex_);
    for (auto & [id, query] : queries_)
        query->context->cancel();
}

Node::Node(NodeConfig config, ObjectStorePtr objects, std::unique_ptr<Catalog> catalog, Clock & clock)
    : config_(std::move(config)), objects_(std::move(objects)), catalog_(std::move(catalog)), clock_(clock), started_ms_(clock.monotonicMs()),
      cache_(std::make_shared<PartCache>(config_.cache_bytes_max))
{
    if (!config_.query_threads)
        config_.query_threads = std::max(1u, std::thread::hardware_concurrency());
}

Node::~Node() = default;

PartReaderPtr Node::openPart(const PartInfo & part)
{
    {
        std::lock_guard lock(readers_mutex_);
        if (auto it = reader_of_.find(part.object_key); it != reader_of_.end())
        {
            readers_.splice(readers_.begin(), readers_, it->second);
            return it->second->second;
        }
    }
    MemoryScope memory(nullptr); // it stays open after the query
    auto reader = PartReader::open(objects_, part.object_key, part.bytes, cache_);
    std::lock_guard lock(readers_mutex_);
    if (auto it = reader_of_.find(part.object_key); it != reader_of_.end())
        return it->second->second;
    readers_.emplace_front(part.object_key, reader);
    reader_of_[part.object_key] = readers_.begin();
    if (readers_.size() > open_parts_max)
    {
        reader_of_.erase(readers_.back().first);
        readers_.pop_back();
    }
    return reader;
}

void Node::dropCaches()
{
    std::list<std::pair<std::string, PartReaderPtr>> closed; // destroyed outside of the lock
    std::lock_guard lock(readers_mutex_);
    reader_of_.clear();
    closed.swap(readers_);
    cache_->clear();
}

std::string Node::newQueryId()
{
    return catalog_->newUuid().toString();
}

}
