#pragma once
// Bytes of the metadata objects. A checkpoint is one manifest per partition (its parts) and one root (everything
// else, and where the manifests are); beside it there are log copies and the database's name. docs/format/log.md
// describes them. Decoding checks everything as EntryCodec does.

#include "catalog/DatabaseState.h"

#include <string>
#include <string_view>

namespace mangrove
{

inline constexpr uint8_t checkpoint_format_version = 1;

/// Where in the Keeper's log a state stands.
struct LogPosition
{
    uint32_t generation = 1;
    uint64_t base_lsn = 0;     /// LSN before the first entry of the generation
    int64_t last_sequence = -1; /// the Keeper's number of the last entry applied; numbers may have gaps
    bool operator==(const LogPosition &) const = default;
};

struct ObjectRef
{
    std::string key;
    uint64_t bytes = 0;
    uint64_t checksum = 0;
    bool operator==(const ObjectRef &) const = default;
};

struct ManifestRef
{
    ObjectRef object;
    uint64_t changed_lsn = 0; /// of the partition when it was written
    bool operator==(const ManifestRef &) const = default;
};

/// By table and partition id.
using ManifestMap = std::map<std::pair<Uuid, std::string>, ManifestRef>;

/// The data of the znode `ckpt`: all that the Keeper holds of a checkpoint.
struct CheckpointPointer
{
    LogPosition position;
    uint64_t lsn = 0; /// 0: there is no checkpoint yet
    ObjectRef root;
    std::string state_hash;
    bool operator==(const CheckpointPointer &) const = default;
};

std::string encodePointer(const CheckpointPointer & pointer);
CheckpointPointer decodePointer(std::string_view bytes);

std::string encodeManifest(const PartitionState & partition);
PartitionState decodeManifest(std::string_view bytes);

std::string encodeRoot(const DatabaseState & state, const LogPosition & position, const ManifestMap & manifests);

struct DecodedRoot
{
    DatabaseState state; /// its partitions are empty: they come from the manifests
    LogPosition position;
    ManifestMap manifests;
};

DecodedRoot decodeRoot(std::string_view bytes);

std::string hashState(const DatabaseState & state);

/// One entry as it came from the log.
struct RawEntry
{
    uint64_t lsn = 0;
    std::string bytes;
    bool operator==(const RawEntry &) const = default;
};

/// A log copy: entries without gaps.
std::string encodeLogCopy(const std::vector<RawEntry> & entries);
std::vector<RawEntry> decodeLogCopy(std::string_view bytes);

/// The database's name, which otherwise only the Keeper has.
std::string encodeDatabaseName(const std::string & name);
std::string decodeDatabaseName(std::string_view bytes);

}
