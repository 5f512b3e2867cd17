#pragma once
// One registration function per file of aggregate functions.

namespace mangrove
{

class FunctionRegistry;

void registerAggregates(FunctionRegistry & registry);

void registerCountAndSum(FunctionRegistry & registry);
void registerExtremes(FunctionRegistry & registry);
void registerArgExtremes(FunctionRegistry & registry);
void registerUniq(FunctionRegistry & registry);
void registerQuantiles(FunctionRegistry & registry);
void registerExactQuantiles(FunctionRegistry & registry);
void registerGroupArray(FunctionRegistry & registry);
void registerMoments(FunctionRegistry & registry);
void registerTopK(FunctionRegistry & registry);

}
