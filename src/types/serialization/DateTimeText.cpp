#include "types/serialization/DateTimeText.h"

#include "types/serialization/NumberText.h"

#include <algorithm>
#include <cctype>
#include <limits>
#include <optional>

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

/// Walks over one window that holds the whole text of a time.
class Cursor
{
public:
    explicit Cursor(ReadBuffer & in)
    {
        size_t available = in.lookAhead(64);
        begin_ = p_ = in.position();
        end_ = begin_ + std::min<size_t>(available, 64);
    }

    bool atEnd() const { return p_ == end_; }
    char peek(size_t offset = 0) const { return static_cast<size_t>(end_ - p_) > offset ? p_[offset] : '\0'; }
    bool digit(size_t offset = 0) const { return static_cast<unsigned char>(peek(offset) - '0') <= 9; }
    size_t digitCount() const
    {
        size_t count = 0;
        while (digit(count))
            ++count;
        return count;
    }
    /// The next `count` characters, known to be digits.
    uint64_t number(size_t count)
    {
        uint64_t value = 0;
        for (size_t i = 0; i < count; ++i)
            value = value * 10 + static_cast<uint64_t>(*p_++ - '0');
        return value;
    }
    bool consume(char c)
    {
        if (peek() != c || atEnd())
            return false;
        ++p_;
        return true;
    }
    void skip(size_t count) { p_ += count; }
    size_t consumed() const { return p_ - begin_; }
    std::string_view text() const { return {begin_, static_cast<size_t>(end_ - begin_)}; }

private:
    const char * begin_;
    const char * p_;
    const char * end_;
};

struct ParsedTime
{
    int64_t seconds = 0;
    uint64_t fraction = 0; /// of `fraction_digits` digits, at most 9
    uint32_t fraction_digits = 0;
};

template <typename... Args>
[[noreturn]] void fail(fmt::format_string<Args...> format, Args &&... args)
{
    throw Exception(ErrorCode::CANNOT_PARSE_DATETIME, "Cannot read DateTime: {}", fmt::format(format, std::forward<Args>(args)...));
}

void parseFraction(Cursor & cursor, ParsedTime & time)
{
    if (cursor.peek() != '.' || !cursor.digit(1))
        return;
    cursor.skip(1);
    size_t digits = cursor.digitCount();
    size_t kept = std::min<size_t>(digits, 9);
    time.fraction = cursor.number(kept);
    time.fraction_digits = static_cast<uint32_t>(kept);
    cursor.skip(digits - kept);
}

