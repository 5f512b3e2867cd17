#pragma once
// One registration function per file of date and time functions.

namespace mangrove
{

class FunctionRegistry;

void registerDates(FunctionRegistry & registry);

void registerDateParts(FunctionRegistry & registry);
void registerRelativeNumbers(FunctionRegistry & registry);
void registerMakeDate(FunctionRegistry & registry);
void registerWeeks(FunctionRegistry & registry);
void registerBestEffort(FunctionRegistry & registry);
void registerStartOf(FunctionRegistry & registry);
void registerStartOfInterval(FunctionRegistry & registry);
void registerUnixTime(FunctionRegistry & registry);
void registerDateArithmetic(FunctionRegistry & registry);
void registerNow(FunctionRegistry & registry);
void registerFormatDateTime(FunctionRegistry & registry);

}
