// hasToken, hasTokenCaseInsensitive, tokens: words between ASCII characters that are neither letters nor digits. ngrams:
// all runs of n code points.

#include "columns/ColumnArray.h"
#include "functions/strings/mapStrings.h"
#include "functions/strings/registerStrings.h"
#include "functions/strings/utf8.h"

namespace mangrove
{

namespace
{

bool isTokenByte(char c)
{
    return static_cast<unsigned char>(c) >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z');
}

bool equalFold(std::string_view a, std::string_view b)
{
    auto fold = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    for (size_t i = 0; i < a.size(); ++i)
        if (fold(a[i]) != fold(b[i]))
            return false;
    return true;
}

/// f(token) until it returns true.
template <typename F>
bool anyToken(std::string_view text, F && f)
{
    for (size_t i = 0; i < text.size();)
    {
        while (i < text.size() && !isTokenByte(text[i]))
            ++i;
        size_t end = i;
        while (end < text.size() && isTokenByte(text[end]))
            ++end;
        if (end > i && f(text.substr(i, end - i)))
            return true;
        i = end;
    }
    return false;
}

FunctionSpec hasTokenSpec(const char * name, bool fold)
{
    return {
        .name = name, .arguments_min = 2, .arguments_max = 2, .return_type = stringsReturn(name, 2, TypeId::UInt8),
        .execute = [name, fold](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            StringArgument text(*arguments[0].column);
            std::string token = constantString(name, arguments, 1);
            for (char c : token)
                if (!isTokenByte(c))
                    throw Exception(ErrorCode::BAD_ARGUMENTS,
                        "Needle must not contain whitespace or separator characters");
            auto result = ColumnUInt8::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = anyToken(text[i], [&](std::string_view word)
                { return word.size() == token.size() && (fold ? equalFold(word, token) : word == token); });
            return result;
        },
        .constants = {1}, .case_insensitive = fold};
}

}

void registerTokens(FunctionRegistry & registry)
{
    addFunction(registry, hasTokenSpec("hasToken", false));
    addFunction(registry, hasTokenSpec("hasTokenCaseInsensitive", true));
    addFunction(registry, {
        .name = "tokens", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments) -> DataTypePtr
        {
            expectString("tokens", arguments, 0);
            return std::make_shared<DataTypeArray>(makeType(TypeId::String));
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            StringArgument text(*arguments[0].column);
            auto words = ColumnString::create();
            auto offsets = ColumnUInt64::create();
            for (size_t i = 0; i < rows; ++i)
            {
                anyToken(text[i], [&](std::string_view word)
                {
                    words->append(word);
                    return false;
                });
                offsets->data().push_back(words->size());
            }
            return ColumnArray::create(words, offsets);
        }});
    addFunction(registry, {
        .name = "ngrams", .arguments_min = 2, .arguments_max = 2,
        .return_type = [](const Arguments & arguments) -> DataTypePtr
        {
            expectString("ngrams", arguments, 0);
            expectInteger("ngrams", arguments, 1);
            return std::make_shared<DataTypeArray>(makeType(TypeId::String));
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            StringArgument texts(*arguments[0].column);
            const Field length = constantArgument("ngrams", arguments, 1);
            if (!length.is<uint64_t>())
                throwIllegalType("ngrams", *arguments[1].type, 1);
            if (length.get<uint64_t>() == 0)
                throw Exception(ErrorCode::BAD_ARGUMENTS, "The length of ngrams must be at least 1, got 0");
            const size_t n = length.get<uint64_t>();
            auto grams = ColumnString::create();
            auto offsets = ColumnUInt64::create();
            std::vector<size_t> bounds; // of code points
            for (size_t i = 0; i < rows; ++i)
            {
                const std::string_view text = texts[i];
                bounds.assign(1, 0);
                while (bounds.back() < text.size())
                    bounds.push_back(bounds.back() + utf8Length(text, bounds.back()));
                for (size_t end = n; end < bounds.size(); ++end)
                    grams->append(text.substr(bounds[end - n], bounds[end] - bounds[end - n]));
                offsets->data().push_back(grams->size());
            }
            return ColumnArray::create(grams, offsets);
        },
        .constants = {1}});
}

}
