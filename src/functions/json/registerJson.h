#pragma once
// One registration function per file of functions on JSON text.

namespace mangrove
{

class FunctionRegistry;

void registerJson(FunctionRegistry & registry);

void registerJsonPaths(FunctionRegistry & registry);
void registerJsonTexts(FunctionRegistry & registry);
void registerSimpleJson(FunctionRegistry & registry);

}
