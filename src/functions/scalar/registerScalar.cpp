#include "functions/scalar/registerScalar.h"

namespace mangrove
{

void registerScalar(FunctionRegistry & registry)
{
    registerMath(registry);
    registerIntegers(registry);
    registerNumberClasses(registry);
    registerRounding(registry);
    registerBits(registry);
    registerGreatest(registry);
    registerHashes(registry);
    registerDigests(registry);
    registerOther(registry);
    registerReadable(registry);
    registerTransform(registry);
}

}
