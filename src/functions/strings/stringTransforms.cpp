// lower, upper, reverse, initcap and their UTF8 variants, repeat.

#include "columns/ColumnArray.h"
#include "functions/strings/mapStrings.h"
#include "functions/strings/registerStrings.h"
#include "functions/strings/utf8.h"

#include <algorithm>
#include <clocale>
#include <cwctype>

namespace mangrove
{

namespace
{

char lowerAscii(char c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

char upperAscii(char c)
{
    return c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c;
}

/// Byte by byte over all characters at once: keeps FixedString as it is.
template <typename F>
FunctionSpec bytewise(const char * name, F f)
{
    return {
        .name = name, .arguments_min = 1, .arguments_max = 1,
        .return_type = [name](const Arguments & arguments)
        {
            expectString(name, arguments, 0);
            return arguments[0].type;
        },
        .execute = [f](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            ColumnPtr column = arguments[0].column->materialize();
            if (column->kind() == ColumnKind::FixedString)
            {
                auto & source = static_cast<const ColumnFixedString &>(*column);
                auto result = ColumnFixedString::create(source.length());
                result->chars().resize(source.chars().size());
                std::transform(source.chars().begin(), source.chars().end(), result->chars().begin(), f);
                return result;
            }
            auto & source = static_cast<const ColumnString &>(*column);
            auto result = ColumnString::create();
            result->chars().resize(source.chars().size());
            std::transform(source.chars().begin(), source.chars().end(), result->chars().begin(), f);
            result->offsets() = source.offsets();
            return result;
        },
        .case_insensitive = true};
}

void appendUtf8(PodVector<char> & out, uint32_t point)
{
    auto continuation = [&](int shift) { out.push_back(static_cast<char>(0x80 | ((point >> shift) & 0x3f))); };
    if (point < 0x800)
        out.push_back(static_cast<char>(0xc0 | (point >> 6)));
    else if (point < 0x10000)
    {
        out.push_back(static_cast<char>(0xe0 | (point >> 12)));
        continuation(6);
    }
    else
    {
        out.push_back(static_cast<char>(0xf0 | (point >> 18)));
        continuation(12);
        continuation(6);
    }
    continuation(0);
}

/// Simple case mapping of the C.UTF-8 locale, code point by code point; broken UTF-8 is copied.
void mapCase(std::string_view text, PodVector<char> & out, bool to_upper)
{
    static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    for (size_t i = 0; i < text.size();)
    {
        size_t length = utf8Length(text, i);
        if (length == 1)
        {
            out.push_back(to_upper ? upperAscii(text[i]) : lowerAscii(text[i]));
            ++i;
            continue;
        }
        uint32_t point = static_cast<unsigned char>(text[i]) & (0xff >> (length + 1));
        for (size_t k = 1; k < length; ++k)
            point = (point << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3f);
        if (to_upper && point == 0xdf) /// ß has no capital letter of its own
            append(out, "SS");
        else
        {
            uint32_t mapped = to_upper ? towupper_l(point, locale) : towlower_l(point, locale);
            if (mapped == point || mapped < 0x80)
                append(out, text.substr(i, length));
            else
                appendUtf8(out, mapped);
        }
        i += length;
    }
}

void reverseCodePoints(std::string_view text, PodVector<char> & out)
{
    size_t begin = out.size();
    out.resize(begin + text.size());
    size_t end = out.size();
    for (size_t i = 0; i < text.size();)
    {
        size_t length = utf8Length(text, i);
        end -= length;
        std::copy_n(text.begin() + i, length, out.begin() + end);
        i += length;
    }
}

ColumnPtr reverseAny(const Arguments & arguments, size_t rows)
{
    ColumnPtr column = arguments[0].column->materialize();
    if (column->kind() == ColumnKind::Array)
    {
        auto & array = static_cast<const ColumnArray &>(*column);
        Permutation source;
        source.reserve(array.data().size());
        for (size_t i = 0; i < rows; ++i)
            for (size_t k = array.endOf(i); k-- > array.beginOf(i);)
                source.push_back(static_cast<uint32_t>(k));
        return ColumnArray::create(array.data().gather(source), array.offsetsPtr());
    }
    StringArgument text(*column);
    ColumnPtr reversed = buildStrings(rows,
        [&](size_t i, PodVector<char> & out) { out.insert(out.end(), text[i].rbegin(), text[i].rend()); });
    if (column->kind() != ColumnKind::FixedString)
        return reversed;
    auto fixed = ColumnFixedString::create(static_cast<const ColumnFixedString &>(*column).length());
    for (size_t i = 0; i < rows; ++i)
        fixed->append(reversed->stringAt(i));
    return fixed;
}

}

void registerStringTransforms(FunctionRegistry & registry)
{
    addFunction(registry, bytewise("lower", lowerAscii));
    addFunction(registry, bytewise("upper", upperAscii));
    registry.addAlias("lcase", "lower", true);
    registry.addAlias("ucase", "upper", true);
    addFunction(registry, stringToString("lowerUTF8",
        [](std::string_view text, PodVector<char> & out) { mapCase(text, out, false); }));
    addFunction(registry, stringToString("upperUTF8",
        [](std::string_view text, PodVector<char> & out) { mapCase(text, out, true); }));
    addFunction(registry, stringToString("reverseUTF8", reverseCodePoints));
    addFunction(registry, stringToString("initcap", [](std::string_view text, PodVector<char> & out)
    {
        bool in_word = false;
        for (char c : text)
        {
            out.push_back(in_word ? lowerAscii(c) : upperAscii(c));
            in_word = (c >= '0' && c <= '9') || (upperAscii(c) >= 'A' && upperAscii(c) <= 'Z');
        }
    }, true));
    addFunction(registry, {
        .name = "reverse", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments)
        {
            if (arguments[0].type->id() != TypeId::Array)
                expectString("reverse", arguments, 0);
            return arguments[0].type;
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows)
        { return reverseAny(arguments, rows); },
        .case_insensitive = true});
    addFunction(registry, {
        .name = "repeat", .arguments_min = 2, .arguments_max = 2,
        .return_type = [](const Arguments & arguments)
        {
            expectString("repeat", arguments, 0);
            expectInteger("repeat", arguments, 1);
            return makeType(TypeId::String);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            StringArgument text(*arguments[0].column);
            NumberArgument<int64_t> times(*arguments[1].column);
            return buildStrings(rows, [&](size_t i, PodVector<char> & out)
            {
                int64_t n = std::max<int64_t>(times[i], 0);
                if (n > 1'000'000 || out.size() + n * text[i].size() > generated_elements_max)
                    throw Exception(ErrorCode::TOO_LARGE_STRING_SIZE,
                        "Too many times to repeat ({}), maximum is: 1000000", n);
                for (int64_t k = 0; k < n; ++k)
                    append(out, text[i]);
            });
        },
        .case_insensitive = true});
}

}
