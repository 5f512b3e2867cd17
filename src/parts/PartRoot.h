#pragma once
// The root of a part: everything small that says what and where the rest is; and the tail, the fixed bytes at the very
// end that say where the root is. Written by PartWriter, read by PartReader. Format: docs/format/part.md, "Root".

#include "parts/PageStream.h"
#include "parts/PartDescription.h"

namespace mangrove
{

/// A column in the object: one of the table's, or one that only an index uses (its pages then are not pages of rows).
struct StoredColumn
{
    std::string name;
    DataTypePtr type;
    BlobLocation header;
};

/// Names of the columns behind indexes.
std::string primaryIndexName(size_t key_position);
std::string minName(const std::string & column);
std::string maxName(const std::string & column);
std::string bloomName(const std::string & index);
std::string setName(const std::string & index);
std::string setOverflowName(const std::string & index);

struct PartRoot
{
    PartDescription description;
    PartSummary summary; /// `bytes` is not stored: the object's size
    uint64_t page_rows = 0;
    uint64_t metadata_begin = 0;
    std::vector<StoredColumn> columns; /// as in description.columns
    std::vector<StoredColumn> index_columns;

    void write(WriteBuffer & out) const;
    static PartRoot read(std::string_view bytes);
};

/// Format 2 has a commit section between root and tail (PartCommit.h); format 1 has none. Format 4 sorts UUIDs by their
/// last 16 digits first, as ClickHouse does; checkUuidOrder() says which parts of before can no longer be read.
struct PartTail
{
    static constexpr size_t bytes_max = 52;
    BlobLocation root;
    BlobLocation commit{};

    uint32_t version = 0; /// as read; write() writes the newest

    uint64_t end() const { return commit.offset + commit.size; } /// where the tail begins

    void write(WriteBuffer & out) const;
    /// The last bytes of an object. CORRUPTED_DATA if they are not a part's.
    static PartTail read(std::string_view suffix, uint64_t object_size);
};

/// NOT_IMPLEMENTED if order, hashes or states of UUIDs as formats 1 and 2 have them matter to readers of the part.
void checkUuidOrder(const PartTail & tail, const PartRoot & root);

/// Stands at the beginning of the object, for people who look.
constexpr std::string_view part_magic = "MGRVPART";

void writeField(const Field & field, WriteBuffer & out);
Field readField(ReadBuffer & in, size_t depth = 0);

}
