#pragma once
// The spellings of type names that parseDataType accepts besides the canonical ones. For the parser and for
// system.data_type_families.

#include <string>
#include <string_view>
#include <vector>

namespace mangrove
{

/// Canonical name of `name` ("varchar" → "String", "DOUBLE  PRECISION" is asked as "DOUBLE PRECISION"); `name` itself
/// if it is no alias. Aliases, and the names ClickHouse lists as such, are case-insensitive; others are not.
std::string canonicalTypeName(std::string_view name);

/// Types of ClickHouse that this project does not have: worth another message than a typing error.
bool isUnsupportedTypeName(std::string_view canonical_name);

struct DataTypeFamily
{
    std::string name;
    bool case_insensitive = false;
    std::string alias_to;
};
std::vector<DataTypeFamily> listDataTypeFamilies();

}
