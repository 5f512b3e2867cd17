#pragma once
// Type names as ClickHouse shows them to people, in toTypeName() and DESCRIBE: named tuples over several lines.

#include "types/DataType.h"

namespace mangrove
{

std::string prettyTypeName(const DataType & type, size_t indent = 0);

}
