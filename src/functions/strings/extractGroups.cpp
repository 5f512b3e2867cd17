// extractAllGroupsVertical: for each match of a regular expression its groups; extractAllGroupsHorizontal: for each group
// what it matched.

#include "columns/ColumnArray.h"
#include "functions/strings/Regex.h"
#include "functions/strings/mapStrings.h"
#include "functions/strings/registerTexts.h"

namespace mangrove
{

namespace
{

std::shared_ptr<const Regex> patternOf(const char * name, const Arguments & arguments)
{
    std::string pattern = constantString(name, arguments, 1);
    if (pattern.empty())
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Length of 'needle' argument of function {} must be greater than 0", name);
    auto regex = Regex::get(pattern, Regex::DotMatchesNewline);
    if (regex->groupCount() == 0)
        throw Exception(ErrorCode::BAD_ARGUMENTS, "There are no groups in regexp: {}", pattern);
    return regex;
}

/// The groups of all matches, match by match. Behind a match of nothing the search goes on one byte further.
std::vector<std::string_view> groupsOf(const Regex & regex, std::string_view text)
{
    std::vector<std::string_view> all;
    std::vector<std::string_view> groups;
    for (size_t start = 0; start < text.size() && regex.find(text, start, groups);)
    {
        all.insert(all.end(), groups.begin() + 1, groups.end());
        start = groups[0].data() - text.data() + groups[0].size() + groups[0].empty();
    }
    return all;
}

void addExtractGroups(FunctionRegistry & registry, const char * name, bool by_match)
{
    addFunction(registry, {
        .name = name, .arguments_min = 2, .arguments_max = 2,
        .return_type = [name](const Arguments & arguments) -> DataTypePtr
        {
            expectString(name, arguments, 0);
            patternOf(name, arguments);
            return std::make_shared<DataTypeArray>(std::make_shared<DataTypeArray>(makeType(TypeId::String)));
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            auto regex = patternOf(name, arguments);
            const size_t count = regex->groupCount();
            StringArgument text(*arguments[0].column);
            auto texts = ColumnString::create();
            auto inner = ColumnUInt64::create();
            auto outer = ColumnUInt64::create(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                const std::vector<std::string_view> groups = groupsOf(*regex, text[i]);
                const size_t matches = groups.size() / count;
                for (size_t a = 0; a < (by_match ? matches : count); ++a)
                {
                    for (size_t b = 0; b < (by_match ? count : matches); ++b)
                        texts->append(by_match ? groups[a * count + b] : groups[b * count + a]);
                    inner->data().push_back(texts->size());
                }
                outer->data()[i] = inner->size();
            }
            return ColumnArray::create(ColumnArray::create(texts, inner), outer);
        },
        .constants = {1}});
}

}

void registerExtractGroups(FunctionRegistry & registry)
{
    addExtractGroups(registry, "extractAllGroupsVertical", true);
    addExtractGroups(registry, "extractAllGroupsHorizontal", false);
    registry.addAlias("extractAllGroups", "extractAllGroupsVertical");
}

}
