#pragma once
// A Date, DateTime or DateTime64 argument read as seconds in a time zone: what calendar functions compute from. The
// zone is that of the argument's type unless the call names one.

#include "functions/FunctionSpec.h"

namespace mangrove
{

class TimeArgument
{
public:
    /// `zone_position`: where an optional constant zone name may stand.
    TimeArgument(std::string_view function, const Arguments & arguments, size_t position, size_t zone_position);

    bool isDate() const { return is_date_; }
    int64_t ticksPerSecond() const { return ticks_; }
    const TimeZone & zone() const { return *zone_; }
    int64_t raw(size_t row) const { return values_[row]; } /// days or ticks
    int64_t seconds(size_t row) const
    {
        int64_t x = values_[row];
        if (is_date_)
            return startOfDay(static_cast<int32_t>(x));
        return ticks_ == 1 ? x : x / ticks_ - (x % ticks_ < 0);
    }
    /// Of a DateTime64: what is left over whole seconds, in ticks.
    int64_t fraction(size_t row) const { return is_date_ || ticks_ == 1 ? 0 : values_[row] - seconds(row) * ticks_; }
    int32_t dayNumber(size_t row) const
        { return is_date_ ? static_cast<int32_t>(values_[row]) : zone_->dayNumber(seconds(row)); }
    CivilTime civil(size_t row) const
        { return is_date_ ? civilFromDays(static_cast<int32_t>(values_[row])) : zone_->civil(seconds(row)); }
    int64_t startOfDay(int32_t day) const
    {
        CivilTime date = civilFromDays(day);
        return zone_->unixSeconds(date.year, date.month, date.day, 0, 0, 0);
    }
    /// Starts as the DateTime that a function returns. One before 1970, which a DateTime cannot hold, becomes the first
    /// that it can (of days: the first midnight), as in ClickHouse; that of a DateTime64 argument wraps, as there.
    uint32_t asDateTime(int64_t start) const { return static_cast<uint32_t>(saturates(start) ? 0 : start); }
    uint32_t midnightAsDateTime(int64_t midnight, size_t row) const
        { return static_cast<uint32_t>(saturates(midnight) ? startOfDay(std::max(dayNumber(row), -1) + 1) : midnight); }

private:
    bool saturates(int64_t start) const { return start < 0 && ticks_ == 1; }

    NumberArgument<int64_t> values_;
    TimeZonePtr zone_;
    int64_t ticks_ = 1;
    bool is_date_ = false;
};

void expectTime(std::string_view function, const Arguments & arguments, size_t position, bool date_allowed = true);
/// The zone of a result: named in the call, or the argument's.
std::string zoneNameOf(std::string_view function, const Arguments & arguments, size_t position, size_t zone_position);
/// The first day of the week (Monday) that has `day`.
inline int32_t mondayOf(int32_t day)
{
    int32_t since = day + 3; /// 1970-01-01 was a Thursday
    return day - (since % 7 + 7) % 7;
}

}
