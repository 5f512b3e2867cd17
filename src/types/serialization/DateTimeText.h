#pragma once
// Dates and times as text, as ClickHouse prints them and as its best-effort mode (the default since 26) reads them:
// 2024-11-23, 20241123, 2024-11-23 16:00[:00[.123]], the same with T, an offset or Z behind, 23/11/2024 4:00 PM,
// Sat, 23 Nov 2024 16:00:00 GMT, Nov 23, 2024, and unix timestamps of 9 or 10 digits (with a fraction), 13, 16 or 19
// digits (milli-, micro-, nanoseconds). A time without a year, which ClickHouse takes to be in this one, is refused.
// Errors: CANNOT_PARSE_DATE (38), CANNOT_PARSE_DATETIME (41).

#include "io/ReadBuffer.h"
#include "io/WriteBuffer.h"
#include "types/TimeZone.h"

namespace mangrove
{

int64_t powerOf10(uint32_t exponent); /// 0..18

void writeDateText(int32_t days, WriteBuffer & out);
void writeDateTimeText(int64_t unix_seconds, const TimeZone & zone, WriteBuffer & out);
/// 2024-11-23T16:00:00Z
void writeDateTimeIso(int64_t ticks, uint32_t precision, WriteBuffer & out);
/// `ticks` are 10^-precision seconds.
void writeDateTime64Text(int64_t ticks, uint32_t precision, const TimeZone & zone, WriteBuffer & out);
/// 1732377600.123
void writeUnixTimestamp64(int64_t ticks, uint32_t precision, WriteBuffer & out);

/// Clamped to what a Date holds; an impossible date is 1970-01-01, as in ClickHouse.
uint16_t readDateText(ReadBuffer & in);
/// Clamped to what a DateTime holds.
uint32_t readDateTimeText(ReadBuffer & in, const TimeZone & zone);
/// More digits than `precision` are cut; DECIMAL_OVERFLOW (407) outside of Int64.
int64_t readDateTime64Text(ReadBuffer & in, uint32_t precision, const TimeZone & zone);

}
