#include "types/serialization/parseTime.h"

#include "types/serialization/TextCursor.h"

#include <cctype>
#include <optional>

namespace mangrove
{

namespace
{

template <typename... Args>
[[noreturn]] void fail(fmt::format_string<Args...> format, Args &&... args)
{
    throw Exception(ErrorCode::CANNOT_PARSE_DATETIME, "Cannot read DateTime: {}", fmt::format(format, std::forward<Args>(args)...));
}

constexpr std::string_view months[] = {"january", "february", "march", "april", "may", "june", "july", "august",
    "september", "october", "november", "december"};
constexpr std::string_view weekdays[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

/// The position of the name that `word` is or begins (three letters at least), from 1; 0: none.
template <size_t n>
int nameNumber(const std::string_view (&names)[n], std::string_view word)
{
    for (size_t i = 0; i < n; ++i)
        if (word.size() >= 3 && names[i].starts_with(word))
            return static_cast<int>(i) + 1;
    return 0;
}

int daysInMonth(int year, int month)
{
    static constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

/// A time is a sequence of tokens (a date, a clock, AM or PM, an offset, names) in nearly any order, with blanks or a
/// comma and a blank between them. What does not belong to it is left in the buffer.
class TimeParser
{
public:
    explicit TimeParser(ReadBuffer & in) : cursor_(in) { }

    ParsedTime parse(const TimeZone & zone)
    {
        if (timestamp())
            return time_;
        while (token())
            ;
        if (!year_)
            fail("{} in '{}'", month_ || day_ || has_clock_ ? "no year" : "neither Date nor Time was parsed successfully", cursor_.text());
        int year = *year_, month = month_.value_or(1), day = day_.value_or(1);
        if (year == 0 && month == 0 && day == 0) // MySQL's zero date
            year = 1970, month = day = 1;
        if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month))
            fail("unexpected date: {}-{}-{}", year, month, day);
        time_.seconds = offset_
            ? int64_t{daysFromCivil(year, month, day)} * 86400 + hour_ * 3600 + minute_ * 60 + second_ - *offset_
            : zone.unixSeconds(year, month, day, hour_, minute_, second_);
        return time_;
    }

    size_t consumed() const { return cursor_.consumed(); }

private:
    bool timestamp()
    {
        switch (size_t digits = cursor_.digitCount())
        {
            case 9:
            case 10:
                time_.seconds = static_cast<int64_t>(cursor_.number(digits));
                fraction();
                return true;
            case 13:
            case 16:
            case 19:
                time_.seconds = static_cast<int64_t>(cursor_.number(10));
                time_.fraction_digits = static_cast<uint32_t>(digits - 10);
                time_.fraction = cursor_.number(digits - 10);
                return true;
            default: return false;
        }
    }

    /// Takes one token; false: what stands here is not part of the time.
    bool token()
    {
        size_t blanks = 0;
        if (cursor_.peek() == ',' && cursor_.peek(1) == ' ')
            ++blanks;
        while (cursor_.peek(blanks) == ' ')
            ++blanks;
        const char c = cursor_.peek(blanks);
        if (size_t digits = cursor_.digitCount(blanks))
        {
            const bool clock = digits <= 2 && (cursor_.peek(blanks + digits) == ':' || (day_ && year_));
            if (clock ? has_clock_ : hasDate(digits))
                return false;
            cursor_.skip(blanks);
            clock ? readClock() : readDate(digits);
            return true;
        }
        if (std::isalpha(static_cast<unsigned char>(c)))
        {
            cursor_.skip(blanks);
            readWord();
            return true;
        }
        if ((c == '+' || c == '-') && has_clock_ && !offset_ && cursor_.digit(blanks + 1))
        {
            cursor_.skip(blanks);
            readOffset();
            return true;
        }
        if (cursor_.peek() == ' ')
            cursor_.skip(blanks);
        return false;
    }

    bool hasDate(size_t digits) const { return digits == 4 ? bool(year_) : digits <= 2 ? bool(day_) : year_ || month_ || day_; }

    int number(size_t digits_max) { return static_cast<int>(cursor_.number(std::min(cursor_.digitCount(), digits_max))); }

    static bool isSeparator(char c) { return c == '-' || c == '/' || c == '.'; }

    void readDate(size_t digits)
    {
        if (digits <= 2)
            return readDayFirst();
        if (digits != 4 && digits != 6 && digits != 8 && digits != 14)
            fail("unexpected number of decimal digits: {}", digits);
        const bool alone = digits == 4 && !month_ && !day_;
        year_ = number(4);
        if (digits >= 6)
            month_ = number(2);
        if (digits >= 8)
            day_ = number(2);
        if (digits == 14)
        {
            hour_ = number(2), minute_ = number(2), second_ = number(2);
            if (hour_ > 23 || minute_ > 59 || second_ > 59)
                fail("unexpected time in '{}'", cursor_.text());
            has_clock_ = true;
            fraction();
        }
        const char separator = cursor_.peek();
        if (!alone || !isSeparator(separator) || !cursor_.digit(1))
            return;
        cursor_.skip(1);
        month_ = number(2);
        if (cursor_.peek() == separator && cursor_.digit(1))
        {
            cursor_.skip(1);
            day_ = number(2);
        }
    }

    /// 23/11/2024, 23.11.24, 23-Nov-2024, or only the day beside the name of a month. A month above 12 is a day.
    void readDayFirst()
    {
        day_ = number(2);
        const char separator = cursor_.peek();
        if (!isSeparator(separator) || month_ || year_)
            return;
        if (std::isalpha(static_cast<unsigned char>(cursor_.peek(1))))
        {
            cursor_.skip(1);
            readWord();
        }
        else if (cursor_.digit(1))
        {
            cursor_.skip(1);
            month_ = number(2);
            if (*month_ > 12 && *day_ <= 12)
                std::swap(month_, day_);
        }
        if (!month_ || cursor_.peek() != separator)
            fail("no month and year behind the day in '{}'", cursor_.text());
        cursor_.skip(1);
        const size_t digits = cursor_.digitCount();
        if (digits != 2 && digits != 4)
            fail("unexpected number of decimal digits after day of month and month: {}", digits);
        year_ = number(4);
        if (digits == 2)
            *year_ += *year_ < 70 ? 2000 : 1900;
    }

    void readClock()
    {
        auto part = [&](int limit) -> int
        {
            const size_t digits = cursor_.digitCount();
            const int value = number(2);
            if (!digits || value >= limit)
                fail("unexpected time in '{}'", cursor_.text());
            return value;
        };
        has_clock_ = true;
        hour_ = part(24);
        if (!cursor_.consume(':'))
            return;
        minute_ = part(60);
        if (!cursor_.consume(':'))
            return;
        second_ = part(60);
        fraction();
    }

    void fraction()
    {
        if (cursor_.peek() != '.' || !cursor_.digit(1))
            return;
        cursor_.skip(1);
        size_t digits = cursor_.digitCount();
        size_t kept = std::min<size_t>(digits, 9);
        time_.fraction = cursor_.number(kept);
        time_.fraction_digits = static_cast<uint32_t>(kept);
        cursor_.skip(digits - kept);
    }

    void readWord()
    {
        std::string word;
        while (std::isalpha(static_cast<unsigned char>(cursor_.peek(word.size()))))
            word += static_cast<char>(cursor_.peek(word.size()) | 0x20);
        if (word == "t" && year_ && !has_clock_ && cursor_.digit(1))
        {
            cursor_.skip(1);
            return readClock();
        }
        cursor_.skip(word.size());
        if ((word == "am" || word == "pm") && has_clock_)
        {
            if (hour_ == 12 && word == "am")
                hour_ = 0;
            else if (hour_ < 12 && word == "pm")
                hour_ += 12;
        }
        else if ((word == "z" || word == "utc" || word == "gmt") && !offset_)
            offset_ = 0;
        else if (word == "msk" && !offset_)
            offset_ = 3 * 3600;
        else if (int month = nameNumber(months, word); month && !month_)
            month_ = month;
        else if (!nameNumber(weekdays, word))
            fail("unexpected word");
    }

    /// +hh, +hhmm, +hh:mm: seconds east.
    void readOffset()
    {
        const bool west = cursor_.peek() == '-';
        cursor_.skip(1);
        const size_t digits = cursor_.digitCount();
        if (digits != 1 && digits != 2 && digits != 4)
            fail("unexpected time zone offset in '{}'", cursor_.text());
        int seconds = number(2) * 3600;
        if (digits == 4)
            seconds += number(2) * 60;
        else if (cursor_.peek() == ':' && cursor_.digit(1) && cursor_.digit(2))
        {
            cursor_.skip(1);
            seconds += number(2) * 60;
        }
        offset_ = west ? -seconds : seconds;
    }

    TextCursor cursor_;
    ParsedTime time_;
    std::optional<int> year_, month_, day_, offset_;
    bool has_clock_ = false;
    int hour_ = 0, minute_ = 0, second_ = 0;
};

}

ParsedTime parseTime(ReadBuffer & in, const TimeZone & zone)
{
    TimeParser parser(in);
    ParsedTime time = parser.parse(zone);
    in.advance(parser.consumed());
    return time;
}

}
