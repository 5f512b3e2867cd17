#include "parts/PartRoot.h"

#include <algorithm>
#include <bit>

namespace mangrove
{

namespace
{

constexpr uint8_t root_version = 1;
constexpr uint32_t format_version = 8; /// each has one bit, so that a damaged bit makes none of another
constexpr size_t list_max = 1 << 20;
constexpr size_t field_depth_max = 16;

void writeStrings(const std::vector<std::string> & strings, WriteBuffer & out)
{
    out.writeVarUInt(strings.size());
    for (const auto & string : strings)
        out.writeString(string);
}

size_t readCount(ReadBuffer & in)
{
    uint64_t count = in.readVarUInt();
    /// Every element takes at least a byte.
    if (count > list_max || count > in.available())
        throwCorrupted("a list in the root of a part is too long");
    return count;
}

std::vector<std::string> readStrings(ReadBuffer & in)
{
    std::vector<std::string> strings(readCount(in));
    for (auto & string : strings)
        string = in.readString();
    return strings;
}

void writeTuple(const Tuple & tuple, WriteBuffer & out)
{
    out.writeVarUInt(tuple.size());
    for (const auto & field : tuple)
        writeField(field, out);
}

Tuple readTuple(ReadBuffer & in)
{
    Tuple tuple;
    for (size_t i = readCount(in); i > 0; --i)
        tuple.push_back(readField(in));
    return tuple;
}

void writeOrigin(const PartOrigin & origin, WriteBuffer & out)
{
    out.writePod(origin.table_uuid);
    out.writeString(origin.partition_id);
    out.writeString(origin.txn_id);
    out.writeString(origin.token);
    out.writeString(origin.node);
    out.writeVarUInt(origin.node_epoch);
    out.writeVarUInt(origin.schema_version);
    out.writePod(origin.created_ms);
    writeStrings(origin.source_parts, out);
    writeStrings(origin.sibling_parts, out);
}

PartOrigin readOrigin(ReadBuffer & in)
{
    PartOrigin origin;
    origin.table_uuid = in.readPod<UInt128>();
    origin.partition_id = in.readString();
    origin.txn_id = in.readString();
    origin.token = in.readString();
    origin.node = in.readString();
    origin.node_epoch = in.readVarUInt();
    origin.schema_version = in.readVarUInt();
    origin.created_ms = in.readPod<int64_t>();
    origin.source_parts = readStrings(in);
    origin.sibling_parts = readStrings(in);
    return origin;
}

void writeStored(const StoredColumn & column, WriteBuffer & out)
{
    out.writeString(column.name);
    out.writeString(column.type->name());
    column.header.write(out);
}

StoredColumn readStored(ReadBuffer & in)
{
    StoredColumn column;
    column.name = in.readString();
    column.type = parseDataType(in.readString());
    column.header = BlobLocation::read(in);
    return column;
}

}

std::string primaryIndexName(size_t key_position) { return fmt::format("key {}", key_position); }
std::string minName(const std::string & column) { return "min " + column; }
std::string maxName(const std::string & column) { return "max " + column; }
std::string bloomName(const std::string & index) { return "bloom_filter " + index; }
std::string setName(const std::string & index) { return "set " + index; }
std::string setOverflowName(const std::string & index) { return "set overflow " + index; }

void writeField(const Field & field, WriteBuffer & out)
{
    out.writeByte(static_cast<char>(field.value.index()));
    std::visit([&]<typename T>(const T & value)
    {
        if constexpr (std::is_same_v<T, std::string>)
            out.writeString(value);
        else if constexpr (std::is_same_v<T, Array> || std::is_same_v<T, Tuple>)
        {
            out.writeVarUInt(value.size());
            for (const auto & element : value)
                writeField(element, out);
        }
        else if constexpr (!std::is_same_v<T, Null>)
            out.writePod(value);
    }, field.value);
}

Field readField(ReadBuffer & in, size_t depth)
{
    if (depth > field_depth_max)
        throwCorrupted("a value in the root of a part is nested too deeply");
    auto readElements = [&](auto list)
    {
        for (size_t i = readCount(in); i > 0; --i)
            list.push_back(readField(in, depth + 1));
        return Field(std::move(list));
    };
    switch (in.readPod<uint8_t>())
    {
        case 0: return Null{};
        case 1: return in.readPod<uint64_t>();
        case 2: return in.readPod<int64_t>();
        case 3: return in.readPod<double>();
        case 4: return in.readString();
        case 5: return in.readPod<UInt128>();
        case 6: return readElements(Array{});
        case 7: return readElements(Tuple{});
        default: throwCorrupted("unknown kind of value in the root of a part");
    }
}

void PartRoot::write(WriteBuffer & out) const
{
    out.writePod(root_version);
    out.writeVarUInt(summary.rows);
    out.writeVarUInt(description.granule_rows);
    out.writeVarUInt(page_rows);
    out.writeVarUInt(metadata_begin);
    out.writeVarUInt(summary.uncompressed_bytes);
    out.writeVarUInt(columns.size());
    for (size_t i = 0; i < columns.size(); ++i)
    {
        writeStored(columns[i], out);
        out.writeString(description.columns[i].codec);
        out.writeVarUInt(summary.columns[i].compressed_bytes);
        out.writeVarUInt(summary.columns[i].uncompressed_bytes);
        writeField(summary.columns[i].min, out);
        writeField(summary.columns[i].max, out);
    }
    out.writeVarUInt(description.sort_key.size());
    for (const auto & key : description.sort_key)
    {
        out.writeString(key.name);
        out.writeString(key.type->name());
    }
    writeTuple(summary.first_key, out);
    writeTuple(summary.last_key, out);
    out.writeVarUInt(description.skip_indexes.size());
    for (const auto & index : description.skip_indexes)
    {
        out.writeString(index.name);
        out.writePod(index.kind);
        out.writeString(index.column);
        out.writeString(index.type->name());
        out.writeVarUInt(index.set_values_max);
        out.writePod(index.false_positive_rate);
    }
    writeStrings(description.lookup_columns, out);
    writeOrigin(description.origin, out);
    out.writeVarUInt(index_columns.size());
    for (const auto & column : index_columns)
        writeStored(column, out);
}

PartRoot PartRoot::read(std::string_view bytes)
{
    ReadBuffer in(bytes);
    if (in.readPod<uint8_t>() != root_version)
        throwCorrupted("unknown version of a part's root");
    PartRoot root;
    root.summary.rows = in.readVarUInt();
    root.description.granule_rows = in.readVarUInt();
    root.page_rows = in.readVarUInt();
    root.metadata_begin = in.readVarUInt();
    root.summary.uncompressed_bytes = in.readVarUInt();
    constexpr uint64_t rows_max = UINT32_MAX;
    uint64_t granule_rows = root.description.granule_rows;
    if (root.summary.rows > rows_max || root.page_rows == 0 || granule_rows > rows_max || granule_rows == 0
        || granule_rows % root.page_rows)
        throwCorrupted("impossible numbers of rows in the root of a part");
    for (size_t i = readCount(in); i > 0; --i)
    {
        StoredColumn column = readStored(in);
        ColumnSummary summary;
        summary.name = column.name;
        root.description.columns.push_back({column.name, column.type, in.readString()});
        summary.compressed_bytes = in.readVarUInt();
        summary.uncompressed_bytes = in.readVarUInt();
        summary.min = readField(in);
        summary.max = readField(in);
        root.summary.columns.push_back(std::move(summary));
        root.columns.push_back(std::move(column));
    }
    for (size_t i = readCount(in); i > 0; --i)
    {
        std::string name = in.readString();
        root.description.sort_key.push_back({name, parseDataType(in.readString())});
    }
    root.summary.first_key = readTuple(in);
    root.summary.last_key = readTuple(in);
    for (size_t i = readCount(in); i > 0; --i)
    {
        SkipIndex index;
        index.name = in.readString();
        index.kind = in.readPod<SkipIndexKind>();
        index.column = in.readString();
        index.type = parseDataType(in.readString());
        index.set_values_max = in.readVarUInt();
        index.false_positive_rate = in.readPod<double>();
        root.description.skip_indexes.push_back(std::move(index));
    }
    root.description.lookup_columns = readStrings(in);
    root.description.origin = readOrigin(in);
    for (size_t i = readCount(in); i > 0; --i)
        root.index_columns.push_back(readStored(in));
    return root;
}

void PartTail::write(WriteBuffer & out) const
{
    out.writePod(root.offset);
    out.writePod(root.size);
    out.writePod(root.checksum);
    out.writePod(commit.size);
    out.writePod(commit.checksum);
    out.writePod(format_version);
    out.write(part_magic);
}

PartTail PartTail::read(std::string_view suffix, uint64_t object_size)
{
    constexpr size_t ending_bytes = sizeof(uint32_t) + part_magic.size();
    if (suffix.size() < ending_bytes || !suffix.ends_with(part_magic))
        throwCorrupted("the object does not end as a part does");
    ReadBuffer ending(suffix.substr(suffix.size() - ending_bytes));
    uint32_t version = ending.readPod<uint32_t>();
    if (!std::has_single_bit(version) || version > format_version)
        throwCorrupted(fmt::format("part format {} is not known here: only 1, 2, 4 and {}", version, format_version));
    size_t bytes = version == 1 ? 36 : 52;
    if (suffix.size() < bytes)
        throwCorrupted("the object is shorter than a part's tail");
    ReadBuffer in(suffix.substr(suffix.size() - bytes));
    PartTail tail;
    tail.version = version;
    tail.root.offset = in.readPod<uint64_t>();
    tail.root.size = in.readPod<uint64_t>();
    tail.root.checksum = in.readPod<uint64_t>();
    if (version > 1)
    {
        tail.commit.size = in.readPod<uint64_t>();
        tail.commit.checksum = in.readPod<uint64_t>();
    }
    constexpr uint64_t root_bytes_max = 64ULL << 20;
    constexpr uint64_t commit_bytes_max = 512ULL << 20;
    uint64_t left = object_size - bytes;
    if (tail.root.size > root_bytes_max || tail.commit.size > commit_bytes_max
        || tail.root.size + tail.commit.size > left || tail.root.offset != left - tail.root.size - tail.commit.size
        || (tail.commit.size == 0 && tail.commit.checksum != 0))
        throwCorrupted("the tail of the part is damaged");
    tail.commit.offset = tail.root.offset + tail.root.size;
    return tail;
}

void checkUuidOrder(const PartTail & tail, const PartRoot & root)
{
    if (tail.version >= 4)
        return;
    auto check = [&](const std::string & what, const DataTypePtr & type)
    {
        if (type->name().find("UUID") != std::string::npos)
            throw Exception(ErrorCode::NOT_IMPLEMENTED, "{} has UUIDs as part format {} ordered them: insert these rows again", what, tail.version);
    };
    for (const auto & key : root.description.sort_key)
        check("Sorting key " + key.name, key.type);
    for (const auto & index : root.description.skip_indexes)
        check("Index " + index.name, index.type);
    for (const auto & column : root.description.columns)
        if (std::ranges::count(root.description.lookup_columns, column.name) || column.type->name().find("AggregateFunction") != std::string::npos)
            check("Column " + column.name, column.type);
}

}
