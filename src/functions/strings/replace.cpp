// replaceOne, replaceAll, replaceRegexpOne, replaceRegexpAll.

#include "functions/strings/Regex.h"
#include "functions/strings/mapStrings.h"
#include "functions/strings/registerStrings.h"

namespace mangrove
{

namespace
{

void expectStrings(const char * name, const Arguments & arguments)
{
    for (size_t i = 0; i < 3; ++i)
        if (!arguments[i].type->isString())
            throwIllegalType(name, *arguments[i].type, i);
}

FunctionSpec replaceSpec(const char * name, bool all)
{
    return {
        .name = name, .arguments_min = 3, .arguments_max = 3,
        .return_type = [name](const Arguments & arguments)
        {
            expectStrings(name, arguments);
            return makeType(TypeId::String);
        },
        .execute = [all](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            StringArgument text(*arguments[0].column);
            StringArgument needle(*arguments[1].column);
            StringArgument replacement(*arguments[2].column);
            return buildStrings(rows, [&](size_t i, PodVector<char> & out)
            {
                std::string_view rest = text[i];
                while (!needle[i].empty())
                {
                    size_t found = rest.find(needle[i]);
                    if (found == std::string_view::npos)
                        break;
                    append(out, rest.substr(0, found));
                    append(out, replacement[i]);
                    rest.remove_prefix(found + needle[i].size());
                    if (!all)
                        break;
                }
                append(out, rest);
            });
        }};
}

/// '\1' and '\\' in the replacement: literal pieces and group numbers (−1: none) after each.
struct Substitution
{
    std::vector<std::pair<std::string, int>> parts;

    Substitution(std::string_view text, size_t groups)
    {
        std::string literal;
        for (size_t i = 0; i < text.size(); ++i)
        {
            if (text[i] == '\\' && i + 1 < text.size())
            {
                char next = text[++i];
                if (next >= '0' && next <= '9')
                {
                    if (static_cast<size_t>(next - '0') > groups)
                        throw Exception(ErrorCode::BAD_ARGUMENTS,
                            "Substitution '\\{}' in replacement argument is invalid, regexp has only {} capturing groups", next, groups);
                    parts.emplace_back(std::move(literal), next - '0');
                    literal.clear();
                    continue;
                }
                if (next != '\\')
                    literal += '\\';
                literal += next;
                continue;
            }
            literal += text[i];
        }
        parts.emplace_back(std::move(literal), -1);
    }
};

void replaceRegex(const Regex & regex, const Substitution & substitution, std::string_view text, bool all,
    PodVector<char> & out)
{
    std::vector<std::string_view> groups;
    size_t copied = 0;
    for (size_t start = 0; start <= text.size();)
    {
        if (!regex.find(text, start, groups))
            break;
        size_t begin = groups[0].data() - text.data();
        append(out, text.substr(copied, begin - copied));
        for (const auto & [literal, group] : substitution.parts)
        {
            append(out, literal);
            if (group >= 0)
                append(out, groups[group]);
        }
        copied = begin + groups[0].size();
        start = copied + groups[0].empty(); /// an empty match must not stay where it is
        if (!all)
            break;
    }
    append(out, text.substr(std::min(copied, text.size())));
}

std::shared_ptr<const Regex> compile(std::string_view pattern)
{
    try
    {
        return Regex::get(pattern, Regex::DotMatchesNewline);
    }
    catch (const Exception & exception)
    {
        throw Exception(ErrorCode::BAD_ARGUMENTS, "The pattern argument is not a valid re2 pattern: {}", exception.message());
    }
}

FunctionSpec replaceRegexpSpec(const char * name, bool all)
{
    return {
        .name = name, .arguments_min = 3, .arguments_max = 3,
        .return_type = [name](const Arguments & arguments)
        {
            expectStrings(name, arguments);
            return makeType(TypeId::String);
        },
        .execute = [all](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            StringArgument text(*arguments[0].column);
            StringArgument pattern(*arguments[1].column);
            StringArgument replacement(*arguments[2].column);
            std::shared_ptr<const Regex> regex;
            std::optional<Substitution> substitution;
            return buildStrings(rows, [&](size_t i, PodVector<char> & out)
            {
                if (pattern[i].empty())
                {
                    append(out, text[i]);
                    return;
                }
                if (!regex || !pattern.isConst() || !replacement.isConst())
                {
                    regex = compile(pattern[i]);
                    substitution.emplace(replacement[i], regex->groupCount());
                }
                replaceRegex(*regex, *substitution, text[i], all, out);
            });
        }};
}

}

void registerReplace(FunctionRegistry & registry)
{
    addFunction(registry, replaceSpec("replaceOne", false));
    addFunction(registry, replaceSpec("replaceAll", true));
    registry.addAlias("replace", "replaceAll", true);
    addFunction(registry, replaceRegexpSpec("replaceRegexpOne", false));
    addFunction(registry, replaceRegexpSpec("replaceRegexpAll", true));
    registry.addAlias("REGEXP_REPLACE", "replaceRegexpAll", true);
}

}
