// editDistance, byteHammingDistance, translate, overlay, space, regexpQuoteMeta, appendTrailingCharIfAbsent, isValidASCII.

#include "base/editDistance.h"
#include "functions/strings/mapStrings.h"
#include "functions/strings/registerStrings.h"

#include <algorithm>
#include <array>

namespace mangrove
{

namespace
{

/// What two strings may cost: their product is the time of one comparison.
constexpr size_t compared_bytes_max = 1 << 16;

uint64_t boundedEditDistance(std::string_view a, std::string_view b)
{
    if (a.size() > compared_bytes_max || b.size() > compared_bytes_max)
        throw Exception(ErrorCode::TOO_LARGE_STRING_SIZE, "The string size is too big for function editDistance, should be at most {}",
            compared_bytes_max);
    return editDistance(a, b);
}

/// Bytes that differ, the missing ones of the shorter included.
uint64_t byteHammingDistance(std::string_view a, std::string_view b)
{
    size_t common = std::min(a.size(), b.size());
    uint64_t distance = std::max(a.size(), b.size()) - common;
    for (size_t i = 0; i < common; ++i)
        distance += a[i] != b[i];
    return distance;
}

FunctionSpec distanceSpec(const char * name, uint64_t (*f)(std::string_view, std::string_view))
{
    return {
        .name = name, .arguments_min = 2, .arguments_max = 2, .return_type = stringsReturn(name, 2, TypeId::UInt64),
        .execute = [f](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            StringArgument a(*arguments[0].column);
            StringArgument b(*arguments[1].column);
            auto result = ColumnUInt64::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = f(a[i], b[i]);
            return result;
        }};
}

bool isAscii(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

constexpr int16_t removed = -1;

/// What becomes of each byte. Of a repeated one the last counts; those without a partner are removed.
std::array<int16_t, 256> translation(const Arguments & arguments)
{
    std::string from = constantString("translate", arguments, 1);
    std::string to = constantString("translate", arguments, 2);
    if (!isAscii(from) || !isAscii(to))
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Second and third arguments must be ASCII strings");
    if (from.size() < to.size())
        throw Exception(ErrorCode::BAD_ARGUMENTS,
            "Second argument of function translate must not be shorter than the third argument. "
            "Size of the second argument: {}, size of the third argument: {}", from.size(), to.size());
    std::array<int16_t, 256> map;
    for (int16_t c = 0; c < 256; ++c)
        map[c] = c;
    for (size_t i = 0; i < from.size(); ++i)
        map[static_cast<unsigned char>(from[i])] = i < to.size() ? static_cast<unsigned char>(to[i]) : removed;
    return map;
}

void registerTranslate(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "translate", .arguments_min = 3, .arguments_max = 3,
        .return_type = stringsReturn("translate", 3, TypeId::String),
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            const auto map = translation(arguments);
            StringArgument text(*arguments[0].column);
            return buildStrings(rows, [&](size_t i, PodVector<char> & out)
            {
                for (char c : text[i])
                    if (int16_t mapped = map[static_cast<unsigned char>(c)]; mapped != removed)
                        out.push_back(static_cast<char>(mapped));
            });
        },
        .constants = {1, 2}});
}

/// Where `offset`, from 1 or from the end, stands: 0 and what is behind the end mean the end.
size_t overlayStart(int64_t offset, size_t size)
{
    if (offset > 0)
        return std::min<size_t>(static_cast<size_t>(offset) - 1, size);
    if (offset == 0)
        return size;
    return offset < -static_cast<int64_t>(size) ? 0 : size + offset;
}

void registerOverlay(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "overlay", .arguments_min = 3, .arguments_max = 4,
        .return_type = [](const Arguments & arguments)
        {
            expectString("overlay", arguments, 0);
            expectString("overlay", arguments, 1);
            for (size_t k = 2; k < arguments.size(); ++k)
                expectInteger("overlay", arguments, k);
            return makeType(TypeId::String);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            StringArgument text(*arguments[0].column);
            StringArgument replacement(*arguments[1].column);
            NumberArgument<int64_t> offset(*arguments[2].column);
            NumberArgument<int64_t> length(*arguments.back().column);
            const bool has_length = arguments.size() == 4;
            return buildStrings(rows, [&](size_t i, PodVector<char> & out)
            {
                size_t start = overlayStart(offset[i], text[i].size());
                size_t covered = has_length && length[i] >= 0 ? static_cast<size_t>(length[i]) : replacement[i].size();
                append(out, text[i].substr(0, start));
                append(out, replacement[i]);
                append(out, text[i].substr(start + std::min(covered, text[i].size() - start)));
            });
        },
        .case_insensitive = true});
}

void registerSpace(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "space", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments)
        {
            expectInteger("space", arguments, 0);
            return makeType(TypeId::String);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            NumberArgument<int64_t> count(*arguments[0].column);
            return buildStrings(rows, [&](size_t i, PodVector<char> & out)
            {
                int64_t n = std::max<int64_t>(count[i], 0);
                if (n > 1'000'000 || out.size() + n > generated_elements_max)
                    throw Exception(ErrorCode::TOO_LARGE_STRING_SIZE, "Too many times to repeat ({}), maximum is: 1000000", n);
                out.insert(out.end(), n, ' ');
            });
        },
        .case_insensitive = true});
}

void registerTrailingChar(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "appendTrailingCharIfAbsent", .arguments_min = 2, .arguments_max = 2,
        .return_type = [](const Arguments & arguments)
        {
            if (!arguments[0].type->isString())
                throwIllegalType("appendTrailingCharIfAbsent", *arguments[0].type, 0);
            if (constantString("appendTrailingCharIfAbsent", arguments, 1).size() != 1)
                throw Exception(ErrorCode::BAD_ARGUMENTS,
                    "Second argument of function appendTrailingCharIfAbsent must be a one-character string");
            return makeType(TypeId::String);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            StringArgument text(*arguments[0].column);
            const char last = constantString("appendTrailingCharIfAbsent", arguments, 1)[0];
            return buildStrings(rows, [&](size_t i, PodVector<char> & out)
            {
                append(out, text[i]);
                if (!text[i].empty() && text[i].back() != last)
                    out.push_back(last);
            });
        },
        .constants = {1}});
}

}

void registerEdits(FunctionRegistry & registry)
{
    addFunction(registry, distanceSpec("editDistance", boundedEditDistance));
    registry.addAlias("levenshteinDistance", "editDistance");
    addFunction(registry, distanceSpec("byteHammingDistance", byteHammingDistance));
    registry.addAlias("mismatches", "byteHammingDistance");
    registerTranslate(registry);
    registerOverlay(registry);
    registerSpace(registry);
    registerTrailingChar(registry);
    addFunction(registry, stringToString("regexpQuoteMeta", [](std::string_view text, PodVector<char> & out)
    {
        for (char c : text)
        {
            if (std::string_view("\0\\|()^$.[]?*+{:-", 16).find(c) != std::string_view::npos)
                out.push_back('\\');
            out.push_back(c);
        }
    }));
    addFunction(registry, {
        .name = "isValidASCII", .arguments_min = 1, .arguments_max = 1,
        .return_type = stringsReturn("isValidASCII", 1, TypeId::UInt8),
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            StringArgument text(*arguments[0].column);
            auto result = ColumnUInt8::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = isAscii(text[i]);
            return result;
        }});
    registry.addAlias("isASCII", "isValidASCII");
}

}
