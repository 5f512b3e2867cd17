#pragma once
// One registration function per file of string functions.

namespace mangrove
{

class FunctionRegistry;

void registerStrings(FunctionRegistry & registry);

void registerStringSize(FunctionRegistry & registry);
void registerStringTransforms(FunctionRegistry & registry);
void registerConcat(FunctionRegistry & registry);
void registerSubstring(FunctionRegistry & registry);
void registerPadAndTrim(FunctionRegistry & registry);
void registerSearch(FunctionRegistry & registry);
void registerLike(FunctionRegistry & registry);
void registerTokens(FunctionRegistry & registry);
void registerReplace(FunctionRegistry & registry);
void registerEdits(FunctionRegistry & registry);
void registerExtract(FunctionRegistry & registry);
void registerSplit(FunctionRegistry & registry);
void registerEncodings(FunctionRegistry & registry);

}
