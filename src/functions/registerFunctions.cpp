#include "functions/registerFunctions.h"

#include "functions/aggregates/registerAggregates.h"
#include "functions/arrays/registerArrays.h"
#include "functions/dates/registerDates.h"
#include "functions/json/registerJson.h"
#include "functions/scalar/registerScalar.h"
#include "functions/strings/registerStrings.h"
#include "functions/url/registerUrl.h"

namespace mangrove
{

void registerFunctions(FunctionRegistry & registry)
{
    registerConversions(registry);
    registerCasts(registry);
    registerComparison(registry);
    registerLogic(registry);
    registerArithmetic(registry);
    registerConditional(registry);
    registerNullFunctions(registry);
    registerStrings(registry);
    registerDates(registry);
    registerArrays(registry);
    registerJson(registry);
    registerUrl(registry);
    registerScalar(registry);
    registerAggregates(registry);
}

}
