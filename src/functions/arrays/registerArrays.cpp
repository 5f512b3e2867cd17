#include "functions/arrays/registerArrays.h"

#include "functions/arrays/registerOrdered.h"

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
    registerArrayFold(registry);
    registerArrayRuns(registry);
    registerArrayShift(registry);
    registerMaps(registry);
    registerMapPatterns(registry);
    registerTuples(registry);
}

}
