#pragma once
// Reads a moment from text in many notations, as ClickHouse's date_time_input_format = 'best_effort' (its default since
// 26) does: see DateTimeText.h for them. For the readers there; no state, any thread.

#include "io/ReadBuffer.h"
#include "types/TimeZone.h"

namespace mangrove
{

struct ParsedTime
{
    int64_t seconds = 0;
    uint64_t fraction = 0; /// of `fraction_digits` digits, at most 9
    uint32_t fraction_digits = 0;
};

/// Advances `in` behind the last character that belongs to the time. CANNOT_PARSE_DATETIME (41).
ParsedTime parseTime(ReadBuffer & in, const TimeZone & zone);

}
