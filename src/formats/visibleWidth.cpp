#include "formats/TextWriters.h"

#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnNullable.h"
#include "types/DataTypes.h"
#include "types/serialization/NumberText.h"

#include <algorithm>
#include <cmath>

namespace mangrove
{

namespace
{

struct Range
{
    uint32_t first, last;
};

/// Combining marks and zero-width characters of the common scripts.
constexpr Range zero_width[]
    = {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F}, {0x200B, 0x200F},
       {0x202A, 0x202E}, {0x2060, 0x2064}, {0x20D0, 0x20F0}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}};

/// East Asian Wide and Fullwidth, after Unicode's EastAsianWidth.txt; emoji take one cell, as in ClickHouse.
constexpr Range double_width[]
    = {{0x1100, 0x115F}, {0x2E80, 0x303E}, {0x3041, 0x33FF}, {0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0xA000, 0xA4CF}, {0xAC00, 0xD7A3},
       {0xF900, 0xFAFF}, {0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x20000, 0x3FFFD}};

bool contains(std::span<const Range> ranges, uint32_t code_point)
{
    return std::any_of(ranges.begin(), ranges.end(), [&](Range r) { return code_point >= r.first && code_point <= r.last; });
}

/// The value of a number column, whatever is around it.
std::optional<double> numberAt(const Column & column, size_t row)
{
    Field field = column.get(row);
    if (field.is<uint64_t>())
        return static_cast<double>(field.get<uint64_t>());
    if (field.is<int64_t>())
        return static_cast<double>(field.get<int64_t>());
    if (field.is<double>())
        return field.get<double>();
    if (field.is<UInt128>())
        return static_cast<double>(field.get<UInt128>());
    return {};
}

}

size_t visibleWidth(std::string_view utf8)
{
    size_t width = 0;
    for (size_t i = 0; i < utf8.size();)
    {
        auto first = static_cast<unsigned char>(utf8[i]);
        if (first < 0x80)
        {
            if (first == '\t')
                width += 8 - width % 8;
            else if (first >= 0x20 && first != 0x7f)
                ++width;
            ++i;
            continue;
        }
        size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
        if (!length || i + length > utf8.size())
        {
            ++i; // not UTF-8: takes no cell
            continue;
        }
        uint32_t code_point = first & (0x7f >> length);
        for (size_t j = 1; j < length; ++j)
            code_point = code_point << 6 | (static_cast<unsigned char>(utf8[i + j]) & 0x3f);
        i += length;
        if (!contains(zero_width, code_point))
            width += contains(double_width, code_point) ? 2 : 1;
    }
    return width;
}

bool alignsRight(const DataTypePtr & type)
{
    auto plain = removeLowCardinalityAndNullable(type);
    return (plain->isNumber() && plain->id() != TypeId::Bool) || plain->isDateOrTime() || plain->id() == TypeId::Interval;
}

std::string readableNumberTip(const ColumnWithType & column, size_t row)
{
    auto type = removeLowCardinalityAndNullable(column.type);
    if ((!type->isInteger() && !type->isFloat()) || column.column->isNullAt(row))
        return {};
    auto value = numberAt(*column.column, row);
    if (!value || !std::isfinite(*value) || std::abs(*value) <= 1e6)
        return {};
    if (std::abs(*value) > 1e17 && std::abs(*value) <= 18446744073709551616.0)
        return {}; // the range of hashes and ids, which are no quantities
    static constexpr const char * units[]
        = {"", " thousand", " million", " billion", " trillion", " quadrillion", " quintillion", " sextillion", " septillion",
           " octillion", " nonillion", " decillion", " undecillion", " duodecillion", " tredecillion", " quattuordecillion",
           " quindecillion", " sexdecillion", " septendecillion", " octodecillion", " novemdecillion", " vigintillion"};
    size_t unit = 0;
    while (unit + 1 < std::size(units) && std::abs(*value) >= 1000)
    {
        *value /= 1000;
        ++unit;
    }
    if (std::abs(*value) < 1e60)
        return fmt::format(" -- {:.2f}{}", *value, units[unit]);
    WriteBuffer shortest;
    writeFloatText(*value, shortest);
    return fmt::format(" -- {}{}", shortest.str(), units[unit]);
}

}
