// like, notLike, ilike, notILike, match, multiMatchAny. A LIKE pattern that is a literal between % needs no regular
// expression; '%needle%' is searched in the characters of all rows at once.

#include "functions/strings/Regex.h"
#include "functions/strings/mapStrings.h"
#include "functions/strings/registerStrings.h"

#include <cstring>

namespace mangrove
{

namespace
{

enum class Shape { Exact, Prefix, Suffix, Contains, Regex };

/// The literal of a pattern 'x', 'x%', '%x' or '%x%'.
struct LikePattern
{
    Shape shape = Shape::Regex;
    std::string literal;

    explicit LikePattern(std::string_view pattern)
    {
        bool leading = false;
        bool trailing = false;
        size_t i = 0;
        while (i < pattern.size() && pattern[i] == '%')
        {
            leading = true;
            ++i;
        }
        for (; i < pattern.size(); ++i)
        {
            char c = pattern[i];
            if (c == '_')
                return;
            if (c == '%')
            {
                if (pattern.find_first_not_of('%', i) != std::string_view::npos)
                    return;
                trailing = true;
                break;
            }
            if (c == '\\')
            {
                if (i + 1 == pattern.size() || (pattern[i + 1] != '%' && pattern[i + 1] != '_'
                    && pattern[i + 1] != '\\'))
                    return;
                ++i;
            }
            literal += pattern[i];
        }
        trailing |= leading && literal.empty();
        shape = leading ? (trailing ? Shape::Contains : Shape::Suffix) : (trailing ? Shape::Prefix : Shape::Exact);
    }
};

/// Marks the rows that contain `needle`.
void findInAll(const ColumnString & column, std::string_view needle, uint8_t * out, uint8_t found)
{
    const char * begin = column.chars().data();
    const char * end = begin + column.chars().size();
    const Offsets & offsets = column.offsets();
    size_t row = 0;
    const char * position = begin;
    while (position < end)
    {
        auto * hit = static_cast<const char *>(memmem(position, end - position, needle.data(), needle.size()));
        if (!hit)
            return;
        while (begin + offsets[row] <= hit)
            ++row;
        if (hit + needle.size() <= begin + offsets[row])
        {
            out[row] = found;
            position = begin + offsets[row];
        }
        else
            position = hit + 1; /// crosses into the next row
    }
}

ColumnPtr matchLike(const Column & text, std::string_view pattern, bool negate, size_t rows)
{
    LikePattern like(pattern);
    auto result = ColumnUInt8::create(rows);
    uint8_t * out = result->data().data();
    const std::string_view literal = like.literal;
    if (like.shape == Shape::Contains)
    {
        std::fill_n(out, rows, literal.empty() != negate);
        if (literal.empty())
            return result;
        if (text.kind() == ColumnKind::String)
        {
            findInAll(static_cast<const ColumnString &>(text), literal, out, !negate);
            return result;
        }
    }
    StringArgument strings(text);
    std::shared_ptr<const Regex> regex;
    if (like.shape == Shape::Regex)
        regex = Regex::get(likeToRegex(pattern), Regex::DotMatchesNewline | Regex::NoCaptures);
    for (size_t i = 0; i < rows; ++i)
    {
        std::string_view value = strings[i];
        bool found = false;
        switch (like.shape)
        {
            case Shape::Exact: found = value == literal; break;
            case Shape::Prefix: found = value.starts_with(literal); break;
            case Shape::Suffix: found = value.ends_with(literal); break;
            case Shape::Contains: found = value.find(literal) != std::string_view::npos; break;
            case Shape::Regex: found = regex->matches(value); break;
        }
        out[i] = found != negate;
    }
    return result;
}

ColumnPtr matchRegex(const Column & text, const std::string & pattern, unsigned flags, bool negate, size_t rows)
{
    auto regex = Regex::get(pattern, flags);
    StringArgument strings(text);
    auto result = ColumnUInt8::create(rows);
    for (size_t i = 0; i < rows; ++i)
        result->data()[i] = regex->matches(strings[i]) != negate;
    return result;
}

enum class Kind { Like, ILike, Match };

ColumnPtr matchConstant(Kind kind, const Column & text, std::string_view pattern, bool negate, size_t rows)
{
    unsigned flags = Regex::DotMatchesNewline | Regex::NoCaptures;
    if (kind == Kind::Like)
        return matchLike(text, pattern, negate, rows);
    if (kind == Kind::ILike)
        return matchRegex(text, likeToRegex(pattern), flags | Regex::CaseInsensitive, negate, rows);
    return matchRegex(text, std::string(pattern), flags, negate, rows);
}

FunctionSpec matchSpec(const char * name, Kind kind, bool negate)
{
    return {
        .name = name, .arguments_min = 2, .arguments_max = 2,
        .return_type = [name](const Arguments & arguments)
        {
            if (!arguments[0].type->isEnum())
                expectString(name, arguments, 0);
            expectString(name, arguments, 1);
            return makeType(TypeId::UInt8);
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            ColumnPtr text = arguments[0].column;
            if (arguments[0].type->isEnum())
            {
                auto & type = typeAs<DataTypeEnum>(*arguments[0].type);
                NumberArgument<int16_t> values(*text);
                text = buildStrings(rows, [&](size_t i,
                    PodVector<char> & out) { append(out, type.nameOf(values[i]).value_or("")); });
            }
            text = text->materialize();
            const Column & pattern = *arguments[1].column;
            if (isConst(pattern))
                return matchConstant(kind, *text, pattern.stringAt(0), negate, rows);
            auto result = ColumnUInt8::create(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                ColumnPtr one = matchConstant(kind, *text->cut(i, 1), pattern.stringAt(i), negate, 1);
                result->data()[i] = numbersOf<uint8_t>(*one)[0];
            }
            return result;
        }};
}

}

void registerLike(FunctionRegistry & registry)
{
    addFunction(registry, matchSpec("like", Kind::Like, false));
    addFunction(registry, matchSpec("notLike", Kind::Like, true));
    addFunction(registry, matchSpec("ilike", Kind::ILike, false));
    addFunction(registry, matchSpec("notILike", Kind::ILike, true));
    addFunction(registry, matchSpec("match", Kind::Match, false));
    registry.addAlias("REGEXP_MATCHES", "match", true);
    addFunction(registry, {
        .name = "multiMatchAny", .arguments_min = 2, .arguments_max = 2,
            .return_type = stringsReturn("multiMatchAny", 1, TypeId::UInt8),
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            std::vector<std::shared_ptr<const Regex>> patterns;
            const Field list = constantArgument("multiMatchAny", arguments, 1);
            for (const Field & pattern : list.get<Array>())
                patterns.push_back(Regex::get(pattern.get<std::string>(),
                    Regex::DotMatchesNewline | Regex::NoCaptures));
            StringArgument text(*arguments[0].column);
            auto result = ColumnUInt8::create(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                uint8_t found = 0;
                for (size_t k = 0; k < patterns.size() && !found; ++k)
                    found = patterns[k]->matches(text[i]);
                result->data()[i] = found;
            }
            return result;
        },
        .constants = {1}});
}

}
