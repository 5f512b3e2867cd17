#include "planner/containedBytes.h"

#include <algorithm>
#include <optional>

namespace mangrove
{

namespace
{

std::string longestOf(const std::vector<std::string> & runs)
{
    auto longest = std::ranges::max_element(runs, {}, [](const auto & run) { return run.size(); });
    return longest == runs.end() ? "" : *longest;
}

/// The longest literal run of a LIKE pattern.
std::string literalOfLike(std::string_view pattern)
{
    std::vector<std::string> runs(1);
    for (size_t i = 0; i < pattern.size(); ++i)
    {
        if (pattern[i] != '%' && pattern[i] != '_' && pattern[i] != '\\')
        {
            runs.back() += pattern[i];
            continue;
        }
        runs.emplace_back();
        i += pattern[i] == '\\'; // what is escaped is left out: a hint may be shorter
    }
    return longestOf(runs);
}

/// The longest literal run of a regular expression of characters, '.', '^' and '$'; other ones say nothing.
std::string literalOfRegex(std::string_view pattern)
{
    if (pattern.find_first_of("|()[]{}?\\") != std::string_view::npos)
        return {};
    // A star may stand for no character before it, which may be of several bytes.
    const bool ascii = std::ranges::all_of(pattern, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (!ascii && pattern.find('*') != std::string_view::npos)
        return {};
    std::vector<std::string> runs(1);
    for (size_t i = 0; i < pattern.size(); ++i)
    {
        const bool repeated = i + 1 < pattern.size() && (pattern[i + 1] == '*' || pattern[i + 1] == '+');
        if (std::string_view(".^$*+").find(pattern[i]) == std::string_view::npos && !repeated)
            runs.back() += pattern[i];
        else if (!runs.back().empty())
            runs.emplace_back();
    }
    return longestOf(runs);
}

/// Of the column, false; of lower(column), true; nullopt of other values.
std::optional<bool> ignoresCase(const Expression & value, const std::string & column)
{
    if (value.isFunction("lower") || value.isFunction("upper"))
        return ignoresCase(*value.arguments[0], column) ? std::optional(true) : std::nullopt;
    const bool is_column = value.kind == ExpressionKind::Column && value.column == column
        && removeLowCardinalityAndNullable(value.type)->isString();
    return is_column ? std::optional(false) : std::nullopt;
}

/// What the column must contain for the call to be neither 0 nor NULL.
ContainedBytes containedForCall(const Expression & call, const std::string & column)
{
    if (call.kind != ExpressionKind::Function || call.arguments.size() < 2)
        return {};
    const auto & constant = *call.arguments[1];
    const auto ignores_case = ignoresCase(*call.arguments[0], column);
    if (!ignores_case || !constant.isConstant() || !removeLowCardinality(constant.type)->isString())
        return {};
    const auto text = constant.constantValue().get<std::string>();
    const auto name = call.function->name();
    bool any_case = *ignores_case;
    std::string bytes;
    if (name == "like" || name == "ilike")
    {
        bytes = literalOfLike(text);
        any_case = any_case || name == "ilike";
    }
    else if (name == "match")
        bytes = literalOfRegex(text);
    else if (name == "positionCaseInsensitive" || name == "hasTokenCaseInsensitive")
    {
        bytes = text;
        any_case = true;
    }
    else if (name == "equals" || name == "position" || name == "positionUTF8" || name == "hasToken" || name == "startsWith"
        || name == "endsWith" || name == "countSubstrings")
        bytes = text;
    return {bytes, any_case};
}

/// The same for position(…) > 0 and the like, of calls that give no negative numbers.
ContainedBytes containedForComparison(const Expression & comparison, const std::string & column)
{
    if (comparison.kind != ExpressionKind::Function || comparison.arguments.size() != 2)
        return {};
    const bool swapped = comparison.arguments[0]->isConstant();
    const auto & call = *comparison.arguments[swapped ? 1 : 0];
    const auto & constant = *comparison.arguments[swapped ? 0 : 1];
    if (!constant.isConstant() || !call.type || !removeLowCardinalityAndNullable(call.type)->isInteger())
        return {};
    const auto value = constant.constantValue();
    if (!value.is<uint64_t>())
        return {};
    const uint64_t bound = value.get<uint64_t>();
    const auto name = comparison.function->name();
    bool implies = false; // that the call is not 0
    if (name == "notEquals")
        implies = bound == 0;
    else if (name == "equals" || name == (swapped ? "lessOrEquals" : "greaterOrEquals"))
        implies = bound > 0;
    else
        implies = name == (swapped ? "less" : "greater");
    return implies ? containedForCall(call, column) : ContainedBytes();
}

}

ContainedBytes containedBytes(const ExpressionPtr & condition, const std::string & column)
{
    ContainedBytes best;
    for (const auto & conjunct : splitConjunction(condition))
        for (auto & found : {containedForCall(*conjunct, column), containedForComparison(*conjunct, column)})
            if (found.bytes.size() > best.bytes.size())
                best = found;
    return best;
}

}
