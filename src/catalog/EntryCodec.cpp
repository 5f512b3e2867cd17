#include "catalog/EntryCodec.h"

#include "base/Exception.h"

#include <xxhash.h>

namespace mangrove
{

namespace
{

constexpr char entry_magic = 'E';
constexpr char spilled_magic = 'S';
constexpr size_t checksum_bytes = 8;

template <typename T, typename Encode>
void encodeList(Encoder & out, const std::vector<T> & items, Encode encode)
{
    out.count(items.size());
    for (const auto & item : items)
        encode(out, item);
}

template <typename Decode>
auto decodeList(Decoder & in, size_t item_bytes_min, Decode decode)
{
    std::vector<decltype(decode(in))> items;
    size_t count = in.count(item_bytes_min);
    items.reserve(count);
    for (size_t i = 0; i < count; ++i)
        items.push_back(decode(in));
    return items;
}

void putUuid(Encoder & out, const Uuid & value) { out.uuid(value); }
Uuid getUuid(Decoder & in) { return in.uuid(); }
void putString(Encoder & out, const std::string & value) { out.string(value); }
std::string getString(Decoder & in) { return in.string(); }

void encodeOptional(Encoder & out, const std::optional<int64_t> & value)
{
    out.u8(value.has_value());
    if (value)
        out.i64(*value);
}

std::optional<int64_t> decodeOptional(Decoder & in)
{
    if (in.boolean())
        return in.i64();
    return std::nullopt;
}

void encodeColumn(Encoder & out, const ColumnSchema & column)
{
    out.string(column.name);
    out.string(column.type);
    out.u8(static_cast<uint8_t>(column.default_kind));
    out.string(column.default_expression);
    out.string(column.codec);
    out.string(column.ttl);
    out.string(column.comment);
    out.u32(column.added_in_version);
}

ColumnSchema decodeColumn(Decoder & in)
{
    ColumnSchema column;
    column.name = in.string();
    column.type = in.string();
    uint8_t kind = in.u8();
    if (kind > static_cast<uint8_t>(DefaultKind::Ephemeral))
        in.fail("unknown kind of default");
    column.default_kind = static_cast<DefaultKind>(kind);
    column.default_expression = in.string();
    column.codec = in.string();
    column.ttl = in.string();
    column.comment = in.string();
    column.added_in_version = in.u32();
    return column;
}

void encodeBody(Encoder &, const Noop &) { }
void decodeBody(Decoder &, Noop &) { }

void encodeBody(Encoder & out, const CreateTables & body)
{
    encodeList(out, body.tables, encodeSchema);
    encodeList(out, body.replaces, putUuid);
    encodeList(out, body.parts, encodePart);
}

void decodeBody(Decoder & in, CreateTables & body)
{
    body.tables = decodeList(in, 64, decodeSchema);
    body.replaces = decodeList(in, 16, getUuid);
    body.parts = decodeList(in, 64, decodePart);
}

void encodeBody(Encoder & out, const DropTables & body) { encodeList(out, body.tables, putUuid); }
void decodeBody(Decoder & in, DropTables & body) { body.tables = decodeList(in, 16, getUuid); }

void encodeBody(Encoder & out, const RenameTables & body)
{
    encodeList(out, body.renames, [](Encoder & o, const auto & r) { o.uuid(r.table); o.string(r.name); });
}

void decodeBody(Decoder & in, RenameTables & body)
{
    body.renames = decodeList(in, 17, [](Decoder & i)
    {
        RenameTables::Rename rename;
        rename.table = i.uuid();
        rename.name = i.string();
        return rename;
    });
}

void encodeBody(Encoder & out, const AlterTable & body)
{
    out.u32(body.from_version);
    encodeSchema(out, body.schema);
}

void decodeBody(Decoder & in, AlterTable & body)
{
    body.from_version = in.u32();
    body.schema = decodeSchema(in);
}

void encodeBody(Encoder & out, const Insert & body)
{
    encodeList(out, body.targets, [](Encoder & o, const InsertTarget & t)
    {
        o.uuid(t.table);
        o.u32(t.schema_version);
        o.u64(t.views_version);
    });
    encodeList(out, body.parts, encodePart);
    encodeList(out, body.tokens, [](Encoder & o, const InsertToken & t) { o.uuid(t.table); o.string(t.token); });
    encodeList(out, body.offsets, [](Encoder & o, const OffsetMove & m)
    {
        o.string(m.stream);
        o.u32(static_cast<uint32_t>(m.partition));
        encodeOptional(o, m.from);
        o.i64(m.next);
    });
}

void decodeBody(Decoder & in, Insert & body)
{
    body.targets = decodeList(in, 28, [](Decoder & i)
    {
        InsertTarget target;
        target.table = i.uuid();
        target.schema_version = i.u32();
        target.views_version = i.u64();
        return target;
    });
    body.parts = decodeList(in, 64, decodePart);
    body.tokens = decodeList(in, 17, [](Decoder & i)
    {
        InsertToken token;
        token.table = i.uuid();
        token.token = i.string();
        return token;
    });
    body.offsets = decodeList(in, 14, [](Decoder & i)
    {
        OffsetMove move;
        move.stream = i.string();
        move.partition = static_cast<int32_t>(i.u32());
        move.from = decodeOptional(i);
        move.next = i.i64();
        return move;
    });
}

void encodeBody(Encoder & out, const Merge & body)
{
    out.uuid(body.table);
    encodeList(out, body.sources, putUuid);
    out.u8(body.result.has_value());
    if (body.result)
        encodePart(out, *body.result);
}

void decodeBody(Decoder & in, Merge & body)
{
    body.table = in.uuid();
    body.sources = decodeList(in, 16, getUuid);
    if (in.boolean())
        body.result = decodePart(in);
}

void encodeBody(Encoder & out, const DropRanges & body)
{
    encodeList(out, body.ranges, [](Encoder & o, const DropRange & range)
    {
        o.uuid(range.table);
        o.u8(static_cast<uint8_t>(range.scope));
        encodeList(o, range.partition_ids, putString);
        encodeList(o, range.parts, putUuid);
    });
}

void decodeBody(Decoder & in, DropRanges & body)
{
    body.ranges = decodeList(in, 19, [](Decoder & i)
    {
        DropRange range;
        range.table = i.uuid();
        uint8_t scope = i.u8();
        if (scope > static_cast<uint8_t>(DropRange::Scope::Parts))
            i.fail("unknown scope of a drop");
        range.scope = static_cast<DropRange::Scope>(scope);
        range.partition_ids = decodeList(i, 1, getString);
        range.parts = decodeList(i, 16, getUuid);
        return range;
    });
}

void encodeBody(Encoder & out, const Purged & body) { encodeList(out, body.parts, putUuid); }
void decodeBody(Decoder & in, Purged & body) { body.parts = decodeList(in, 16, getUuid); }
void encodeBody(Encoder & out, const FenceEpoch & body) { out.u64(body.epoch); }
void decodeBody(Decoder & in, FenceEpoch & body) { body.epoch = in.u64(); }

void encodeBody(Encoder & out, const SetOptions & body)
{
    out.count(body.options.size());
    for (const auto & [name, value] : body.options)
    {
        out.string(name);
        out.i64(value);
    }
}

void decodeBody(Decoder & in, SetOptions & body)
{
    for (size_t left = in.count(9); left > 0; --left)
    {
        auto name = in.string();
        body.options[name] = in.i64();
    }
}

void encodeBody(Encoder &, const DropDatabase &) { }
void decodeBody(Decoder &, DropDatabase &) { }

template <size_t index = 0>
void decodeBodyOfKind(Decoder & in, size_t kind, EntryBody & body)
{
    if constexpr (index < std::variant_size_v<EntryBody>)
    {
        if (kind == index)
            decodeBody(in, body.emplace<index>());
        else
            decodeBodyOfKind<index + 1>(in, kind, body);
    }
    else
        in.fail("unknown kind of entry");
}

void encodeHead(Encoder & out, const LogEntry & entry)
{
    out.u64(entry.id.epoch);
    out.u64(entry.id.number);
    out.u64(entry.oldest_undecided);
    out.i64(entry.time_ms);
}

void decodeHead(Decoder & in, LogEntry & entry)
{
    entry.id.epoch = in.u64();
    entry.id.number = in.u64();
    entry.oldest_undecided = in.u64();
    entry.time_ms = in.i64();
}

/// What precedes the checksum; checks it.
std::string_view withoutChecksum(std::string_view bytes, std::string_view what)
{
    Decoder probe(bytes, what);
    if (bytes.size() < checksum_bytes)
        probe.fail("shorter than its checksum");
    auto content = bytes.substr(0, bytes.size() - checksum_bytes);
    Decoder tail(bytes.substr(content.size()), what);
    if (tail.u64() != checksumOf(content))
        probe.fail("checksum does not match");
    return content;
}

void appendChecksum(Encoder & out)
{
    out.u64(checksumOf(out.bytes()));
}

}

uint64_t checksumOf(std::string_view bytes)
{
    return XXH3_64bits(bytes.data(), bytes.size());
}

void Encoder::fixed(uint64_t value, int width)
{
    for (int i = 0; i < width; ++i)
        out_.push_back(static_cast<char>(value >> (8 * i)));
}

void Encoder::count(uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        u8(static_cast<uint8_t>(value | 0x80));
    u8(static_cast<uint8_t>(value));
}

void Encoder::string(std::string_view value)
{
    count(value.size());
    out_.append(value);
}

void Encoder::uuid(const Uuid & value)
{
    u64(value.high);
    u64(value.low);
}

void Decoder::fail(std::string_view problem) const
{
    throw Exception(ErrorCode::CORRUPTED_DATA, "Cannot read {}: {} ({} bytes before its end)", what_, problem, left_.size());
}

void Decoder::expectEnd() const
{
    if (!left_.empty())
        fail("bytes after the end");
}

std::string_view Decoder::raw(size_t bytes)
{
    if (bytes > left_.size())
        fail("it ends too early");
    auto result = left_.substr(0, bytes);
    left_.remove_prefix(bytes);
    return result;
}

uint64_t Decoder::fixed(size_t width)
{
    uint64_t value = 0;
    auto bytes = raw(width);
    for (size_t i = 0; i < width; ++i)
        value |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
    return value;
}

uint64_t Decoder::varUInt()
{
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7)
    {
        uint8_t byte = u8();
        if (shift == 63 && byte > 1)
            break;
        value |= uint64_t{byte & 0x7fu} << shift;
        if (!(byte & 0x80))
            return value;
    }
    fail("number of more than 64 bits");
}

