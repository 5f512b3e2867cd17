// position and relatives, countSubstrings, startsWith, endsWith, multiSearch*: needles as plain bytes.

#include "base/lowerCase.h"
#include "columns/ColumnArray.h"
#include "functions/strings/mapStrings.h"
#include "functions/strings/registerStrings.h"
#include "functions/strings/utf8.h"

namespace mangrove
{

namespace
{

/// 1-based; 0 = absent. `start` is 1-based too, 0 means 1.
uint64_t positionOf(std::string_view haystack, std::string_view needle, uint64_t start)
{
    uint64_t from = start ? start - 1 : 0;
    if (from > haystack.size())
        return 0;
    size_t found = haystack.find(needle, from);
    return found == std::string_view::npos ? 0 : found + 1;
}

FunctionSpec positionSpec(const char * name, bool needle_first, bool fold, bool utf8)
{
    return {
        .name = name, .arguments_min = 2, .arguments_max = 3,
        .return_type = [name](const Arguments & arguments)
        {
            expectString(name, arguments, 0);
            expectString(name, arguments, 1);
            if (arguments.size() == 3)
                expectInteger(name, arguments, 2);
            return makeType(TypeId::UInt64);
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            StringArgument haystack(*arguments[needle_first ? 1 : 0].column);
            StringArgument needle(*arguments[needle_first ? 0 : 1].column);
            ColumnPtr one = ColumnConst::create(std::make_shared<ColumnUInt64>(PodVector<uint64_t>{1}), rows);
            NumberArgument<uint64_t> start(arguments.size() == 3 ? *arguments[2].column : *one);
            auto result = ColumnUInt64::create(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                uint64_t from = start[i];
                if (utf8 && from > 1)
                    from = utf8CodePoints(haystack[i]) + 1 < from ? haystack[i].size() + 2
                        : utf8Offset(haystack[i], from - 1) + 1;
                uint64_t position = fold ? positionOf(lowerCase(haystack[i]), lowerCase(needle[i]), from)
                                         : positionOf(haystack[i], needle[i], from);
                result->data()[i] = utf8 && position ? utf8CodePoints(haystack[i].substr(0, position - 1)) + 1
                    : position;
            }
            return result;
        },
        .case_insensitive = !fold && !utf8};
}

FunctionSpec affixSpec(const char * name, bool prefix)
{
    return {
        .name = name, .arguments_min = 2, .arguments_max = 2, .return_type = stringsReturn(name, 2, TypeId::UInt8),
        .execute = [prefix](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            StringArgument text(*arguments[0].column);
            StringArgument affix(*arguments[1].column);
            auto result = ColumnUInt8::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = prefix ? text[i].starts_with(affix[i]) : text[i].ends_with(affix[i]);
            return result;
        }};
}

/// The constant array of needles.
std::vector<std::string> needlesOf(const char * name, const Arguments & arguments, bool fold)
{
    std::vector<std::string> needles;
    const Field list = constantArgument(name, arguments, 1);
    for (const Field & needle : list.get<Array>())
        needles.push_back(fold ? lowerCase(needle.get<std::string>()) : needle.get<std::string>());
    return needles;
}

/// result = f(haystack, needles) per row.
template <typename R, typename F>
FunctionSpec multiSpec(const char * name, DataTypePtr type, bool fold, F f)
{
    return {
        .name = name, .arguments_min = 2, .arguments_max = 2,
        .return_type = [name, type](const Arguments & arguments)
        {
            expectString(name, arguments, 0);
            const DataType & needles = *arguments[1].type;
            if (needles.id() != TypeId::Array || !typeAs<DataTypeArray>(needles).element()->isString())
                throwIllegalType(name, needles, 1);
            return type;
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            StringArgument haystack(*arguments[0].column);
            std::vector<std::string> needles = needlesOf(name, arguments, fold);
            auto result = ColumnVector<R>::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = fold ? f(lowerCase(haystack[i]), needles) : f(haystack[i], needles);
            return result;
        },
        .constants = {1}};
}

using Needles = std::vector<std::string>;

uint8_t anyFound(std::string_view haystack, const Needles & needles)
{
    for (const std::string & needle : needles)
        if (haystack.find(needle) != std::string_view::npos)
            return 1;
    return 0;
}

uint64_t firstFound(std::string_view haystack, const Needles & needles)
{
    for (size_t k = 0; k < needles.size(); ++k)
        if (haystack.find(needles[k]) != std::string_view::npos)
            return k + 1;
    return 0;
}

uint64_t leftmostFound(std::string_view haystack, const Needles & needles)
{
    size_t leftmost = std::string_view::npos;
    for (const std::string & needle : needles)
        leftmost = std::min(leftmost, haystack.find(needle));
    return leftmost == std::string_view::npos ? 0 : leftmost + 1;
}

}

void registerSearch(FunctionRegistry & registry)
{
    addFunction(registry, positionSpec("position", false, false, false));
    addFunction(registry, positionSpec("positionCaseInsensitive", false, true, false));
    addFunction(registry, positionSpec("positionUTF8", false, false, true));
    addFunction(registry, positionSpec("locate", true, false, false));
    registry.addAlias("instr", "positionCaseInsensitive", true);
    addFunction(registry, affixSpec("startsWith", true));
    addFunction(registry, affixSpec("endsWith", false));
    addFunction(registry, multiSpec<uint8_t>("multiSearchAny", makeType(TypeId::UInt8), false, anyFound));
    addFunction(registry, multiSpec<uint8_t>("multiSearchAnyCaseInsensitive", makeType(TypeId::UInt8), true, anyFound));
    addFunction(registry, multiSpec<uint64_t>("multiSearchFirstIndex", makeType(TypeId::UInt64), false, firstFound));
    addFunction(registry, multiSpec<uint64_t>("multiSearchFirstPosition", makeType(TypeId::UInt64), false,
        leftmostFound));
    addFunction(registry, {
        .name = "countSubstrings", .arguments_min = 2, .arguments_max = 2,
            .return_type = stringsReturn("countSubstrings", 2, TypeId::UInt64),
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            StringArgument haystack(*arguments[0].column);
            StringArgument needle(*arguments[1].column);
            auto result = ColumnUInt64::create(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                uint64_t count = 0;
                if (!needle[i].empty())
                    for (size_t at = 0; (at = haystack[i].find(needle[i],
                        at)) != std::string_view::npos; at += needle[i].size())
                        ++count;
                result->data()[i] = count;
            }
            return result;
        },
        .case_insensitive = true});
}

}
