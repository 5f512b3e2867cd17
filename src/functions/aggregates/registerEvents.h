#pragma once
// Registration of aggregate functions over rows in the order of time: one per file.

namespace mangrove
{

class FunctionRegistry;

void registerRetention(FunctionRegistry & registry);
void registerWindowFunnel(FunctionRegistry & registry);
void registerSequenceMatch(FunctionRegistry & registry);
void registerMaxIntersections(FunctionRegistry & registry);

}