size_t Decoder::count(size_t item_bytes_min)
{
    uint64_t value = varUInt();
    if (value > left_.size() / item_bytes_min)
        fail("a count that the rest cannot hold");
    return value;
}

std::string Decoder::string()
{
    return std::string(raw(count()));
}

Uuid Decoder::uuid()
{
    Uuid value;
    value.high = u64();
    value.low = u64();
    return value;
}

bool Decoder::boolean()
{
    uint8_t value = u8();
    if (value > 1)
        fail("a flag that is neither 0 nor 1");
    return value == 1;
}

void encodePart(Encoder & out, const PartInfo & part)
{
    out.uuid(part.uuid);
    out.uuid(part.table);
    out.string(part.object_key);
    out.string(part.partition_id);
    out.string(part.partition_value);
    out.u64(part.rows);
    out.u64(part.bytes);
    out.u64(part.uncompressed_bytes);
    out.u64(part.footer_offset);
    out.u64(part.footer_bytes);
    out.u64(part.checksum);
    encodeList(out, part.ranges, [](Encoder & o, const ColumnRange & range)
    {
        o.string(range.column);
        o.string(range.min);
        o.string(range.max);
    });
    out.string(part.primary_key_first);
    out.string(part.primary_key_last);
    out.u32(part.schema_version);
    out.i64(part.ttl_min_ms);
    out.i64(part.ttl_max_ms);
    out.i64(part.min_block);
    out.i64(part.max_block);
    out.u32(part.level);
    out.u64(part.added_lsn);
    out.i64(part.added_time_ms);
}

