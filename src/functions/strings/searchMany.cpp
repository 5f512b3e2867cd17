// multiSearchAllPositions, multiSearchFirst…CaseInsensitive, multiMatchAnyIndex, multiMatchAllIndices, hasSubsequence,
// countSubstringsCaseInsensitive, positionCaseInsensitiveUTF8: needles as plain bytes, without regard to case if so named.

#include "base/lowerCase.h"
#include "columns/ColumnArray.h"
#include "functions/strings/Regex.h"
#include "functions/strings/mapStrings.h"
#include "functions/strings/registerTexts.h"
#include "functions/strings/utf8.h"

namespace mangrove
{

namespace
{

using Needles = std::vector<std::string>;

void checkMulti(const char * name, const Arguments & arguments)
{
    expectString(name, arguments, 0);
    const DataType & needles = *arguments[1].type;
    if (needles.id() != TypeId::Array || !typeAs<DataTypeArray>(needles).element()->isString())
        throwIllegalType(name, needles, 1);
}

Needles needlesOf(const char * name, const Arguments & arguments, bool fold)
{
    Needles needles;
    const Field list = constantArgument(name, arguments, 1);
    for (const Field & needle : list.get<Array>())
        needles.push_back(fold ? lowerCase(needle.get<std::string>()) : needle.get<std::string>());
    return needles;
}

/// f(haystack, needles) → UInt64 per row, without regard to case.
template <typename F>
void addNumberOf(FunctionRegistry & registry, const char * name, F f)
{
    addFunction(registry, {
        .name = name, .arguments_min = 2, .arguments_max = 2,
        .return_type = [name](const Arguments & arguments)
        {
            checkMulti(name, arguments);
            return makeType(TypeId::UInt64);
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            StringArgument haystack(*arguments[0].column);
            const Needles needles = needlesOf(name, arguments, true);
            auto result = ColumnUInt64::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = f(lowerCase(haystack[i]), needles);
            return result;
        },
        .constants = {1}});
}

void addAllPositions(FunctionRegistry & registry, const char * name, bool fold, bool utf8)
{
    addFunction(registry, {
        .name = name, .arguments_min = 2, .arguments_max = 2,
        .return_type = [name](const Arguments & arguments) -> DataTypePtr
        {
            checkMulti(name, arguments);
            return std::make_shared<DataTypeArray>(makeType(TypeId::UInt64));
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            StringArgument haystack(*arguments[0].column);
            const Needles needles = needlesOf(name, arguments, fold);
            auto positions = ColumnUInt64::create();
            auto offsets = ColumnUInt64::create(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                const std::string lower = fold ? lowerCase(haystack[i]) : std::string();
                const std::string_view text = fold ? lower : haystack[i];
                for (const std::string & needle : needles)
                {
                    size_t found = text.find(needle);
                    if (found == std::string::npos)
                        positions->data().push_back(0);
                    else
                        positions->data().push_back(1 + (utf8 ? utf8CodePoints(text.substr(0, found)) : found));
                }
                offsets->data()[i] = positions->size();
            }
            return ColumnArray::create(positions, offsets);
        },
        .constants = {1}});
}

using Patterns = std::vector<std::shared_ptr<const Regex>>;

Patterns patternsOf(const char * name, const Arguments & arguments)
{
    Patterns patterns;
    const Field list = constantArgument(name, arguments, 1);
    for (const Field & pattern : list.get<Array>())
        patterns.push_back(Regex::get(pattern.get<std::string>(), Regex::DotMatchesNewline | Regex::NoCaptures));
    return patterns;
}

void addMatchIndex(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "multiMatchAnyIndex", .arguments_min = 2, .arguments_max = 2,
        .return_type = [](const Arguments & arguments)
        {
            checkMulti("multiMatchAnyIndex", arguments);
            return makeType(TypeId::UInt64);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            StringArgument text(*arguments[0].column);
            const Patterns patterns = patternsOf("multiMatchAnyIndex", arguments);
            auto result = ColumnUInt64::create(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                uint64_t found = 0;
                for (size_t k = 0; k < patterns.size() && !found; ++k)
                    found = patterns[k]->matches(text[i]) ? k + 1 : 0;
                result->data()[i] = found;
            }
            return result;
        },
        .constants = {1}});
    addFunction(registry, {
        .name = "multiMatchAllIndices", .arguments_min = 2, .arguments_max = 2,
        .return_type = [](const Arguments & arguments) -> DataTypePtr
        {
            checkMulti("multiMatchAllIndices", arguments);
            return std::make_shared<DataTypeArray>(makeType(TypeId::UInt64));
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            StringArgument text(*arguments[0].column);
            const Patterns patterns = patternsOf("multiMatchAllIndices", arguments);
            auto indices = ColumnUInt64::create();
            auto offsets = ColumnUInt64::create(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                for (size_t k = 0; k < patterns.size(); ++k)
                    if (patterns[k]->matches(text[i]))
                        indices->data().push_back(k + 1);
                offsets->data()[i] = indices->size();
            }
            return ColumnArray::create(indices, offsets);
        },
        .constants = {1}});
}

