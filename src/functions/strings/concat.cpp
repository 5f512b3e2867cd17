// concat, concatWithSeparator, format: arguments of any type, printed as toString() prints them.

#include "functions/callFunction.h"
#include "functions/cast/Cast.h"
#include "functions/strings/mapStrings.h"
#include "functions/strings/registerStrings.h"

#include <deque>

namespace mangrove
{

namespace
{

/// Every argument as strings. The columns stay alive with the object.
struct Texts
{
    Columns columns;
    std::deque<StringArgument> texts;

    Texts(const Arguments & arguments, size_t from)
    {
        for (size_t i = from; i < arguments.size(); ++i)
        {
            ColumnPtr column = arguments[i].column;
            if (!arguments[i].type->isStringOrFixed())
                column = castColumn(arguments[i], makeType(TypeId::String), false);
            columns.push_back(column);
            texts.emplace_back(*column);
        }
    }
};

/// What concat() of arrays and maps is called otherwise; null for strings.
FunctionPtr containerConcat(const Arguments & arguments)
{
    TypeId id = arguments.empty() ? TypeId::String : arguments[0].type->id();
    if (id != TypeId::Array && id != TypeId::Map)
        return nullptr;
    for (const auto & argument : arguments)
        if (argument.type->id() != id)
            return nullptr;
    return FunctionRegistry::instance().get(id == TypeId::Array ? "arrayConcat" : "mapConcat");
}

/// "{0} and {1}" or "{} and {}": literal pieces, each but the last followed by an argument's number.
struct Template
{
    std::vector<std::string> pieces{""};
    std::vector<size_t> arguments;

    Template(std::string_view text, size_t argument_count)
    {
        bool automatic = false;
        bool numbered = false;
        for (size_t i = 0; i < text.size(); ++i)
        {
            char c = text[i];
            if ((c == '{' || c == '}') && i + 1 < text.size() && text[i + 1] == c)
            {
                pieces.back() += c;
                ++i;
                continue;
            }
            if (c == '}')
                fail("Closed curly brace isn't opened");
            if (c != '{')
            {
                pieces.back() += c;
                continue;
            }
            size_t close = text.find('}', i);
            if (close == std::string_view::npos)
                fail("Opened curly brace isn't closed");
            std::string_view digits = text.substr(i + 1, close - i - 1);
            size_t number = arguments.size();
            if (digits.empty())
                automatic = true;
            else
            {
                numbered = true;
                if (digits.find_first_not_of("0123456789") != std::string_view::npos || digits.size() > 4)
                    fail("Not a number in curly braces");
                number = std::stoul(std::string(digits));
            }
            if (automatic && numbered)
                fail("Cannot mix automatic and manual field numbering");
            if (number >= argument_count)
                fail("Argument is too big for formatting");
            arguments.push_back(number);
            pieces.emplace_back();
            i = close;
        }
    }

    [[noreturn]] static void fail(const char * what)
    {
        throw Exception(ErrorCode::BAD_ARGUMENTS, "{} in the pattern of function format", what);
    }
};

}

void registerConcat(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "concat", .arguments_min = 0, .arguments_max = FunctionSpec::any_number,
        .return_type = [](const Arguments & arguments)
        {
            FunctionPtr other = containerConcat(arguments);
            return other ? resultType(*other, arguments) : makeType(TypeId::String);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & result_type, size_t rows)
        {
            if (FunctionPtr other = containerConcat(arguments))
                return callFunction(*other, arguments, result_type, rows);
            Texts texts(arguments, 0);
            return buildStrings(rows, [&](size_t i, PodVector<char> & out)
            {
                for (const auto & text : texts.texts)
                    append(out, text[i]);
            });
        },
        .case_insensitive = true});
    addFunction(registry, {
        .name = "concatWithSeparator", .arguments_min = 1, .arguments_max = FunctionSpec::any_number,
        .return_type = [](const Arguments & arguments)
        {
            constantString("concatWithSeparator", arguments, 0);
            return makeType(TypeId::String);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            std::string separator = constantString("concatWithSeparator", arguments, 0);
            Texts texts(arguments, 1);
            return buildStrings(rows, [&](size_t i, PodVector<char> & out)
            {
                for (size_t k = 0; k < texts.texts.size(); ++k)
                {
                    if (k)
                        append(out, separator);
                    append(out, texts.texts[k][i]);
                }
            });
        },
        .constants = {0}});
    registry.addAlias("concat_ws", "concatWithSeparator", true);
    addFunction(registry, {
        .name = "format", .arguments_min = 2, .arguments_max = 1025,
        .return_type = [](const Arguments & arguments)
        {
            Template(constantString("format", arguments, 0), arguments.size() - 1);
            return makeType(TypeId::String);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            Template pattern(constantString("format", arguments, 0), arguments.size() - 1);
            Texts texts(arguments, 1);
            return buildStrings(rows, [&](size_t i, PodVector<char> & out)
            {
                append(out, pattern.pieces[0]);
                for (size_t k = 0; k < pattern.arguments.size(); ++k)
                {
                    append(out, texts.texts[pattern.arguments[k]][i]);
                    append(out, pattern.pieces[k + 1]);
                }
            });
        },
        .constants = {0}});
}

}