int daysInMonth(int year, int month)
{
    static constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

/// Z, UTC, GMT, +hh, +hhmm, +hh:mm: seconds east, if one stands here (blanks before it allowed).
std::optional<int> parseOffset(Cursor & cursor)
{
    size_t blanks = 0;
    while (cursor.peek(blanks) == ' ')
        ++blanks;
    char c = cursor.peek(blanks);
    if (c == 'Z' || c == 'z')
    {
        cursor.skip(blanks + 1);
        return 0;
    }
    std::string_view rest = cursor.text().substr(cursor.consumed() + blanks);
    if (rest.starts_with("UTC") || rest.starts_with("GMT"))
    {
        cursor.skip(blanks + 3);
        return 0;
    }
    if ((c != '+' && c != '-') || !cursor.digit(blanks + 1))
    {
        cursor.skip(blanks);
        return {};
    }
    cursor.skip(blanks + 1);
    size_t digits = cursor.digitCount();
    if (digits != 1 && digits != 2 && digits != 4)
        fail("unexpected time zone offset in '{}'", cursor.text());
    int hours = static_cast<int>(cursor.number(digits == 4 ? 2 : digits));
    int minutes = 0;
    if (digits == 4)
        minutes = static_cast<int>(cursor.number(2));
    else if (cursor.peek() == ':' && cursor.digit(1) && cursor.digit(2))
    {
        cursor.skip(1);
        minutes = static_cast<int>(cursor.number(2));
    }
    int seconds = hours * 3600 + minutes * 60;
    return c == '-' ? -seconds : seconds;
}

struct WallTime
{
    int year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0;
};

void parseClock(Cursor & cursor, WallTime & wall, ParsedTime & time)
{
    auto part = [&](int limit) -> int
    {
        size_t digits = std::min<size_t>(cursor.digitCount(), 2);
        int value = static_cast<int>(cursor.number(digits));
        if (!digits || value >= limit)
            fail("unexpected time in '{}'", cursor.text());
        return value;
    };
    wall.hour = part(24);
    if (!cursor.consume(':'))
        return;
    wall.minute = part(60);
    if (!cursor.consume(':'))
        return;
    wall.second = part(60);
    parseFraction(cursor, time);
}

ParsedTime parseTime(ReadBuffer & in, const TimeZone & zone)
{
    Cursor cursor(in);
    ParsedTime time;
    WallTime wall;
    size_t digits = cursor.digitCount();
    auto done = [&]
    {
        in.advance(cursor.consumed());
        return time;
    };
    switch (digits)
    {
        case 0:
            if (std::isalpha(static_cast<unsigned char>(cursor.peek())))
                fail("unexpected word");
            fail("neither Date nor Time was parsed successfully");
        case 9:
        case 10:
            time.seconds = static_cast<int64_t>(cursor.number(digits));
            parseFraction(cursor, time);
            return done();
        case 13:
        case 16:
        case 19:
            time.seconds = static_cast<int64_t>(cursor.number(10));
            time.fraction_digits = static_cast<uint32_t>(digits - 10);
            time.fraction = cursor.number(digits - 10);
            return done();
        case 4:
        case 6:
        case 8:
        case 14:
            wall.year = static_cast<int>(cursor.number(4));
            if (digits >= 6)
                wall.month = static_cast<int>(cursor.number(2));
            if (digits >= 8)
                wall.day = static_cast<int>(cursor.number(2));
            if (digits == 14)
            {
                wall.hour = static_cast<int>(cursor.number(2));
                wall.minute = static_cast<int>(cursor.number(2));
                wall.second = static_cast<int>(cursor.number(2));
                if (wall.hour > 23 || wall.minute > 59 || wall.second > 59)
                    fail("unexpected time in '{}'", cursor.text());
                parseFraction(cursor, time);
            }
            break;
        default: fail("unexpected number of decimal digits: {}", digits);
    }
    char separator = cursor.peek();
    if (digits == 4 && (separator == '-' || separator == '/' || separator == '.') && cursor.digit(1))
    {
        auto part = [&] { return static_cast<int>(cursor.number(std::min<size_t>(cursor.digitCount(), 2))); };
        cursor.skip(1);
        wall.month = part();
        if (cursor.peek() == separator && cursor.digit(1))
        {
            cursor.skip(1);
            wall.day = part();
        }
    }
    if (wall.year == 0 && wall.month == 0 && wall.day == 0) // MySQL's zero date
        wall = WallTime{.year = 1970};
    if (wall.month < 1 || wall.month > 12 || wall.day < 1 || wall.day > daysInMonth(wall.year, wall.month))
        fail("unexpected date: {}-{}-{}", wall.year, wall.month, wall.day);
    if (digits != 14 && (cursor.peek() == ' ' || cursor.peek() == 'T' || cursor.peek() == 't') && cursor.digit(1))
    {
        cursor.skip(1);
        parseClock(cursor, wall, time);
    }
    if (auto offset = parseOffset(cursor))
        time.seconds = int64_t(daysFromCivil(wall.year, wall.month, wall.day)) * 86400 + wall.hour * 3600 + wall.minute * 60
            + wall.second - *offset;
    else
        time.seconds = zone.unixSeconds(wall.year, wall.month, wall.day, wall.hour, wall.minute, wall.second);
    return done();
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
    Cursor cursor(in);
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
