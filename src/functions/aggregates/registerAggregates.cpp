#include "functions/aggregates/registerAggregates.h"

#include "functions/aggregates/registerCollections.h"
#include "functions/aggregates/registerEvents.h"
#include "functions/aggregates/registerStatistics.h"

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
    registerHigherMoments(registry);
    registerCovariance(registry);
    registerRetention(registry);
    registerWindowFunnel(registry);
    registerSequenceMatch(registry);
    registerGroupConcat(registry);
    registerGroupArrayMoving(registry);
    registerGroupArraySome(registry);
    registerDeltas(registry);
    registerSums(registry);
    registerMaxIntersections(registry);
    registerMappedArrays(registry);
    registerHistogram(registry);
    registerStableMoments(registry);
}

}