PartInfo decodePart(Decoder & in)
{
    PartInfo part;
    part.uuid = in.uuid();
    part.table = in.uuid();
    part.object_key = in.string();
    part.partition_id = in.string();
    part.partition_value = in.string();
    part.rows = in.u64();
    part.bytes = in.u64();
    part.uncompressed_bytes = in.u64();
    part.footer_offset = in.u64();
    part.footer_bytes = in.u64();
    part.checksum = in.u64();
    part.ranges = decodeList(in, 3, [](Decoder & i)
    {
        ColumnRange range;
        range.column = i.string();
        range.min = i.string();
        range.max = i.string();
        return range;
    });
    part.primary_key_first = in.string();
    part.primary_key_last = in.string();
    part.schema_version = in.u32();
    part.ttl_min_ms = in.i64();
    part.ttl_max_ms = in.i64();
    part.min_block = in.i64();
    part.max_block = in.i64();
    part.level = in.u32();
    part.added_lsn = in.u64();
    part.added_time_ms = in.i64();
    return part;
}

void encodeSchema(Encoder & out, const TableSchema & schema)
{
    out.uuid(schema.uuid);
    out.string(schema.name);
    out.string(schema.engine);
    out.string(schema.engine_arguments);
    encodeList(out, schema.columns, encodeColumn);
    encodeList(out, schema.indexes, [](Encoder & o, const IndexSchema & index)
    {
        o.string(index.name);
        o.string(index.expression);
        o.string(index.type);
        o.u64(index.granularity);
    });
    for (const auto * text : {&schema.partition_by, &schema.order_by, &schema.primary_key, &schema.sample_by, &schema.ttl})
        out.string(*text);
    out.count(schema.settings.size());
    for (const auto & [name, value] : schema.settings)
    {
        out.string(name);
        out.string(value);
    }
    out.string(schema.comment);
    out.string(schema.select_query);
    out.uuid(schema.view_source);
    out.uuid(schema.view_target);
    out.string(schema.create_query);
    out.u32(schema.version);
}

