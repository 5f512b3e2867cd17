// The proleptic Gregorian calendar, by Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms": years begin
// in March, so that the leap day is the last one, and 400-year eras repeat.

#include "types/TimeZone.h"

#include <algorithm>

namespace mangrove
{

namespace
{
constexpr int32_t year_max = 5'000'000; /// whose days fit int32_t
constexpr int32_t days_per_era = 146097;
constexpr int32_t days_to_epoch = 719468; /// 0000-03-01 to 1970-01-01
}

int32_t daysFromCivil(int32_t year, int month, int day)
{
    year = std::clamp(year, -year_max, year_max) - (month <= 2);
    int32_t era = (year >= 0 ? year : year - 399) / 400;
    int32_t year_of_era = year - era * 400;
    int32_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * days_per_era + day_of_era - days_to_epoch;
}

CivilTime civilFromDays(int32_t days)
{
    int64_t shifted = static_cast<int64_t>(days) + days_to_epoch;
    auto era = static_cast<int32_t>((shifted >= 0 ? shifted : shifted - (days_per_era - 1)) / days_per_era);
    auto day_of_era = static_cast<int32_t>(shifted - static_cast<int64_t>(era) * days_per_era);
    int32_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int32_t day_from_march = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int32_t month_from_march = (5 * day_from_march + 2) / 153;

    CivilTime result{};
    result.month = static_cast<uint8_t>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    result.day = static_cast<uint8_t>(day_from_march - (153 * month_from_march + 2) / 5 + 1);
    result.year = year_of_era + era * 400 + (result.month <= 2);
    // 1970-01-01 was a Thursday.
    auto days_from_monday = static_cast<int32_t>((static_cast<int64_t>(days) % 7 + 7 + 3) % 7);
    result.weekday = static_cast<uint8_t>(days_from_monday + 1);
    bool leap = (result.year % 4 == 0 && result.year % 100 != 0) || result.year % 400 == 0;
    // 1 March is day 60, or 61 of a leap year; January and February close the year that began in March.
    result.day_of_year = static_cast<uint16_t>(day_from_march < 306 ? day_from_march + 60 + leap : day_from_march - 305);
    return result;
}

}
