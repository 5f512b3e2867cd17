#pragma once
// One registration function per file of functions on arrays, maps and tuples.

namespace mangrove
{

class FunctionRegistry;

void registerArrays(FunctionRegistry & registry);

void registerElement(FunctionRegistry & registry);
void registerArrayLambdas(FunctionRegistry & registry);
void registerArrayAggregation(FunctionRegistry & registry);
void registerArraySort(FunctionRegistry & registry);
void registerArraySearch(FunctionRegistry & registry);
void registerArrayBuild(FunctionRegistry & registry);
void registerArraySlice(FunctionRegistry & registry);
void registerArrayUniq(FunctionRegistry & registry);
void registerMaps(FunctionRegistry & registry);
void registerTuples(FunctionRegistry & registry);

}
