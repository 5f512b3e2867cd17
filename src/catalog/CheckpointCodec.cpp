#include "catalog/CheckpointCodec.h"

#include "catalog/EntryCodec.h"

#include <xxhash.h>

#include <fmt/format.h>

namespace mangrove
{

namespace
{

constexpr char root_magic = 'R';
constexpr char manifest_magic = 'M';
constexpr char pointer_magic = 'P';
constexpr char log_copy_magic = 'L';
constexpr char name_magic = 'N';

void begin(Encoder & out, char magic)
{
    out.u8(magic);
    out.u8(checkpoint_format_version);
}

std::string finish(Encoder & out)
{
    out.u64(checksumOf(out.bytes()));
    return out.take();
}

/// Checks the frame and returns a decoder that stands behind it.
Decoder open(std::string_view bytes, char magic, std::string_view what)
{
    Decoder whole(bytes, what);
    if (bytes.size() < 10)
        whole.fail("too short");
    auto content = bytes.substr(0, bytes.size() - 8);
    if (Decoder tail(bytes.substr(content.size()), what); tail.u64() != checksumOf(content))
        whole.fail("checksum does not match");
    Decoder in(content, what);
    if (in.u8() != static_cast<uint8_t>(magic))
        in.fail("not of this kind");
    if (uint8_t version = in.u8(); version != checkpoint_format_version)
        in.fail(fmt::format("format version {}, this program reads {}", version, checkpoint_format_version));
    return in;
}

void encodePosition(Encoder & out, const LogPosition & position)
{
    out.u32(position.generation);
    out.u64(position.base_lsn);
    out.i64(position.last_sequence);
}

LogPosition decodePosition(Decoder & in)
{
    LogPosition position;
    position.generation = in.u32();
    position.base_lsn = in.u64();
    position.last_sequence = in.i64();
    return position;
}

void encodeRef(Encoder & out, const ObjectRef & ref)
{
    out.string(ref.key);
    out.u64(ref.bytes);
    out.u64(ref.checksum);
}

ObjectRef decodeRef(Decoder & in)
{
    ObjectRef ref;
    ref.key = in.string();
    ref.bytes = in.u64();
    ref.checksum = in.u64();
    return ref;
}

void encodePartition(Encoder & out, const PartitionState & partition)
{
    out.string(partition.id);
    out.string(partition.value);
    out.i64(partition.next_block);
    out.u64(partition.changed_lsn);
    out.count(partition.parts.size());
    for (const auto & part : partition.parts)
        encodePart(out, *part);
}

void encodeOptions(Encoder & out, const DatabaseOptions & options)
{
    for (int64_t value : {options.token_window_ms, options.gc_grace_ms, options.pin_grace_ms, options.pin_valid_ms, options.replay_version})
        out.i64(value);
}

DatabaseOptions decodeOptions(Decoder & in)
{
    DatabaseOptions options;
    for (int64_t * value : {&options.token_window_ms, &options.gc_grace_ms, &options.pin_grace_ms, &options.pin_valid_ms, &options.replay_version})
        *value = in.i64();
    return options;
}

/// Everything but the tables.
void encodeRest(Encoder & out, const DatabaseState & state)
{
    out.u64(state.lsn);
    out.i64(state.time_ms);
    out.u8(state.dropped);
    encodeOptions(out, state.options);
    out.count(state.tokens.size());
    for (const auto & [key, token] : state.tokens)
    {
        out.uuid(key.first);
        out.string(key.second);
        out.i64(token.time_ms);
        out.u64(token.lsn);
        out.count(token.partition_ids.size());
        for (const auto & id : token.partition_ids)
            out.string(id);
    }
    out.count(state.offsets.size());
    for (const auto & [key, offset] : state.offsets)
    {
        out.string(key.first);
        out.u32(static_cast<uint32_t>(key.second));
        out.i64(offset);
    }
    out.count(state.epochs.size());
    for (const auto & [number, epoch] : state.epochs)
    {
        out.u64(number);
        out.u64(epoch.oldest_undecided);
        out.count(epoch.decisions.size());
        for (const auto & [txn, decision] : epoch.decisions)
        {
            out.u64(txn);
            out.u8(static_cast<uint8_t>(decision.verdict));
            out.u64(decision.lsn);
        }
    }
    out.count(state.outdated.size());
    for (const auto & [uuid, part] : state.outdated)
    {
        out.uuid(uuid);
        out.string(part.object_key);
        out.u64(part.removed_lsn);
    }
}

void decodeRest(Decoder & in, DatabaseState & state)
{
    state.lsn = in.u64();
    state.time_ms = in.i64();
    state.dropped = in.boolean();
    state.options = decodeOptions(in);
    for (size_t left = in.count(34); left > 0; --left)
    {
        auto table = in.uuid();
        auto & token = state.tokens[{table, in.string()}];
        token.time_ms = in.i64();
        token.lsn = in.u64();
        for (size_t ids = in.count(); ids > 0; --ids)
            token.partition_ids.push_back(in.string());
    }
    for (size_t left = in.count(13); left > 0; --left)
    {
        auto stream = in.string();
        auto partition = static_cast<int32_t>(in.u32());
        state.offsets[{stream, partition}] = in.i64();
    }
    for (size_t left = in.count(17); left > 0; --left)
    {
        auto & epoch = state.epochs[in.u64()];
        epoch.oldest_undecided = in.u64();
        for (size_t decisions = in.count(17); decisions > 0; --decisions)
        {
            auto & decision = epoch.decisions[in.u64()];
            uint8_t verdict = in.u8();
            if (verdict > static_cast<uint8_t>(Verdict::Conflict))
                in.fail("unknown verdict");
            decision.verdict = static_cast<Verdict>(verdict);
            decision.lsn = in.u64();
        }
    }
    for (size_t left = in.count(25); left > 0; --left)
    {
        auto & part = state.outdated[in.uuid()];
        part.object_key = in.string();
        part.removed_lsn = in.u64();
    }
}

}

std::string encodePointer(const CheckpointPointer & pointer)
{
    Encoder out;
    begin(out, pointer_magic);
    encodePosition(out, pointer.position);
    out.u64(pointer.lsn);
    encodeRef(out, pointer.root);
    out.string(pointer.state_hash);
    return finish(out);
}

CheckpointPointer decodePointer(std::string_view bytes)
{
    auto in = open(bytes, pointer_magic, "checkpoint pointer");
    CheckpointPointer pointer;
    pointer.position = decodePosition(in);
    pointer.lsn = in.u64();
    pointer.root = decodeRef(in);
    pointer.state_hash = in.string();
    in.expectEnd();
    return pointer;
}

std::string encodeManifest(const PartitionState & partition)
{
    Encoder out;
    begin(out, manifest_magic);
    encodePartition(out, partition);
    return finish(out);
}

PartitionState decodeManifest(std::string_view bytes)
{
    auto in = open(bytes, manifest_magic, "partition manifest");
    PartitionState partition;
    partition.id = in.string();
    partition.value = in.string();
    partition.next_block = in.i64();
    partition.changed_lsn = in.u64();
    for (size_t left = in.count(64); left > 0; --left)
        partition.parts.push_back(std::make_shared<PartInfo>(decodePart(in)));
    in.expectEnd();
    return partition;
}

std::string encodeRoot(const DatabaseState & state, const LogPosition & position, const ManifestMap & manifests)
{
    Encoder out;
    begin(out, root_magic);
    encodePosition(out, position);
    encodeRest(out, state);
    out.count(state.tables.size());
    for (const auto & [uuid, table] : state.tables)
    {
        encodeSchema(out, *table->schema);
        out.u64(table->views_version);
        out.count(table->partitions.size());
        for (const auto & [id, _] : table->partitions)
        {
            const auto & manifest = manifests.at({uuid, id});
            out.string(id);
            encodeRef(out, manifest.object);
            out.u64(manifest.changed_lsn);
        }
    }
    return finish(out);
}

DecodedRoot decodeRoot(std::string_view bytes)
{
    auto in = open(bytes, root_magic, "checkpoint root");
    DecodedRoot root;
    root.position = decodePosition(in);
    decodeRest(in, root.state);
    for (size_t left = in.count(64); left > 0; --left)
    {
        auto table = std::make_shared<TableState>();
        auto schema = std::make_shared<TableSchema>(decodeSchema(in));
        table->views_version = in.u64();
        for (size_t partitions = in.count(26); partitions > 0; --partitions)
        {
            auto & manifest = root.manifests[{schema->uuid, in.string()}];
            manifest.object = decodeRef(in);
            manifest.changed_lsn = in.u64();
        }
        root.state.names[schema->name] = schema->uuid;
        table->schema = schema;
        root.state.tables[schema->uuid] = std::move(table);
    }
    in.expectEnd();
    return root;
}

std::string hashState(const DatabaseState & state)
{
    Encoder out;
    encodeRest(out, state);
    for (const auto & [uuid, table] : state.tables)
    {
        encodeSchema(out, *table->schema);
        out.u64(table->views_version);
        for (const auto & [_, partition] : table->partitions)
            encodePartition(out, *partition);
    }
    auto hash = XXH3_128bits(out.bytes().data(), out.bytes().size());
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

std::string encodeLogCopy(const std::vector<RawEntry> & entries)
{
    Encoder out;
    begin(out, log_copy_magic);
    out.count(entries.size());
    for (const auto & entry : entries)
    {
        out.u64(entry.lsn);
        out.string(entry.bytes);
    }
    return finish(out);
}

std::vector<RawEntry> decodeLogCopy(std::string_view bytes)
{
    auto in = open(bytes, log_copy_magic, "log copy");
    std::vector<RawEntry> entries;
    for (size_t left = in.count(9); left > 0; --left)
    {
        uint64_t lsn = in.u64();
        if (!entries.empty() && lsn != entries.back().lsn + 1)
            in.fail(fmt::format("entry {} follows entry {}", lsn, entries.back().lsn));
        entries.push_back({.lsn = lsn, .bytes = in.string()});
    }
    in.expectEnd();
    return entries;
}

std::string encodeDatabaseName(const std::string & name)
{
    Encoder out;
    begin(out, name_magic);
    out.string(name);
    return finish(out);
}

std::string decodeDatabaseName(std::string_view bytes)
{
    auto in = open(bytes, name_magic, "name of a database");
    auto name = in.string();
    in.expectEnd();
    return name;
}

}
