#pragma once
// Registration of functions that search for several needles or spell texts otherwise: one per file.

namespace mangrove
{

class FunctionRegistry;

void registerSearchMany(FunctionRegistry & registry);
void registerExtractGroups(FunctionRegistry & registry);
void registerTexts(FunctionRegistry & registry);

}