TableSchema decodeSchema(Decoder & in)
{
    TableSchema schema;
    schema.uuid = in.uuid();
    schema.name = in.string();
    schema.engine = in.string();
    schema.engine_arguments = in.string();
    schema.columns = decodeList(in, 11, decodeColumn);
    schema.indexes = decodeList(in, 11, [](Decoder & i)
    {
        IndexSchema index;
        index.name = i.string();
        index.expression = i.string();
        index.type = i.string();
        index.granularity = i.u64();
        return index;
    });
    for (auto * text : {&schema.partition_by, &schema.order_by, &schema.primary_key, &schema.sample_by, &schema.ttl})
        *text = in.string();
    for (size_t left = in.count(2); left > 0; --left)
    {
        auto name = in.string();
        schema.settings[name] = in.string();
    }
    schema.comment = in.string();
    schema.select_query = in.string();
    schema.view_source = in.uuid();
    schema.view_target = in.uuid();
    schema.create_query = in.string();
    schema.version = in.u32();
    return schema;
}

std::string encodeEntry(const LogEntry & entry)
{
    Encoder out;
    out.u8(entry_magic);
    out.u8(entry_format_version);
    out.u8(static_cast<uint8_t>(entry.body.index()));
    encodeHead(out, entry);
    std::visit([&](const auto & body) { encodeBody(out, body); }, entry.body);
    appendChecksum(out);
    return out.take();
}

LogEntry decodeEntry(std::string_view bytes)
{
    constexpr std::string_view what = "log entry";
    Decoder in(withoutChecksum(bytes, what), what);
    if (in.u8() != entry_magic)
        in.fail("it does not begin with 'E'");
    if (uint8_t version = in.u8(); version != entry_format_version)
        in.fail(fmt::format("format version {}, this program reads {}", version, entry_format_version));
    uint8_t kind = in.u8();
    LogEntry entry;
    decodeHead(in, entry);
    decodeBodyOfKind(in, kind, entry.body);
    in.expectEnd();
    return entry;
}

std::string encodeSpilled(const SpilledEntry & spilled)
{
    Encoder out;
    out.u8(spilled_magic);
    out.u8(entry_format_version);
    encodeHead(out, spilled.head);
    out.string(spilled.object_key);
    out.u64(spilled.bytes);
    out.u64(spilled.checksum);
    appendChecksum(out);
    return out.take();
}

std::optional<SpilledEntry> decodeSpilled(std::string_view bytes)
{
    if (bytes.empty() || bytes[0] != spilled_magic)
        return std::nullopt;
    constexpr std::string_view what = "reference to a spilled log entry";
    Decoder in(withoutChecksum(bytes, what), what);
    in.u8();
    if (in.u8() != entry_format_version)
        in.fail("unknown format version");
    SpilledEntry spilled;
    decodeHead(in, spilled.head);
    spilled.object_key = in.string();
    spilled.bytes = in.u64();
    spilled.checksum = in.u64();
    in.expectEnd();
    if (spilled.bytes > entry_bytes_max)
        in.fail("larger than an entry may be");
    return spilled;
}

}
