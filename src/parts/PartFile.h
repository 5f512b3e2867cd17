#pragma once
// The bytes of one part object, verified and cached. PartFile answers for blobs (headers, directories, indexes);
// PageSource gathers the pages that one read needs, fetches what the cache lacks in one parallel step and hands them
// out. Used by PartReader and the column readers. PartFile is thread-safe; a PageSource belongs to one call.

#include "object_store/ObjectStore.h"
#include "parts/PageStream.h"
#include "parts/PartCache.h"

#include <mutex>
#include <unordered_map>

namespace mangrove
{

/// What cached values of a part are (PartCache::Key::what).
enum class CachedForm : uint32_t
{
    Bytes = 0,
    Directory = 1,
    ZstdDictionary = 2,
    Dictionary = 3,
    Index = 4,
    Shapes = 5,
    ColumnReader = 6,
    Suffix = 7,
    Metadata = 8,
};

class PartFile
{
public:
    PartFile(ObjectStorePtr store, std::string key, PartCachePtr cache);
    ~PartFile();

    const std::string & key() const { return key_; }
    uint64_t size() const { return size_; }
    PartCache & cache() { return *cache_; }
    ReadCosts readCosts() const { return store_->readCosts(); }
    PartCache::Key cacheKey(uint64_t offset, CachedForm form) const
    {
        return {part_, offset, static_cast<uint32_t>(form)};
    }

    /// Fetches the end of the object: the root and the tail are inside. Called once, before any other read.
    std::shared_ptr<const std::string> openSuffix(uint64_t size_hint);
    /// Bytes [offset, size) hold only small things: the first blob read from there fetches all of it. They stay in
    /// the cache, not here: readers of a hundred thousand parts may be open.
    void setMetadataBegin(uint64_t offset);
    /// Verified bytes. `what` names them in the error.
    std::shared_ptr<const std::string> readBlob(const BlobLocation & location, std::string_view what);
    /// Unverified ranges, from memory if the suffix or the metadata holds them.
    std::vector<std::string> readRanges(const std::vector<ObjectRange> & ranges);

    std::shared_ptr<const Directory> directory(const StreamLocation & location, std::string_view what);
    std::shared_ptr<const ZstdDictionary> zstdDictionary(const StreamLocation & location, std::string_view what);

    /// The value cached under (offset, form), made by `make` → {shared_ptr<const T>, bytes} if it is not there.
    template <typename T, typename Make>
    std::shared_ptr<const T> cached(uint64_t offset, CachedForm form, Make && make)
    {
        auto key = cacheKey(offset, form);
        if (auto value = cache_->getAs<T>(key))
            return value;
        auto [value, bytes] = make();
        cache_->put(key, value, bytes);
        /// Another thread may have been first: all must share one value.
        if (auto kept = cache_->getAs<T>(key))
            return kept;
        return value;
    }

    [[noreturn]] void throwVanished() const;
    [[noreturn]] void throwMismatch(std::string_view what) const;

private:
    bool inMemory(const ObjectRange & range, std::string & to);
    std::shared_ptr<const std::string> suffix() { return cache_->getAs<std::string>(cacheKey(suffix_begin_, CachedForm::Suffix)); }
    std::shared_ptr<const std::string> fetchMetadata();

    ObjectStorePtr store_;
    std::string key_;
    PartCachePtr cache_;
    uint64_t part_;
    uint64_t size_ = 0;
    uint64_t suffix_begin_ = 0;
    uint64_t metadata_begin_ = UINT64_MAX; /// of what is fetched as a whole
    std::mutex metadata_mutex_;            /// one thread fetches it
};

/// A range of pages of one part: page p holds rows [p * page_rows, …).
struct PageRange
{
    size_t begin = 0;
    size_t end = 0;
};

/// The reader's side of one stream.
struct PageStream
{
    StreamLocation location;
    std::string name; /// "column http.route": for messages
};

class PageSource
{
public:
    explicit PageSource(PartFile & file, uint64_t scan_rows = 0) : file_(file), scan_rows_(scan_rows) { }

    void want(const PageStream & stream, PageRange pages);
    /// Fetches all that is wanted and not there yet.
    void fetch();
    const Directory & directory(const PageStream & stream);
    /// Verified bytes, valid while this object lives.
    std::string_view page(const PageStream & stream, size_t page);
    PartFile & file() { return file_; }
    /// ReadOptions::scan_rows
    uint64_t scanRows() const { return scan_rows_; }

private:
    struct Pages
    {
        std::shared_ptr<const Directory> directory;
        std::unordered_map<size_t, std::shared_ptr<const std::string_view>> bytes;
        std::vector<size_t> missing;
    };
    Pages & pagesOf(const PageStream & stream);
    void keep(const PageStream & stream, Pages & pages, size_t page, std::string_view bytes,
        const std::shared_ptr<const std::string> & owner);

    PartFile & file_;
    uint64_t scan_rows_;
    std::unordered_map<const PageStream *, Pages> streams_;
};

}
