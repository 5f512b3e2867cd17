#include "functions/aggregates/registerAggregates.h"

namespace mangrove
{

void registerAggregates(FunctionRegistry & registry)
{
    registerCountAndSum(registry);
    registerExtremes(registry);
    registerArgExtremes(registry);
    registerUniq(registry);
    registerQuantiles(registry);
    registerExactQuantiles(registry);
    registerGroupArray(registry);
    registerMoments(registry);
    registerTopK(registry);
}

}
