#pragma once
// Every path that the catalog uses in the Keeper, and the names of metadata objects in the bucket. The layout
// with the content of each node is in docs/format/log.md.

#include "base/Uuid.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace mangrove::paths
{

inline constexpr std::string_view root = "/mangrove";
inline constexpr std::string_view nodes = "/mangrove/nodes";
inline constexpr std::string_view databases = "/mangrove/databases";
inline constexpr std::string_view logs = "/mangrove/logs";
inline constexpr std::string_view leases = "/mangrove/leases";

/// Names of nodes under `nodes`. The low half of an epoch is the Keeper's sequence number, which it never gives twice;
/// the high half is the Keeper's *incarnation*, the data of `nodes`: 0, and one more with each rebuild after a loss. So
/// no epoch of a lost Keeper exists in a later one, whose sequence begins again.
std::string node(uint64_t epoch);
std::string nodePrefix(uint32_t incarnation);
uint64_t epochOf(std::string_view name);
uint32_t parseIncarnation(std::string_view data);
inline uint32_t incarnationOf(uint64_t epoch) { return static_cast<uint32_t>(epoch >> 32); }

/// Bytes that a znode name may not hold are written %XX.
std::string database(const std::string & name);
std::string databaseName(std::string_view znode);

std::string lease(std::string_view what);

std::string log(const Uuid & database);
std::string generation(const Uuid & database);
std::string checkpoint(const Uuid & database);
std::string generationDir(const Uuid & database, uint32_t generation);
std::string head(const Uuid & database, uint32_t generation);
std::string entries(const Uuid & database, uint32_t generation);
std::string entryPrefix(const Uuid & database, uint32_t generation);
std::string entry(const Uuid & database, uint32_t generation, int64_t sequence);

/// The number at the end of a sequential node's name or path; throws CORRUPTED_DATA if there is none.
int64_t sequenceOf(std::string_view name);

/// Keys in the bucket. Metadata names end in -EPOCH-NUMBER of the transaction that wrote them, as parts do.
std::string metadataPrefix(const Uuid & database);
std::string partPrefix();

}
