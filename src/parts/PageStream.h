#pragma once
// A stream is a sequence of pages of one kind; page i of every stream of a part belongs to the same rows. StreamWriter
// collects them; StreamLocation says where they and their directory are; Directory is the decoded directory.
// Used by the column writers and readers. Format: docs/format/part.md, "Streams".

#include "io/ReadBuffer.h"
#include "io/WriteBuffer.h"
#include "parts/IntegerPage.h"

#include <string>
#include <vector>

namespace mangrove
{

/// A byte range of the object, with the XXH3-64 of its bytes.
struct BlobLocation
{
    uint64_t offset = 0;
    uint64_t size = 0;
    uint64_t checksum = 0;
    void write(WriteBuffer & out) const;
    static BlobLocation read(ReadBuffer & in);
};

struct StreamLocation
{
    uint64_t offset = 0; /// of the first page; pages follow each other
    uint64_t size = 0;
    uint64_t pages = 0;
    BlobLocation directory;
    BlobLocation dictionary; /// ZSTD dictionary content; size 0 = none
    void write(WriteBuffer & out) const;
    static StreamLocation read(ReadBuffer & in);
};

struct Directory
{
    std::vector<uint64_t> offsets; /// pages + 1, absolute
    std::vector<uint32_t> elements;
    std::vector<uint64_t> checksums;

    size_t pages() const { return elements.size(); }
    uint64_t elementsIn(size_t begin, size_t end) const;
    size_t byteSize() const { return sizeof(*this) + elements.size() * 20; }
    /// Checks that the pages lie inside the stream: CORRUPTED_DATA.
    static Directory parse(std::string_view bytes, const StreamLocation & location);
};

/// Elements (of arrays, say) in the rows of one page: bounds what a directory can make a reader allocate.
constexpr uint64_t page_elements_max = 1ULL << 25;

class StreamWriter
{
public:
    void add(std::string_view page, size_t elements);
    size_t pages() const { return sizes_.size(); }
    uint64_t bytes() const { return bytes_; }

    /// finish(), called by PartWriter: the pages and then the directory go into the object.
    void placePages(std::string & object);
    void placeDirectory(std::string & object, std::string_view zstd_dictionary);
    const StreamLocation & location() const { return location_; }

private:
    std::vector<std::string> chunks_; /// the pages, each chunk as large as all before it: none moves when more come
    uint64_t bytes_ = 0;
    PodVector<uint32_t> sizes_;
    PodVector<uint32_t> elements_;
    std::string checksums_;
    StreamLocation location_;
};

BlobLocation placeBlob(std::string & object, std::string_view bytes);

}
