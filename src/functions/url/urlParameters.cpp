// extractURLParameter, extractURLParameters, extractURLParameterNames: parameters stand behind the first ? or #,
// separated by & or #. Values are not decoded.

#include "columns/ColumnArray.h"
#include "functions/strings/mapStrings.h"
#include "functions/url/registerUrl.h"

namespace mangrove
{

namespace
{

constexpr size_t npos = std::string_view::npos;

/// `assignment` is the name with '=' behind it.
std::string_view parameterOf(std::string_view url, std::string_view assignment)
{
    size_t query = url.find_first_of("?#");
    if (query == npos)
        return {};
    for (size_t found = query; (found = url.find(assignment, found + 1)) != npos;)
    {
        const char before = url[found - 1];
        if (before == '?' || before == '#' || before == '&')
        {
            std::string_view value = url.substr(found + assignment.size());
            return value.substr(0, value.find_first_of("&#"));
        }
    }
    return {};
}

/// The last one only counts with a '='. A ? before a name belongs to no name.
template <typename F>
void forEachParameter(std::string_view url, F && f)
{
    size_t begin = url.find_first_of("?#");
    while (begin < url.size() && ++begin < url.size())
    {
        size_t end = begin;
        while ((end = url.find_first_of("=&#?", end)) != npos && url[end] == '?')
            begin = ++end;
        if (end == npos)
            return;
        if (url[end] == '=')
            end = url.find_first_of("&#", end);
        f(url.substr(begin, end == npos ? npos : end - begin));
        begin = end;
    }
}

template <typename F>
void addParameterList(FunctionRegistry & registry, const char * name, F part)
{
    addFunction(registry, {
        .name = name, .arguments_min = 1, .arguments_max = 1,
        .return_type = [name](const Arguments & arguments) -> DataTypePtr
        {
            if (!arguments[0].type->isString())
                throwIllegalType(name, *arguments[0].type, 0);
            return std::make_shared<DataTypeArray>(makeType(TypeId::String));
        },
        .execute = [part](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            const StringArgument url(*arguments[0].column);
            auto strings = ColumnString::create();
            auto offsets = ColumnUInt64::create();
            for (size_t i = 0; i < rows; ++i)
            {
                forEachParameter(url[i], [&](std::string_view parameter) { strings->append(part(parameter)); });
                offsets->data().push_back(strings->size());
            }
            return ColumnArray::create(strings, offsets);
        }});
}

}

void registerUrlParameters(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "extractURLParameter", .arguments_min = 2, .arguments_max = 2,
        .return_type = [](const Arguments & arguments)
        {
            for (size_t i = 0; i < 2; ++i)
                if (!arguments[i].type->isString())
                    throwIllegalType("extractURLParameter", *arguments[i].type, i);
            return makeType(TypeId::String);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            const StringArgument url(*arguments[0].column);
            const std::string assignment = constantString("extractURLParameter", arguments, 1) + '=';
            return buildStrings(rows, [&](size_t i, PodVector<char> & out) { append(out, parameterOf(url[i], assignment)); });
        },
        .constants = {1}});
    addParameterList(registry, "extractURLParameters", [](std::string_view parameter) { return parameter; });
    addParameterList(registry, "extractURLParameterNames",
        [](std::string_view parameter) { return parameter.substr(0, parameter.find('=')); });
}

}
