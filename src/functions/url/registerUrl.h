#pragma once
// One registration function per file of functions on URLs, and the check of arguments that they share.

#include <cstddef>

namespace mangrove
{

class DataType;
class FunctionRegistry;

void registerUrl(FunctionRegistry & registry);

void registerUrlParts(FunctionRegistry & registry);
void registerUrlParameters(FunctionRegistry & registry);
void registerUrlEncodings(FunctionRegistry & registry);

/// Functions from strings to strings take String alone: FixedString is ILLEGAL_COLUMN, as in ClickHouse.
void expectUrl(const char * function, const DataType & type, size_t position);

}
