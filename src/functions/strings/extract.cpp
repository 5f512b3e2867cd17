// extract, extractAll, extractGroups, regexpExtract, countMatches, splitByRegexp.

#include "columns/ColumnArray.h"
#include "functions/strings/Regex.h"
#include "functions/strings/mapStrings.h"
#include "functions/strings/registerStrings.h"

namespace mangrove
{

namespace
{

std::shared_ptr<const Regex> patternOf(const char * name, const Arguments & arguments, size_t position)
{
    return Regex::get(constantString(name, arguments, position), Regex::DotMatchesNewline);
}

DataTypePtr arrayOfStrings()
{
    return std::make_shared<DataTypeArray>(makeType(TypeId::String));
}

/// f(row, ColumnString & to) appends the elements of a row.
template <typename F>
ColumnPtr buildArrays(size_t rows, F && f)
{
    auto elements = ColumnString::create();
    auto offsets = ColumnUInt64::create();
    for (size_t i = 0; i < rows; ++i)
    {
        f(i, *elements);
        offsets->data().push_back(elements->size());
    }
    return ColumnArray::create(elements, offsets);
}

/// f(groups) for each match; an empty match moves one byte on.
template <typename F>
void forEachMatch(const Regex & regex, std::string_view text, F && f)
{
    std::vector<std::string_view> groups;
    for (size_t start = 0; start < text.size() && regex.find(text, start, groups);)
    {
        start = groups[0].data() - text.data() + groups[0].size();
        if (groups[0].empty())
        {
            ++start;
            continue;
        }
        f(groups);
    }
}

FunctionSpec arraySpec(const char * name, size_t text_position,
    std::function<void(const Regex &, std::string_view, ColumnString &)> append_row)
{
    const size_t pattern_position = 1 - text_position;
    return {
        .name = name, .arguments_min = 2, .arguments_max = 2,
        .return_type = [=](const Arguments & arguments)
        {
            expectString(name, arguments, text_position);
            patternOf(name, arguments, pattern_position);
            return arrayOfStrings();
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            auto regex = patternOf(name, arguments, pattern_position);
            StringArgument text(*arguments[text_position].column);
            return buildArrays(rows, [&](size_t i, ColumnString & to) { append_row(*regex, text[i], to); });
        },
        .constants = {pattern_position}};
}

void splitByRegex(const Regex & regex, std::string_view text, ColumnString & to)
{
    size_t begin = 0;
    forEachMatch(regex, text, [&](const std::vector<std::string_view> & groups)
    {
        size_t found = groups[0].data() - text.data();
        to.append(text.substr(begin, found - begin));
        begin = found + groups[0].size();
    });
    to.append(text.substr(begin));
}

}

void registerExtract(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "extract", .arguments_min = 2, .arguments_max = 2,
        .return_type = [](const Arguments & arguments)
        {
            expectString("extract", arguments, 0);
            patternOf("extract", arguments, 1);
            return makeType(TypeId::String);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            auto regex = patternOf("extract", arguments, 1);
            StringArgument text(*arguments[0].column);
            std::vector<std::string_view> groups;
            return buildStrings(rows, [&](size_t i, PodVector<char> & out)
            {
                if (regex->find(text[i], 0, groups))
                    append(out, groups[groups.size() > 1 ? 1 : 0]);
            });
        },
        .constants = {1}});
    addFunction(registry, {
        .name = "regexpExtract", .arguments_min = 2, .arguments_max = 3,
        .return_type = [](const Arguments & arguments)
        {
            expectString("regexpExtract", arguments, 0);
            patternOf("regexpExtract", arguments, 1);
            if (arguments.size() == 3)
                expectInteger("regexpExtract", arguments, 2);
            return makeType(TypeId::String);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            auto regex = patternOf("regexpExtract", arguments, 1);
            StringArgument text(*arguments[0].column);
            ColumnPtr one = ColumnConst::create(std::make_shared<ColumnInt64>(PodVector<int64_t>{1}), rows);
            NumberArgument<int64_t> index(arguments.size() == 3 ? *arguments[2].column : *one);
            std::vector<std::string_view> groups;
            return buildStrings(rows, [&](size_t i, PodVector<char> & out)
            {
                size_t group = arguments.size() == 3 ? static_cast<size_t>(index[i])
                    : std::min<size_t>(1, regex->groupCount());
                if (group > regex->groupCount())
                    throw Exception(ErrorCode::PARAMETER_OUT_OF_BOUND,
                        "Index value {} is out of range, should be in [0, {}]", index[i], regex->groupCount());
                if (regex->find(text[i], 0, groups))
                    append(out, groups[group]);
            });
        },
        .constants = {1}});
    registry.addAlias("REGEXP_EXTRACT", "regexpExtract", true);
    registry.addAlias("REGEXP_SUBSTR", "regexpExtract", true);

    addFunction(registry, arraySpec("extractAll", 0, [](const Regex & regex, std::string_view text, ColumnString & to)
    { forEachMatch(regex, text, [&](const std::vector<std::string_view> & groups) { to.append(groups[groups.size() > 1
        ? 1 : 0]); }); }));
    addFunction(registry, arraySpec("extractGroups", 0,
        [](const Regex & regex, std::string_view text, ColumnString & to)
    {
        std::vector<std::string_view> groups;
        if (regex.find(text, 0, groups))
            for (size_t k = 1; k < groups.size(); ++k)
                to.append(groups[k]);
    }));
    addFunction(registry, {
        .name = "splitByRegexp", .arguments_min = 2, .arguments_max = 2,
        .return_type = [](const Arguments & arguments)
        {
            patternOf("splitByRegexp", arguments, 0);
            expectString("splitByRegexp", arguments, 1);
            return arrayOfStrings();
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            auto regex = patternOf("splitByRegexp", arguments, 0);
            const bool by_byte = constantString("splitByRegexp", arguments, 0).empty();
            StringArgument text(*arguments[1].column);
            return buildArrays(rows, [&](size_t i, ColumnString & to)
            {
                if (!by_byte)
                    splitByRegex(*regex, text[i], to);
                else
                    for (size_t k = 0; k < text[i].size(); ++k)
                        to.append(text[i].substr(k, 1));
            });
        },
        .constants = {0}});
    addFunction(registry, {
        .name = "countMatches", .arguments_min = 2, .arguments_max = 2,
            .return_type = stringsReturn("countMatches", 2, TypeId::UInt64),
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            auto regex = patternOf("countMatches", arguments, 1);
            StringArgument text(*arguments[0].column);
            auto result = ColumnUInt64::create(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                uint64_t count = 0;
                forEachMatch(*regex, text[i], [&](const auto &) { ++count; });
                result->data()[i] = count;
            }
            return result;
        },
        .constants = {1}});
}

}
