#pragma once
// A table's schema of today as a CREATE statement: ALTERs included, the engine under its Shared name, the defaults that
// matter written out. For SHOW CREATE TABLE and system.tables, so that people and tools read one and the same text. Pure.

#include "catalog/TableSchema.h"
#include "sql/Statements.h"

namespace mangrove
{

CreateQuery currentCreate(const TableSchema & schema, const std::string & database);

/// As system.tables.engine_full has it: the engine and its clauses, without "ENGINE = ".
std::string engineFull(const CreateQuery & create);

}
