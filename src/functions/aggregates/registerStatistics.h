#pragma once
// Registration of aggregate functions that compute a few numbers from all values: one per file.

namespace mangrove
{

class FunctionRegistry;

void registerHigherMoments(FunctionRegistry & registry);
void registerCovariance(FunctionRegistry & registry);
void registerSums(FunctionRegistry & registry);
void registerDeltas(FunctionRegistry & registry);
void registerHistogram(FunctionRegistry & registry);
void registerStableMoments(FunctionRegistry & registry);

}
