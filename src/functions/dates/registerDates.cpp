#include "functions/dates/registerDates.h"

namespace mangrove
{

void registerDates(FunctionRegistry & registry)
{
    registerDateParts(registry);
    registerStartOf(registry);
    registerRelativeNumbers(registry);
    registerMakeDate(registry);
    registerWeeks(registry);
    registerBestEffort(registry);
    registerStartOfInterval(registry);
    registerUnixTime(registry);
    registerDateArithmetic(registry);
    registerNow(registry);
    registerFormatDateTime(registry);
}

}
