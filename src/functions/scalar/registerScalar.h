#pragma once
// One registration function per file of mathematical, hashing and other functions.

namespace mangrove
{

class FunctionRegistry;

void registerScalar(FunctionRegistry & registry);

void registerMath(FunctionRegistry & registry);
void registerIntegers(FunctionRegistry & registry);
void registerNumberClasses(FunctionRegistry & registry);
void registerRounding(FunctionRegistry & registry);
void registerBits(FunctionRegistry & registry);
void registerGreatest(FunctionRegistry & registry);
void registerHashes(FunctionRegistry & registry);
void registerDigests(FunctionRegistry & registry);
void registerOther(FunctionRegistry & registry);
void registerReadable(FunctionRegistry & registry);
void registerTransform(FunctionRegistry & registry);

}
