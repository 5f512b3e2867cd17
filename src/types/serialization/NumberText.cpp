#include "types/serialization/NumberText.h"

#include <cmath>
#include <cstdlib>

namespace mangrove
{

namespace
{

/// Lays out shortest scientific digits ("1.2345e+06") the way ClickHouse does.
template <typename T>
void writeFloat(T value, WriteBuffer & out)
{
    if (std::isnan(value))
        return out.write("nan");
    if (std::isinf(value))
        return out.write(value < 0 ? "-inf" : "inf");

    char scientific[40];
    auto * end = std::to_chars(scientific, scientific + sizeof(scientific), value, std::chars_format::scientific).ptr;
    const char * p = scientific;
    if (*p == '-')
    {
        out.writeByte('-');
        ++p;
    }
    char digits[32];
    size_t count = 0;
    for (; p != end && *p != 'e'; ++p)
        if (*p != '.')
            digits[count++] = *p;
    ++p; // 'e'
    if (p < end && *p == '+')
        ++p;
    int exponent = 0;
    std::from_chars(p, end, exponent);

    std::string_view all(digits, count);
    if (exponent < -6 || exponent >= 21)
    {
        out.write(all.substr(0, 1));
        if (count > 1)
        {
            out.writeByte('.');
            out.write(all.substr(1));
        }
        out.writeByte('e');
        return writeIntText(exponent, out);
    }
    if (exponent < 0)
    {
        out.write("0.");
        out.write(std::string_view("000000", -exponent - 1));
        return out.write(all);
    }
    size_t integer_digits = exponent + 1;
    if (count <= integer_digits)
    {
        out.write(all);
        return out.write(std::string_view("000000000000000000000", integer_digits - count));
    }
    out.write(all.substr(0, integer_digits));
    out.writeByte('.');
    out.write(all.substr(integer_digits));
}

bool startsWithIgnoringCase(std::string_view text, std::string_view lower_case)
{
    if (text.size() < lower_case.size())
        return false;
    for (size_t i = 0; i < lower_case.size(); ++i)
        if ((text[i] | 0x20) != lower_case[i])
            return false;
    return true;
}

/// Longer numbers than this do not occur; the digits behind are an error of the caller's delimiter check.
constexpr size_t number_bytes_max = 1024;

}

char * formatUInt128(UInt128 value, char * end)
{
    do
    {
        *--end = static_cast<char>('0' + static_cast<int>(value % 10));
        value /= 10;
    } while (value);
    return end;
}

void writeFloatText(double value, WriteBuffer & out)
{
    writeFloat(value, out);
}

void writeFloatText(float value, WriteBuffer & out)
{
    writeFloat(value, out);
}

double readFloatText(ReadBuffer & in)
{
    in.lookAhead(64);
    const char * begin = in.position();
    const char * end = in.end();
    bool negative = false;
    const char * p = begin;
    if (p != end && (*p == '-' || *p == '+'))
        negative = *p++ == '-';
    std::string_view word(p, end - p);
    for (auto [name, value] : {std::pair<std::string_view, double>{"infinity", HUGE_VAL}, {"inf", HUGE_VAL}, {"nan", std::nan("")}})
        if (startsWithIgnoringCase(word, name))
        {
            in.advance(p + name.size() - begin);
            return negative ? -value : value;
        }

    double value = 0;
    auto parse = [&]
    {
        auto parsed = std::from_chars(p, end, value, std::chars_format::general);
        if (parsed.ec == std::errc::result_out_of_range) // too large or too small: strtod tells inf from 0
            value = std::strtod(std::string(p, parsed.ptr).c_str(), nullptr);
        return parsed.ptr;
    };
    const char * after = parse();
    if (after == end && static_cast<size_t>(end - begin) < number_bytes_max && in.lookAhead(number_bytes_max) > static_cast<size_t>(end - begin))
    {
        p = in.position() + (p - begin);
        begin = in.position();
        end = begin + std::min(in.available(), number_bytes_max);
        after = parse();
    }
    if (after == p || (after != end && (*after | 0x20) == 'e' && after + 1 == end))
        throw Exception(
            ErrorCode::CANNOT_PARSE_NUMBER,
            "Cannot read floating point value here: {}",
            std::string_view(begin, std::min<size_t>(end - begin, 32)));
    in.advance(after - begin);
    return negative ? -value : value;
}

}
