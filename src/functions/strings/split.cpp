// splitByChar, splitByString, splitByWhitespace, splitByNonAlpha, alphaTokens, arrayStringConcat.

#include "columns/ColumnArray.h"
#include "columns/ColumnNullable.h"
#include "functions/cast/Cast.h"
#include "functions/strings/mapStrings.h"
#include "functions/strings/registerStrings.h"
#include "functions/strings/utf8.h"

#include <cctype>

namespace mangrove
{

namespace
{

DataTypePtr arrayOfStrings()
{
    return std::make_shared<DataTypeArray>(makeType(TypeId::String));
}

/// At most `limit` parts (0 = all); what follows is dropped, as ClickHouse does by default.
uint64_t readLimit(const char * name, const Arguments & arguments, size_t position)
{
    if (arguments.size() <= position)
        return ~0ULL;
    Field limit = constantArgument(name, arguments, position);
    if (limit.is<uint64_t>() && limit.get<uint64_t>() > 0)
        return limit.get<uint64_t>();
    return ~0ULL;
}

template <typename F>
ColumnPtr splitRows(const Column & column, size_t rows, F && split)
{
    StringArgument text(column);
    auto parts = ColumnString::create();
    auto offsets = ColumnUInt64::create();
    for (size_t i = 0; i < rows; ++i)
    {
        split(text[i], *parts);
        offsets->data().push_back(parts->size());
    }
    return ColumnArray::create(parts, offsets);
}

void splitBy(std::string_view text, std::string_view separator, uint64_t limit, ColumnString & to)
{
    uint64_t count = 0;
    for (size_t begin = 0; count < limit; ++count)
    {
        size_t found = text.find(separator, begin);
        to.append(text.substr(begin, found == std::string_view::npos ? found : found - begin));
        if (found == std::string_view::npos)
            return;
        begin = found + separator.size();
    }
}

FunctionSpec separatorSpec(const char * name, bool one_byte)
{
    return {
        .name = name, .arguments_min = 2, .arguments_max = 3,
        .return_type = [=](const Arguments & arguments)
        {
            std::string separator = constantString(name, arguments, 0);
            if (one_byte && separator.size() != 1)
                throw Exception(ErrorCode::BAD_ARGUMENTS,
                    "Illegal separator for function {}. Must be exactly one byte", name);
            if (!arguments[1].type->isString())
                throwIllegalType(name, *arguments[1].type, 1);
            if (arguments.size() == 3)
                expectInteger(name, arguments, 2);
            return arrayOfStrings();
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            std::string separator = constantString(name, arguments, 0);
            uint64_t limit = readLimit(name, arguments, 2);
            return splitRows(*arguments[1].column, rows, [&](std::string_view text, ColumnString & to)
            {
                if (!separator.empty())
                {
                    splitBy(text, separator, limit, to);
                    return;
                }
                uint64_t count = 0;
                for (size_t k = 0; k < text.size() && count < limit; ++count)
                {
                    size_t length = utf8Length(text, k);
                    to.append(text.substr(k, length));
                    k += length;
                }
            });
        },
        .constants = {0, 2}};
}

/// Runs of bytes that are not separators.
FunctionSpec runSpec(const char * name, bool (*is_separator)(char))
{
    return {
        .name = name, .arguments_min = 1, .arguments_max = 2,
        .return_type = [name](const Arguments & arguments)
        {
            expectString(name, arguments, 0);
            return arrayOfStrings();
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            uint64_t limit = readLimit(name, arguments, 1);
            return splitRows(*arguments[0].column, rows, [&](std::string_view text, ColumnString & to)
            {
                uint64_t count = 0;
                for (size_t k = 0; k < text.size() && count < limit;)
                {
                    while (k < text.size() && is_separator(text[k]))
                        ++k;
                    size_t end = k;
                    while (end < text.size() && !is_separator(text[end]))
                        ++end;
                    if (end > k)
                    {
                        to.append(text.substr(k, end - k));
                        ++count;
                    }
                    k = end;
                }
            });
        },
        .constants = {1}};
}

bool isSpace(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool isSpaceOrPunctuation(char c)
{
    return isSpace(c) || (static_cast<unsigned char>(c) < 0x80 && std::ispunct(static_cast<unsigned char>(c)));
}

bool isNotLetter(char c)
{
    return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
}

}

void registerSplit(FunctionRegistry & registry)
{
    addFunction(registry, separatorSpec("splitByChar", true));
    addFunction(registry, separatorSpec("splitByString", false));
    addFunction(registry, runSpec("splitByWhitespace", isSpace));
    addFunction(registry, runSpec("splitByNonAlpha", isSpaceOrPunctuation));
    addFunction(registry, runSpec("alphaTokens", isNotLetter));
    registry.addAlias("splitByAlpha", "alphaTokens");
    addFunction(registry, {
        .name = "arrayStringConcat", .arguments_min = 1, .arguments_max = 2,
        .return_type = [](const Arguments & arguments)
        {
            if (arguments[0].type->id() != TypeId::Array)
                throwIllegalType("arrayStringConcat", *arguments[0].type, 0);
            if (arguments.size() == 2)
                constantString("arrayStringConcat", arguments, 1);
            return makeType(TypeId::String);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            std::string separator = arguments.size() == 2 ? constantString("arrayStringConcat", arguments, 1) : "";
            ColumnPtr full = arguments[0].column->materialize();
            auto & array = static_cast<const ColumnArray &>(*full);
            DataTypePtr element = typeAs<DataTypeArray>(*arguments[0].type).element();
            ColumnPtr texts = castColumn({array.dataPtr(), element, ""}, makeNullable(makeType(TypeId::String)),
                false)->materialize();
            return buildStrings(rows, [&](size_t i, PodVector<char> & out)
            {
                bool first = true;
                for (size_t k = array.beginOf(i); k < array.endOf(i); ++k)
                {
                    if (texts->isNullAt(k))
                        continue;
                    if (!first)
                        append(out, separator);
                    first = false;
                    append(out, texts->stringAt(k));
                }
            });
        },
        .constants = {1}});
    registry.addAlias("array_to_string", "arrayStringConcat", true);
}

}
