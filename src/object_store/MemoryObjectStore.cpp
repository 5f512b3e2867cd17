#include "object_store/MemoryObjectStore.h"

#include <algorithm>

namespace mangrove
{

PutResult MemoryObjectStore::put(const std::string & key, std::string_view bytes, PutMode mode)
{
    validateObjectKey(key);
    counters_.countPut(bytes.size());
    std::lock_guard lock(mutex_);
    auto [it, inserted] = objects_.try_emplace(key);
    if (!inserted && mode == PutMode::IfAbsent)
        return PutResult::AlreadyExists;
    it->second = {std::string(bytes), clock_.wallMs()};
    return PutResult::Created;
}

std::optional<ObjectBytes> MemoryObjectStore::get(const std::string & key)
{
    return getRange(key, {0, object_bytes_max});
}

std::optional<ObjectBytes> MemoryObjectStore::getRange(const std::string & key, ObjectRange range)
{
    validateObjectKey(key);
    std::lock_guard lock(mutex_);
    const auto it = objects_.find(key);
    if (it == objects_.end())
    {
        counters_.countGet(0);
        return std::nullopt;
    }
    const std::string & bytes = it->second.bytes;
    const uint64_t offset = std::min<uint64_t>(range.offset, bytes.size());
    ObjectBytes result{bytes.substr(offset, range.length), bytes.size()};
    counters_.countGet(result.bytes.size());
    return result;
}

std::optional<ObjectBytes> MemoryObjectStore::getSuffix(const std::string & key, uint64_t length)
{
    validateObjectKey(key);
    std::lock_guard lock(mutex_);
    const auto it = objects_.find(key);
    if (it == objects_.end())
    {
        counters_.countGet(0);
        return std::nullopt;
    }
    const std::string & bytes = it->second.bytes;
    ObjectBytes result{bytes.substr(bytes.size() - std::min<uint64_t>(length, bytes.size())), bytes.size()};
    counters_.countGet(result.bytes.size());
    return result;
}

std::optional<ObjectInfo> MemoryObjectStore::head(const std::string & key)
{
    validateObjectKey(key);
    counters_.count(&RequestCounters::heads);
    std::lock_guard lock(mutex_);
    const auto it = objects_.find(key);
    if (it == objects_.end())
        return std::nullopt;
    return ObjectInfo{key, it->second.bytes.size(), it->second.mtime_ms};
}

ListPage MemoryObjectStore::list(const std::string & prefix, const std::string & start_after, size_t limit)
{
    counters_.count(&RequestCounters::lists);
    limit = std::clamp<size_t>(limit, 1, list_limit_max);
    ListPage page;
    std::lock_guard lock(mutex_);
    auto it = start_after < prefix ? objects_.lower_bound(prefix) : objects_.upper_bound(start_after);
    for (; it != objects_.end() && it->first.starts_with(prefix); ++it)
    {
        if (page.objects.size() == limit)
        {
            page.truncated = true;
            break;
        }
        page.objects.push_back({it->first, it->second.bytes.size(), it->second.mtime_ms});
    }
    return page;
}

void MemoryObjectStore::remove(const std::string & key)
{
    validateObjectKey(key);
    counters_.count(&RequestCounters::deletes);
    std::lock_guard lock(mutex_);
    objects_.erase(key);
}

}
