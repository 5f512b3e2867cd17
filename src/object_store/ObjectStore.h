#pragma once
// A bucket of immutable-by-convention objects: the only place where anything must last. Parts, manifests,
// checkpoints and log copies go through it; used by parts, catalog and background.
//
// Blocking calls, thread-safe. A missing key is an expected outcome (nullopt); everything else that goes wrong
// throws Exception(S3_ERROR, …). A put() that throws may still have happened, or happen later.
// Keys are checked by validateObjectKey() in every implementation, so that a key which one store takes is
// taken by all. Sizes are bytes, times are milliseconds since the Unix epoch by the store's clock.

#include "base/Exception.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mangrove
{

enum class PutMode
{
    Overwrite,
    IfAbsent, /// atomic: of any number of concurrent writers of a key exactly one creates it
};

enum class PutResult
{
    Created,
    AlreadyExists, /// only with IfAbsent; the object there was not written by this call
};

struct ObjectInfo
{
    std::string key;
    uint64_t size = 0;
    int64_t mtime_ms = 0;
};

struct ObjectRange
{
    uint64_t offset = 0;
    uint64_t length = 0;
};

/// The answer of a read: the bytes asked for, and how large the whole object is.
struct ObjectBytes
{
    std::string bytes;
    uint64_t object_size = 0;
};

struct ListPage
{
    std::vector<ObjectInfo> objects; /// by key, bytewise ascending
    bool truncated = false;          /// there is more: list again with start_after = objects.back().key
};

/// Requests since the store was made, in the classes object stores bill by, and what they moved.
struct ObjectStoreCounters
{
    uint64_t puts = 0;
    uint64_t gets = 0; /// reads of bytes; each range of getRanges() is one
    uint64_t heads = 0;
    uint64_t lists = 0;
    uint64_t deletes = 0; /// requests, not keys
    uint64_t retries = 0; /// attempts beyond the first, also counted in their class
    uint64_t put_bytes = 0;
    uint64_t get_bytes = 0;
};

/// What a read costs beside its bytes: readers plan by it.
struct ReadCosts
{
    uint64_t request_bytes = 32 << 10; /// a request takes as long as that many bytes of an answer
    size_t requests_at_once = 1;       /// so many under way are worth a thread each: they wait, and cost no CPU
};

/// Of a bucket behind a network: 20 ms a request, 50 MB/s a connection.
constexpr ReadCosts distant_read_costs{.request_bytes = 1 << 20, .requests_at_once = 64};

class ObjectStore
{
public:
    static constexpr size_t list_limit_max = 1000;
    static constexpr size_t remove_batch_max = 1000;
    static constexpr uint64_t object_bytes_max = 5ull << 30; /// one PUT of S3

    virtual ~ObjectStore() = default;

    virtual PutResult put(const std::string & key, std::string_view bytes, PutMode mode) = 0;

    virtual std::optional<ObjectBytes> get(const std::string & key) = 0;

    /// The part of the range that lies inside the object: fewer bytes, or none, when it reaches past the end.
    virtual std::optional<ObjectBytes> getRange(const std::string & key, ObjectRange range) = 0;

    /// The last `length` bytes (the whole object if it is shorter) in one request: how footers are read.
    virtual std::optional<ObjectBytes> getSuffix(const std::string & key, uint64_t length) = 0;

    /// Several ranges of one object, in parallel where the store can; answers in the order of `ranges`.
    virtual std::optional<std::vector<std::string>>
    getRanges(const std::string & key, const std::vector<ObjectRange> & ranges);

    virtual std::optional<ObjectInfo> head(const std::string & key) = 0;

    /// Up to `limit` (1 to list_limit_max) objects whose key begins with `prefix` and is greater than `start_after`.
    /// `prefix` is any string, not only whole components. Strongly consistent: lists what was put before.
    virtual ListPage list(const std::string & prefix, const std::string & start_after, size_t limit) = 0;

    /// Idempotent: removing what is not there succeeds.
    virtual void remove(const std::string & key) = 0;

    /// Any number of keys, sent in batches of remove_batch_max. Stops at the first failure; may be repeated.
    virtual void removeMany(const std::vector<std::string> & keys);

    virtual ReadCosts readCosts() const { return {}; }

    virtual ObjectStoreCounters counters() const = 0;

    /// For messages and system tables: scheme and place, never a credential.
    virtual std::string describe() const = 0;
};

using ObjectStorePtr = std::shared_ptr<ObjectStore>;

/// Throws BAD_ARGUMENTS unless `key` is 1 to 1024 bytes of '/'-separated components of 1 to 255 bytes each, none
/// of them "." or "..", without control characters, and not below the reserved component ".tmp".
void validateObjectKey(std::string_view key);

/// "file:///dir", "memory://", "s3://bucket/prefix?endpoint=…&region=…&access_key=…&secret_key=…" (the parameters
/// are listed in S3Config.h; credentials default to the AWS_… environment variables). Any of them takes
/// `add_latency_ms=20`: every request then sleeps first, as a distant bucket would make it.
ObjectStorePtr makeObjectStore(const std::string & url);

}
