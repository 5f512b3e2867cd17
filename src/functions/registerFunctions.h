#pragma once
// One registration function per file of functions; registerFunctions() calls them all, once.

namespace mangrove
{

class FunctionRegistry;

void registerFunctions(FunctionRegistry & registry);

void registerConversions(FunctionRegistry & registry);
void registerCasts(FunctionRegistry & registry);
void registerComparison(FunctionRegistry & registry);
void registerLogic(FunctionRegistry & registry);
void registerArithmetic(FunctionRegistry & registry);
void registerConditional(FunctionRegistry & registry);
void registerNullFunctions(FunctionRegistry & registry);

}
