#include "parts/PartFile.h"

#include "io/Checksum.h"

#include <algorithm>

namespace mangrove
{

namespace
{

/// How much of the end of an object is read first: with the metadata of a large part, if a request costs more than it.
constexpr uint64_t suffix_bytes_min = 64 << 10;
constexpr uint64_t metadata_share = 32;
/// Metadata that takes no longer than so many requests comes in one read; beyond that each blob by itself.
constexpr uint64_t metadata_requests_max = 8;
constexpr uint64_t metadata_bytes_max = 8ULL << 20;
constexpr uint64_t read_bytes_max = 16ULL << 20;
constexpr uint64_t gap_bytes_min = 32 << 10;

}

PartFile::PartFile(ObjectStorePtr store, std::string key, PartCachePtr cache)
    : store_(std::move(store)), key_(std::move(key)), cache_(std::move(cache)), part_(cache_->registerPart())
{
}

PartFile::~PartFile()
{
    cache_->erasePart(part_);
}

void PartFile::throwVanished() const
{
    throw Exception(ErrorCode::SNAPSHOT_EXPIRED,
        "Part {} is gone from {}: the snapshot of this query has expired, run it again", key_, store_->describe());
}

void PartFile::throwMismatch(std::string_view what) const
{
    throw Exception(
        ErrorCode::CHECKSUM_DOESNT_MATCH, "Part {}: checksum of {} does not match: the object is damaged", key_, what);
}

std::shared_ptr<const std::string> PartFile::openSuffix(uint64_t size_hint)
{
    uint64_t wanted = std::clamp(size_hint / metadata_share, suffix_bytes_min, std::max(suffix_bytes_min, store_->readCosts().request_bytes));
    auto answer = store_->getSuffix(key_, wanted);
    if (!answer)
        throwVanished();
    size_ = answer->object_size;
    if (answer->bytes.size() > size_ || (size_hint && size_hint != size_))
        throw Exception(ErrorCode::CORRUPTED_DATA, "Part {} has {} bytes instead of {}", key_, size_, size_hint);
    suffix_begin_ = size_ - answer->bytes.size();
    auto suffix = std::make_shared<const std::string>(std::move(answer->bytes));
    cache_->put(cacheKey(suffix_begin_, CachedForm::Suffix), suffix, suffix->size());
    return suffix;
}

void PartFile::setMetadataBegin(uint64_t offset)
{
    const uint64_t worth_bytes = metadata_requests_max * store_->readCosts().request_bytes;
    if (size_ - offset <= std::min({worth_bytes, metadata_bytes_max, cache_->valueBytesMax()}))
        metadata_begin_ = offset;
}

/// [metadata_begin_, size_), with the suffix if the cache still has it.
std::shared_ptr<const std::string> PartFile::fetchMetadata()
{
    std::lock_guard lock(metadata_mutex_);
    return cached<std::string>(metadata_begin_, CachedForm::Metadata, [&]
    {
        auto suffix = metadata_begin_ < suffix_begin_ ? this->suffix() : nullptr;
        uint64_t end = suffix ? suffix_begin_ : size_;
        auto answer = store_->getRange(key_, {metadata_begin_, end - metadata_begin_});
        if (!answer)
            throwVanished();
        if (answer->bytes.size() != end - metadata_begin_)
            throwCorrupted(fmt::format("Part {} is shorter than it was", key_));
        if (suffix)
            answer->bytes += *suffix;
        auto metadata = std::make_shared<const std::string>(std::move(answer->bytes));
        return std::pair(metadata, metadata->size());
    });
}

bool PartFile::inMemory(const ObjectRange & range, std::string & to)
{
    if (range.offset >= suffix_begin_)
        if (auto bytes = suffix())
        {
            to = bytes->substr(range.offset - suffix_begin_, range.length);
            return true;
        }
    if (range.offset < metadata_begin_)
        return false;
    to = fetchMetadata()->substr(range.offset - metadata_begin_, range.length);
    return true;
}

std::vector<std::string> PartFile::readRanges(const std::vector<ObjectRange> & ranges)
{
    std::vector<std::string> result(ranges.size());
    std::vector<ObjectRange> remote;
    std::vector<size_t> positions;
    for (size_t i = 0; i < ranges.size(); ++i)
    {
        if (ranges[i].offset > size_ || ranges[i].length > size_ - ranges[i].offset)
            throwCorrupted(fmt::format(
                "Part {}: range {}+{} is outside of its {} bytes", key_, ranges[i].offset, ranges[i].length, size_));
        if (!inMemory(ranges[i], result[i]))
        {
            remote.push_back(ranges[i]);
            positions.push_back(i);
        }
    }
    if (remote.size() == 1)
    {
        auto answer = store_->getRange(key_, remote[0]);
        if (!answer)
            throwVanished();
        result[positions[0]] = std::move(answer->bytes);
    }
    else if (!remote.empty())
    {
        auto answers = store_->getRanges(key_, remote);
        if (!answers)
            throwVanished();
        for (size_t i = 0; i < remote.size(); ++i)
            result[positions[i]] = std::move((*answers)[i]);
    }
    for (size_t i = 0; i < ranges.size(); ++i)
        if (result[i].size() != ranges[i].length)
            throwCorrupted(fmt::format("Part {} ended at byte {}", key_, ranges[i].offset + result[i].size()));
    return result;
}

std::shared_ptr<const std::string> PartFile::readBlob(const BlobLocation & location, std::string_view what)
{
    return cached<std::string>(location.offset, CachedForm::Bytes, [&]
    {
        auto bytes = std::make_shared<const std::string>(
            location.size ? std::move(readRanges({{location.offset, location.size}})[0]) : std::string());
        if (location.size && xxh3(*bytes) != location.checksum)
            throwMismatch(what);
        return std::pair(bytes, bytes->size());
    });
}

std::shared_ptr<const Directory> PartFile::directory(const StreamLocation & location, std::string_view what)
{
    /// A stream without pages shares its offset with the next one: keyed by where the directory stands.
    return cached<Directory>(location.directory.offset, CachedForm::Directory,
        [&]
        {
            auto bytes = std::make_shared<const std::string>(
                std::move(readRanges({{location.directory.offset, location.directory.size}})[0]));
            if (xxh3(*bytes) != location.directory.checksum)
                throwMismatch(fmt::format("the page directory of {}", what));
            auto directory = std::make_shared<const Directory>(Directory::parse(*bytes, location));
            return std::pair(directory, directory->byteSize());
        });
}

std::shared_ptr<const ZstdDictionary> PartFile::zstdDictionary(const StreamLocation & location, std::string_view what)
{
    if (location.dictionary.size == 0)
        return nullptr;
    return cached<ZstdDictionary>(location.dictionary.offset, CachedForm::ZstdDictionary, [&]
    {
        auto content = readBlob(location.dictionary, fmt::format("the compression dictionary of {}", what));
        /// ZSTD's prepared tables take about 30 KB beside the content.
        return std::pair(std::make_shared<const ZstdDictionary>(*content, 0), content->size() + (32 << 10));
    });
}

PageSource::Pages & PageSource::pagesOf(const PageStream & stream)
{
    Pages & pages = streams_[&stream];
    if (!pages.directory)
        pages.directory = file_.directory(stream.location, stream.name);
    return pages;
}

const Directory & PageSource::directory(const PageStream & stream)
{
    return *pagesOf(stream).directory;
}

void PageSource::want(const PageStream & stream, PageRange range)
{
    Pages & pages = pagesOf(stream);
    for (size_t page = range.begin; page < std::min(range.end, pages.directory->pages()); ++page)
    {
        uint64_t offset = pages.directory->offsets[page];
        if (offset == pages.directory->offsets[page + 1] || pages.bytes.contains(page))
            continue;
        if (auto cached = file_.cache().getAs<std::string_view>(file_.cacheKey(offset, CachedForm::Bytes)))
            pages.bytes.emplace(page, std::move(cached));
        else
            pages.missing.push_back(page);
    }
}

void PageSource::keep(const PageStream & stream, Pages & pages, size_t page, std::string_view bytes,
    const std::shared_ptr<const std::string> & owner)
{
    if (xxh3(bytes) != pages.directory->checksums[page])
        file_.throwMismatch(fmt::format("page {} of {}", page, stream.name));
    struct Owned
    {
        std::shared_ptr<const std::string> owner;
        std::string_view view;
    };
    auto owned = std::make_shared<const Owned>(Owned{owner, bytes});
    std::shared_ptr<const std::string_view> view(owned, &owned->view);
    pages.bytes[page] = view;
    file_.cache().put(file_.cacheKey(pages.directory->offsets[page], CachedForm::Bytes), view, bytes.size());
}

void PageSource::fetch()
{
    struct Wanted
    {
        uint64_t begin;
        uint64_t end;
        const PageStream * stream;
        Pages * pages;
        size_t page;
    };
    std::vector<Wanted> wanted;
    for (auto & [stream, pages] : streams_)
    {
        std::sort(pages.missing.begin(), pages.missing.end());
        pages.missing.erase(std::unique(pages.missing.begin(), pages.missing.end()), pages.missing.end());
        for (size_t page : pages.missing)
            if (!pages.bytes.contains(page))
                wanted.push_back(
                    {pages.directory->offsets[page], pages.directory->offsets[page + 1], stream, &pages, page});
        pages.missing.clear();
    }
    if (wanted.empty())
        return;
    std::sort(wanted.begin(), wanted.end(), [](const Wanted & a, const Wanted & b) { return a.begin < b.begin; });
    /// Pages closer than this are read together. Distant ones are read at once: more requests, but no more time.
    const uint64_t gap_bytes_max = std::max(gap_bytes_min, file_.readCosts().request_bytes / 4);
    std::vector<ObjectRange> ranges;
    std::vector<size_t> range_of;
    for (const auto & one : wanted)
    {
        bool joins = !ranges.empty() && one.begin <= ranges.back().offset + ranges.back().length + gap_bytes_max
            && one.end - ranges.back().offset <= read_bytes_max;
        if (joins)
            ranges.back().length = std::max(ranges.back().length, one.end - ranges.back().offset);
        else
            ranges.push_back({one.begin, one.end - one.begin});
        range_of.push_back(ranges.size() - 1);
    }
    std::vector<std::shared_ptr<const std::string>> bytes;
    for (auto & answer : file_.readRanges(ranges))
        bytes.push_back(std::make_shared<const std::string>(std::move(answer)));
    for (size_t i = 0; i < wanted.size(); ++i)
    {
        const auto & owner = bytes[range_of[i]];
        std::string_view view = std::string_view(*owner).substr(
            wanted[i].begin - ranges[range_of[i]].offset, wanted[i].end - wanted[i].begin);
        keep(*wanted[i].stream, *wanted[i].pages, wanted[i].page, view, owner);
    }
}

std::string_view PageSource::page(const PageStream & stream, size_t page)
{
    Pages & pages = pagesOf(stream);
    if (page >= pages.directory->pages())
        throwCorrupted(fmt::format("{} has no page {}", stream.name, page));
    if (pages.directory->offsets[page] == pages.directory->offsets[page + 1])
        return {};
    auto found = pages.bytes.find(page);
    if (found == pages.bytes.end())
    {
        want(stream, {page, page + 1});
        fetch();
        found = pages.bytes.find(page);
    }
    return *found->second;
}

}
