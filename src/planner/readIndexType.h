#pragma once
// The TYPE of a skip index as INDEX … TYPE bloom_filter(0.01) declares it. Called by TableDefinition; pure.

#include "parts/PartDescription.h"
#include "sql/Ast.h"

#include <optional>

namespace mangrove
{

/// Fills kind and parameters of an index whose name, column and type are known. Throws what CREATE TABLE answers:
/// BAD_ARGUMENTS (36), INCORRECT_QUERY (80)… nullopt for tokenbf_v1 and ngrambf_v1, which collectors declare: they are
/// checked and stay in the schema, but are not built, as an index can only leave out granules.
std::optional<SkipIndex> readIndexType(const Expr & type, SkipIndex index);

}
