#pragma once
// Registration of aggregate functions that keep values apart: one per file.

namespace mangrove
{

class FunctionRegistry;

void registerGroupConcat(FunctionRegistry & registry);
void registerGroupArrayMoving(FunctionRegistry & registry);
void registerGroupArraySome(FunctionRegistry & registry);
void registerMappedArrays(FunctionRegistry & registry);

}
