#pragma once
// Writes one part: sorted blocks of one partition in, the bytes of one immutable object and its summary out.
// Called by ingest (one block) and merging (a stream of blocks). Not thread-safe; one writer writes one part.
//
// write() checks nothing about the order of rows: the caller sorts. finish() ends the part; the caller then puts
// `bytes` under a fresh key with PutMode::IfAbsent. Memory: the compressed part, one page per column, the
// dictionaries, and 4 bytes a row per lookup column. Format: docs/format/part.md.

#include "parts/PartDescription.h"
#include "types/Block.h"

#include <memory>
#include <span>

namespace mangrove
{

struct PartWriteOptions : PartDescription
{
    /// Rows of a page: the unit of compression, checksum and random access. granule_rows must be a multiple of it;
    /// 0 = about 4096.
    uint64_t page_rows = 0;
    /// How hard to compress columns without a CODEC: a ZSTD level (merges use 3), or 0 for what is written to be merged
    /// soon, as inserts do: LZ4 and packed numbers (docs/decisions/005).
    int effort = 1;
};

struct WrittenPart
{
    std::string bytes;
    PartSummary summary;
};

class PartWriter
{
public:
    explicit PartWriter(PartWriteOptions options);
    ~PartWriter();
    PartWriter(const PartWriter &) = delete;

    /// The block holds every column of the description, the columns of sort_key and of the skip indexes, in any
    /// order; others are ignored. LowCardinality(T) may also come as full T; T as ColumnLowCardinality of T.
    void write(const Block & block);
    /// The same rows in another order: sorts an unsorted block page by page, without a sorted copy of all of it.
    void write(const Block & block, std::span<const uint32_t> order);
    uint64_t rows() const;
    /// Compressed bytes so far: merging ends an over-long part by it.
    uint64_t bytes() const;
    WrittenPart finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}
