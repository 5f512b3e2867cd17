#include "object_store/FaultyObjectStore.h"

namespace mangrove
{

FaultyObjectStore::FaultyObjectStore(ObjectStorePtr base, uint64_t seed, ObjectStoreFaults faults, Clock & clock)
    : base_(std::move(base)), clock_(clock), random_(seed), faults_(faults)
{
}

bool FaultyObjectStore::fires(double chance, const char * name)
{
    if (!random_.chance(chance))
        return false;
    ++fired_[name];
    return true;
}

void FaultyObjectStore::begin(const char * what, const std::string & key)
{
    int64_t latency_ms = 0;
    bool fails = false;
    std::deque<LatePut> landing;
    {
        std::lock_guard lock(mutex_);
        if (faults_.latency_ms_max > 0)
            latency_ms = static_cast<int64_t>(random_.below(static_cast<uint64_t>(faults_.latency_ms_max) + 1));
        for (auto it = late_puts_.begin(); it != late_puts_.end();)
        {
            if (it->requests_left-- > 0)
            {
                ++it;
                continue;
            }
            landing.push_back(std::move(*it));
            it = late_puts_.erase(it);
        }
        fails = fires(faults_.fail_before, "fail_before");
    }
    if (latency_ms > 0)
        clock_.sleepMs(latency_ms);
    for (const LatePut & late : landing)
        (void)base_->put(late.key, late.bytes, late.mode);
    if (fails)
        throw Exception(ErrorCode::S3_ERROR, "Injected fault: {} of '{}' failed", what, key);
}

void FaultyObjectStore::maybeLoseReply(const char * what, const std::string & key)
{
    std::unique_lock lock(mutex_);
    if (!fires(faults_.lose_reply, "lose_reply"))
        return;
    lock.unlock();
    throw Exception(ErrorCode::S3_ERROR, "Injected fault: the reply to {} of '{}' was lost", what, key);
}

PutResult FaultyObjectStore::put(const std::string & key, std::string_view bytes, PutMode mode)
{
    validateObjectKey(key);
    begin("put", key);
    {
        std::unique_lock lock(mutex_);
        if (fires(faults_.put_late, "put_late"))
        {
            late_puts_.push_back({key, std::string(bytes), mode, random_.below(faults_.late_requests_max)});
            lock.unlock();
            throw Exception(ErrorCode::S3_ERROR, "Injected fault: put of '{}' timed out and is under way", key);
        }
    }
    const PutResult result = base_->put(key, bytes, mode);
    maybeLoseReply("put", key);
    return result;
}

std::optional<ObjectBytes> FaultyObjectStore::get(const std::string & key)
{
    begin("get", key);
    return base_->get(key);
}

std::optional<ObjectBytes> FaultyObjectStore::getRange(const std::string & key, ObjectRange range)
{
    begin("getRange", key);
    return base_->getRange(key, range);
}

std::optional<ObjectBytes> FaultyObjectStore::getSuffix(const std::string & key, uint64_t length)
{
    begin("getSuffix", key);
    return base_->getSuffix(key, length);
}

std::optional<std::vector<std::string>>
FaultyObjectStore::getRanges(const std::string & key, const std::vector<ObjectRange> & ranges)
{
    begin("getRanges", key);
    return base_->getRanges(key, ranges);
}

std::optional<ObjectInfo> FaultyObjectStore::head(const std::string & key)
{
    begin("head", key);
    return base_->head(key);
}

ListPage FaultyObjectStore::list(const std::string & prefix, const std::string & start_after, size_t limit)
{
    begin("list", prefix);
    return base_->list(prefix, start_after, limit);
}

void FaultyObjectStore::remove(const std::string & key)
{
    begin("remove", key);
    base_->remove(key);
    maybeLoseReply("remove", key);
}

void FaultyObjectStore::removeMany(const std::vector<std::string> & keys)
{
    const std::string first = keys.empty() ? "" : keys.front();
    begin("removeMany", first);
    base_->removeMany(keys);
    maybeLoseReply("removeMany", first);
}

void FaultyObjectStore::setFaults(ObjectStoreFaults faults)
{
    std::lock_guard lock(mutex_);
    faults_ = faults;
}

size_t FaultyObjectStore::landLatePuts()
{
    std::deque<LatePut> landing;
    {
        std::lock_guard lock(mutex_);
        landing.swap(late_puts_);
    }
    for (const LatePut & late : landing)
        (void)base_->put(late.key, late.bytes, late.mode);
    return landing.size();
}

std::map<std::string, uint64_t> FaultyObjectStore::fired() const
{
    std::lock_guard lock(mutex_);
    return fired_;
}

}