/// Are the needle's code points (or bytes) in the haystack in this order, with anything between them?
bool hasSubsequence(std::string_view haystack, std::string_view needle)
{
    size_t found = 0;
    for (size_t i = 0; i < haystack.size() && found < needle.size(); ++i)
        found += haystack[i] == needle[found];
    return found == needle.size();
}

/// f(haystack, needle) → R per row.
template <typename R, typename F>
void addPair(FunctionRegistry & registry, const char * name, TypeId type, bool fold, F f)
{
    addFunction(registry, {
        .name = name, .arguments_min = 2, .arguments_max = 2, .return_type = stringsReturn(name, 2, type),
        .execute = [=](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            StringArgument haystack(*arguments[0].column);
            StringArgument needle(*arguments[1].column);
            auto result = ColumnVector<R>::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = fold ? f(lowerCase(haystack[i]), lowerCase(needle[i])) : f(haystack[i], needle[i]);
            return result;
        },
        .case_insensitive = std::string_view(name).starts_with("hasSubsequence")});
}

uint64_t countSubstrings(std::string_view haystack, std::string_view needle)
{
    uint64_t count = 0;
    if (!needle.empty())
        for (size_t at = 0; (at = haystack.find(needle, at)) != std::string_view::npos; at += needle.size())
            ++count;
    return count;
}

}

void registerSearchMany(FunctionRegistry & registry)
{
    addAllPositions(registry, "multiSearchAllPositions", false, false);
    addAllPositions(registry, "multiSearchAllPositionsCaseInsensitive", true, false);
    addAllPositions(registry, "multiSearchAllPositionsUTF8", false, true);
    addNumberOf(registry, "multiSearchFirstIndexCaseInsensitive", [](std::string_view text, const Needles & needles) -> uint64_t
    {
        for (size_t k = 0; k < needles.size(); ++k)
            if (text.find(needles[k]) != std::string_view::npos)
                return k + 1;
        return 0;
    });
    addNumberOf(registry, "multiSearchFirstPositionCaseInsensitive", [](std::string_view text, const Needles & needles) -> uint64_t
    {
        size_t leftmost = std::string_view::npos;
        for (const std::string & needle : needles)
            leftmost = std::min(leftmost, text.find(needle));
        return leftmost == std::string_view::npos ? 0 : leftmost + 1;
    });
    addMatchIndex(registry);
    addPair<uint8_t>(registry, "hasSubsequence", TypeId::UInt8, false, hasSubsequence);
    addPair<uint8_t>(registry, "hasSubsequenceCaseInsensitive", TypeId::UInt8, true, hasSubsequence);
    addPair<uint64_t>(registry, "countSubstringsCaseInsensitive", TypeId::UInt64, true, countSubstrings);
    addPair<uint8_t>(registry, "startsWithUTF8", TypeId::UInt8, false,
        [](std::string_view text, std::string_view prefix) { return text.starts_with(prefix); });
    addPair<uint8_t>(registry, "endsWithUTF8", TypeId::UInt8, false,
        [](std::string_view text, std::string_view suffix) { return text.ends_with(suffix); });
}

}
