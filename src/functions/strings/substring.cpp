// substring, left, right, substringIndex and the UTF8 variants. Positions count from 1; negative ones from the end.

#include "functions/strings/mapStrings.h"
#include "functions/strings/registerStrings.h"
#include "functions/strings/utf8.h"

#include <algorithm>

namespace mangrove
{

namespace
{

/// [begin, end) of `size` units; offset 0 selects nothing, a negative length stops that far before the end.
std::pair<size_t, size_t> selectRange(int64_t size, int64_t offset, bool has_length, int64_t length)
{
    if (offset == 0)
        return {0, 0};
    int64_t begin = offset > 0 ? std::min(offset - 1, size) : size
        + std::max(offset, -size - generated_elements_max_signed);
    int64_t end = size;
    if (has_length)
        end = length >= 0 ? (length > size - begin ? size : begin + length) : size + std::max(length, -size);
    begin = std::max<int64_t>(begin, 0);
    end = std::clamp<int64_t>(end, begin, size);
    return {static_cast<size_t>(begin), static_cast<size_t>(end)};
}

void appendRange(PodVector<char> & out, std::string_view text, bool utf8, int64_t offset, bool has_length,
    int64_t length)
{
    size_t size = utf8 ? utf8CodePoints(text) : text.size();
    auto [begin, end] = selectRange(static_cast<int64_t>(size), offset, has_length, length);
    if (utf8)
    {
        size_t from = utf8Offset(text, begin);
        append(out, text.substr(from, utf8Offset(text.substr(from), end - begin)));
    }
    else
        append(out, text.substr(begin, end - begin));
}

FunctionSpec substringSpec(const char * name, bool utf8)
{
    return {
        .name = name, .arguments_min = 2, .arguments_max = 3,
        .return_type = [name](const Arguments & arguments)
        {
            expectString(name, arguments, 0);
            expectInteger(name, arguments, 1);
            if (arguments.size() == 3)
                expectInteger(name, arguments, 2);
            return makeType(TypeId::String);
        },
        .execute = [utf8](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            StringArgument text(*arguments[0].column);
            NumberArgument<int64_t> offset(*arguments[1].column);
            const bool has_length = arguments.size() == 3;
            NumberArgument<int64_t> length(*arguments[has_length ? 2 : 1].column);
            return buildStrings(rows, [&](size_t i, PodVector<char> & out)
            { appendRange(out, text[i], utf8, offset[i], has_length, length[i]); });
        },
        .case_insensitive = !utf8};
}

/// left(s, n) = substring(s, 1, n); right(s, n) = the last n; a negative n leaves out that many.
FunctionSpec sideSpec(const char * name, bool right, bool utf8)
{
    return {
        .name = name, .arguments_min = 2, .arguments_max = 2,
        .return_type = [name](const Arguments & arguments)
        {
            expectString(name, arguments, 0);
            expectInteger(name, arguments, 1);
            return makeType(TypeId::String);
        },
        .execute = [right, utf8](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            StringArgument text(*arguments[0].column);
            NumberArgument<int64_t> count(*arguments[1].column);
            return buildStrings(rows, [&](size_t i, PodVector<char> & out)
            {
                int64_t n = std::clamp<int64_t>(count[i], -generated_elements_max_signed,
                    generated_elements_max_signed);
                if (!right)
                    appendRange(out, text[i], utf8, 1, true, n);
                else if (n < 0)
                    appendRange(out, text[i], utf8, 1 - n, false, 0);
                else
                    appendRange(out, text[i], utf8, -n, false, 0);
            });
        },
        .case_insensitive = !utf8};
}

std::string_view beforeDelimiter(std::string_view text, std::string_view delimiter, int64_t count)
{
    if (delimiter.empty() || count == 0)
        return {};
    if (count > 0)
    {
        size_t position = 0;
        for (int64_t k = 0; k < count; ++k)
        {
            size_t found = text.find(delimiter, position);
            if (found == std::string_view::npos)
                return text;
            if (k + 1 == count)
                return text.substr(0, found);
            position = found + delimiter.size();
        }
    }
    size_t end = text.size();
    for (int64_t k = 0; k > count; --k)
    {
        size_t found = end < delimiter.size() ? std::string_view::npos : text.rfind(delimiter, end - delimiter.size());
        if (found == std::string_view::npos)
            return text;
        if (k - 1 == count)
            return text.substr(found + delimiter.size());
        end = found;
    }
    return text;
}

}

void registerSubstring(FunctionRegistry & registry)
{
    addFunction(registry, substringSpec("substring", false));
    addFunction(registry, substringSpec("substringUTF8", true));
    registry.addAlias("substr", "substring", true);
    registry.addAlias("mid", "substring", true);
    registry.addAlias("byteSlice", "substring", true);
    addFunction(registry, sideSpec("left", false, false));
    addFunction(registry, sideSpec("right", true, false));
    addFunction(registry, sideSpec("leftUTF8", false, true));
    addFunction(registry, sideSpec("rightUTF8", true, true));
    addFunction(registry, {
        .name = "substringIndex", .arguments_min = 3, .arguments_max = 3,
        .return_type = [](const Arguments & arguments)
        {
            expectString("substringIndex", arguments, 0);
            constantString("substringIndex", arguments, 1);
            expectInteger("substringIndex", arguments, 2);
            return makeType(TypeId::String);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            StringArgument text(*arguments[0].column);
            std::string delimiter = constantString("substringIndex", arguments, 1);
            NumberArgument<int64_t> count(*arguments[2].column);
            return buildStrings(rows, [&](size_t i,
                PodVector<char> & out) { append(out, beforeDelimiter(text[i], delimiter, count[i])); });
        },
        .constants = {1}});
    registry.addAlias("SUBSTRING_INDEX", "substringIndex", true);
}

}
