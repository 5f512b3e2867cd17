#pragma once
// Registration of functions that depend on the order of elements or pairs: one per file.

namespace mangrove
{

class FunctionRegistry;

void registerArrayFold(FunctionRegistry & registry);
void registerArrayRuns(FunctionRegistry & registry);
void registerArrayShift(FunctionRegistry & registry);
void registerMapPatterns(FunctionRegistry & registry);

}
