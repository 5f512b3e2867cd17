#include "functions/json/registerJson.h"

namespace mangrove
{

void registerJson(FunctionRegistry & registry)
{
    registerJsonPaths(registry);
    registerJsonTexts(registry);
    registerSimpleJson(registry);
}

}
