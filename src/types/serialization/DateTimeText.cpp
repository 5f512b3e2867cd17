#include "types/serialization/DateTimeText.h"

#include "types/serialization/NumberText.h"
#include "types/serialization/TextCursor.h"
#include "types/serialization/parseTime.h"

#include <algorithm>
#include <cctype>
#include <limits>

namespace mangrove
{

namespace
{

char * putDigits(char * to, uint64_t value, int count)
{
    for (int i = count - 1; i >= 0; --i, value /= 10)
        to[i] = static_cast<char>('0' + value % 10);
    return to + count;
}

char * putDate(char * to, const CivilTime & time)
{
    to = putDigits(to, static_cast<uint64_t>(std::clamp(time.year, 0, 9999)), 4);
    *to++ = '-';
    to = putDigits(to, time.month, 2);
    *to++ = '-';
    return putDigits(to, time.day, 2);
}

char * putTime(char * to, const CivilTime & time)
{
    to = putDigits(to, time.hour, 2);
    *to++ = ':';
    to = putDigits(to, time.minute, 2);
    *to++ = ':';
    return putDigits(to, time.second, 2);
}

/// Seconds and the ticks above them, for negative ticks too.
std::pair<int64_t, int64_t> splitTicks(int64_t ticks, uint32_t precision)
{
    int64_t per_second = powerOf10(precision);
    int64_t seconds = ticks / per_second;
    int64_t fraction = ticks % per_second;
    if (fraction < 0)
    {
        fraction += per_second;
        --seconds;
    }
    return {seconds, fraction};
}

void writeTicks(int64_t ticks, uint32_t precision, const TimeZone & zone, std::string_view separator, std::string_view suffix, WriteBuffer & out)
{
    auto [seconds, fraction] = splitTicks(ticks, precision);
    CivilTime time = zone.civil(seconds);
    char text[48];
    char * p = putDate(text, time);
    *p++ = separator[0];
    p = putTime(p, time);
    if (precision)
    {
        *p++ = '.';
        p = putDigits(p, fraction, static_cast<int>(precision));
    }
    p = std::copy(suffix.begin(), suffix.end(), p);
    out.write(std::string_view(text, p - text));
}

}

int64_t powerOf10(uint32_t exponent)
{
    int64_t power = 1;
    for (uint32_t i = 0; i < exponent; ++i)
        power *= 10;
    return power;
}

void writeDateText(int32_t days, WriteBuffer & out)
{
    char text[16];
    char * end = putDate(text, civilFromDays(days));
    out.write(std::string_view(text, end - text));
}

void writeDateTimeText(int64_t unix_seconds, const TimeZone & zone, WriteBuffer & out)
{
    writeTicks(unix_seconds, 0, zone, " ", "", out);
}

void writeDateTimeIso(int64_t ticks, uint32_t precision, WriteBuffer & out)
{
    writeTicks(ticks, precision, *TimeZone::get("UTC"), "T", "Z", out);
}

void writeDateTime64Text(int64_t ticks, uint32_t precision, const TimeZone & zone, WriteBuffer & out)
{
    writeTicks(ticks, precision, zone, " ", "", out);
}

void writeUnixTimestamp64(int64_t ticks, uint32_t precision, WriteBuffer & out)
{
    if (ticks < 0)
        out.writeByte('-');
    uint64_t magnitude = ticks < 0 ? 0 - static_cast<uint64_t>(ticks) : static_cast<uint64_t>(ticks);
    auto per_second = static_cast<uint64_t>(powerOf10(precision));
    writeIntText(magnitude / per_second, out);
    if (precision)
    {
        char text[20];
        out.writeByte('.');
        out.write(std::string_view(text, putDigits(text, magnitude % per_second, static_cast<int>(precision)) - text));
    }
}

uint16_t readDateText(ReadBuffer & in)
{
    TextCursor cursor(in);
    int year = 0, month = 0, day = 0;
    size_t digits = cursor.digitCount();
    auto tooShort = [] { throw Exception(ErrorCode::CANNOT_PARSE_DATE, "Cannot parse date: value is too short"); };
    if (digits >= 8)
    {
        year = static_cast<int>(cursor.number(4));
        month = static_cast<int>(cursor.number(2));
        day = static_cast<int>(cursor.number(2));
    }
    else
    {
        if (digits != 4)
            tooShort();
        year = static_cast<int>(cursor.number(4));
        auto part = [&]
        {
            if (cursor.atEnd() || std::isalnum(static_cast<unsigned char>(cursor.peek())) || !cursor.digit(1))
                tooShort();
            cursor.skip(1);
            return static_cast<int>(cursor.number(std::min<size_t>(cursor.digitCount(), 2)));
        };
        month = part();
        day = part();
    }
    in.advance(cursor.consumed());
    if (month < 1 || month > 12 || day < 1 || day > 31) // the 30th of February is a day of March
        return 0;
    return static_cast<uint16_t>(std::clamp(daysFromCivil(year, month, day), 0, 0xffff));
}

uint32_t readDateTimeText(ReadBuffer & in, const TimeZone & zone)
{
    int64_t seconds = parseTime(in, zone).seconds;
    return static_cast<uint32_t>(std::clamp<int64_t>(seconds, 0, std::numeric_limits<uint32_t>::max()));
}

int64_t readDateTime64Text(ReadBuffer & in, uint32_t precision, const TimeZone & zone)
{
    ParsedTime time = parseTime(in, zone);
    int64_t fraction = static_cast<int64_t>(time.fraction);
    if (time.fraction_digits > precision)
        fraction /= powerOf10(time.fraction_digits - precision);
    else
        fraction *= powerOf10(precision - time.fraction_digits);
    int64_t ticks = 0;
    if (__builtin_mul_overflow(time.seconds, powerOf10(precision), &ticks) || __builtin_add_overflow(ticks, fraction, &ticks))
        throw Exception(
            ErrorCode::DECIMAL_OVERFLOW, "A time of {} seconds since 1970 does not fit DateTime64({})", time.seconds, precision);
    return ticks;
}

}
