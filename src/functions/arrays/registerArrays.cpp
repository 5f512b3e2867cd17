#include "functions/arrays/registerArrays.h"

namespace mangrove
{

void registerArrays(FunctionRegistry & registry)
{
    registerElement(registry);
    registerArrayLambdas(registry);
    registerArrayAggregation(registry);
    registerArraySort(registry);
    registerArraySearch(registry);
    registerArrayBuild(registry);
    registerArraySlice(registry);
    registerArrayUniq(registry);
    registerMaps(registry);
    registerTuples(registry);
}

}
