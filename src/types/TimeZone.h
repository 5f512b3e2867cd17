#pragma once
// Calendar arithmetic in one time zone, over the system's tz database (absl::TimeZone behind the .cpp, with a
// cache of transitions so that per-row calls do not search). Immutable, shared, thread-safe.

#include <cstdint>
#include <memory>
#include <string>

namespace mangrove
{

struct CivilTime
{
    int32_t year;
    uint8_t month, day, hour, minute, second; /// month, day from 1
    uint8_t weekday;                          /// 1 = Monday … 7 = Sunday
    uint16_t day_of_year;                     /// from 1
};

class TimeZone;
using TimeZonePtr = std::shared_ptr<const TimeZone>;

class TimeZone
{
public:
    /// "" = the server's zone (TZ or /etc/localtime, else UTC). Unknown name: BAD_ARGUMENTS (36).
    static TimeZonePtr get(const std::string & name);

    virtual ~TimeZone() = default;
    virtual const std::string & name() const = 0;
    /// Seconds east of UTC at that moment.
    virtual int32_t offsetAt(int64_t unix_seconds) const = 0;
    virtual CivilTime civil(int64_t unix_seconds) const = 0;
    /// The moment of a wall time. As in ClickHouse, of a repeated wall time the first, and a skipped one is read
    /// with the offset after the gap (02:30 in a gap from 02:00 to 03:00 is 01:30).
    virtual int64_t unixSeconds(int32_t year, int month, int day, int hour, int minute, int second) const = 0;
    /// Days since 1970-01-01 of the local date.
    virtual int32_t dayNumber(int64_t unix_seconds) const = 0;
    /// The first moment of the local date: after midnight where midnight is skipped.
    virtual int64_t startOfDay(int64_t unix_seconds) const = 0;
    virtual bool isUTC() const = 0;
};

/// Proleptic Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms").
int32_t daysFromCivil(int32_t year, int month, int day);
CivilTime civilFromDays(int32_t days);

}
