#pragma once
// Moves dates and times by calendar or clock units: plus/minus with intervals, addDays()…, subtractMonths()….

#include "functions/FunctionSpec.h"

namespace mangrove
{

using IntervalUnit = DataTypeInterval::Unit;

/// Date + clock units gives DateTime; a DateTime plus fractions of a second gives DateTime64.
DataTypePtr addIntervalType(std::string_view function, const DataTypePtr & time, IntervalUnit unit);
/// `sign` is 1 or -1; `amount` is any numeric or interval column, constant or not.
ColumnPtr addInterval(const ColumnWithType & time, IntervalUnit unit, const Column & amount, int sign,
    const DataTypePtr & result_type,
    size_t rows);

/// Nanoseconds of the units up to Week; 0 for calendar units.
int64_t unitNanoseconds(IntervalUnit unit);
/// Months of Month, Quarter, Year; 0 otherwise.
int64_t unitMonths(IntervalUnit unit);
/// "day", "dd", "d"…: the names that dateDiff() and date_trunc() take.
std::optional<IntervalUnit> parseUnit(std::string_view name);

}
