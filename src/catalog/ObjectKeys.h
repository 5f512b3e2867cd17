#pragma once
// What the names of objects in the bucket say. Parts: parts/HH/DATABASE/TABLE/PART-EPOCH-NUMBER.part; metadata:
// meta/DATABASE/KIND/…-EPOCH-NUMBER; both name the transaction that wrote them. docs/format/log.md lists all.
// Used by garbage collection, fsck and rebuild. Pure functions; keys are as hostile as the bucket.

#include "catalog/LogEntry.h"

#include <optional>
#include <string>
#include <string_view>

namespace mangrove
{

/// "…-EPOCH-NUMBER" or "…-EPOCH-NUMBER.part"; nullopt for an object that is not ours, which stays.
std::optional<TxnId> transactionOf(std::string_view key);

/// Component `index` of a key, from 0; "" if it has fewer.
std::string_view keyComponent(std::string_view key, int index);

/// The LSN that names of checkpoints and log copies begin with (component 3); 0 if there is none.
uint64_t lsnOfKey(std::string_view key);

/// Objects that belong to the database as a whole, and to the bucket.
std::string databaseNameKey(const Uuid & database);
inline constexpr std::string_view rebuild_prefix = "meta/rebuilds/";
std::string rebuildKey(uint64_t incarnation);

}
