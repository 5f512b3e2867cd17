// leftPad, rightPad (bytes and UTF8), trimLeft, trimRight, trimBoth.

#include "functions/strings/mapStrings.h"
#include "functions/strings/registerStrings.h"
#include "functions/strings/utf8.h"

namespace mangrove
{

namespace
{

FunctionSpec padSpec(const char * name, bool left, bool utf8)
{
    return {
        .name = name, .arguments_min = 2, .arguments_max = 3,
        .return_type = [name](const Arguments & arguments)
        {
            expectString(name, arguments, 0);
            expectInteger(name, arguments, 1);
            if (arguments.size() == 3)
                constantString(name, arguments, 2);
            return makeType(TypeId::String);
        },
        .execute = [name, left, utf8](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            StringArgument text(*arguments[0].column);
            NumberArgument<int64_t> length(*arguments[1].column);
            std::string padding = arguments.size() == 3 ? constantString(name, arguments, 2) : " ";
            if (padding.empty())
                padding = " ";
            auto size = [&](std::string_view s) { return utf8 ? utf8CodePoints(s) : s.size(); };
            const size_t padding_size = size(padding);
            return buildStrings(rows, [&](size_t i, PodVector<char> & out)
            {
                int64_t wanted = length[i];
                if (wanted < 0)
                    throw Exception(ErrorCode::TOO_LARGE_STRING_SIZE, "New padded length ({}) is negative", wanted);
                if (wanted > 1'000'000)
                    throw Exception(ErrorCode::TOO_LARGE_STRING_SIZE,
                        "New padded length ({}) is too big, maximum is: 1000000", wanted);
                size_t have = size(text[i]);
                if (have >= static_cast<size_t>(wanted))
                {
                    append(out, utf8 ? text[i].substr(0, utf8Offset(text[i], wanted)) : text[i].substr(0, wanted));
                    return;
                }
                if (!left)
                    append(out, text[i]);
                size_t missing = wanted - have;
                for (; missing >= padding_size; missing -= padding_size)
                    append(out, padding);
                append(out, std::string_view(padding).substr(0, utf8 ? utf8Offset(padding, missing) : missing));
                if (left)
                    append(out, text[i]);
            });
        },
        .constants = {2}};
}

FunctionSpec trimSpec(const char * name, bool left, bool right)
{
    return {
        .name = name, .arguments_min = 1, .arguments_max = 2,
        .return_type = [name](const Arguments & arguments)
        {
            expectString(name, arguments, 0);
            if (arguments.size() == 2)
                constantString(name, arguments, 1);
            return makeType(TypeId::String);
        },
        .execute = [name, left, right](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            StringArgument text(*arguments[0].column);
            std::string trimmed = arguments.size() == 2 ? constantString(name, arguments, 1) : " ";
            return buildStrings(rows, [&](size_t i, PodVector<char> & out)
            {
                std::string_view value = text[i];
                if (left)
                    value.remove_prefix(std::min(value.find_first_not_of(trimmed), value.size()));
                if (right)
                    value = value.substr(0, value.find_last_not_of(trimmed) + 1);
                append(out, value);
            });
        },
        .constants = {1}};
}

}

void registerPadAndTrim(FunctionRegistry & registry)
{
    addFunction(registry, padSpec("leftPad", true, false));
    addFunction(registry, padSpec("rightPad", false, false));
    addFunction(registry, padSpec("leftPadUTF8", true, true));
    addFunction(registry, padSpec("rightPadUTF8", false, true));
    registry.addAlias("lpad", "leftPad", true);
    registry.addAlias("rpad", "rightPad", true);
    addFunction(registry, trimSpec("trimLeft", true, false));
    addFunction(registry, trimSpec("trimRight", false, true));
    addFunction(registry, trimSpec("trimBoth", true, true));
    registry.addAlias("ltrim", "trimLeft", true);
    registry.addAlias("rtrim", "trimRight", true);
    registry.addAlias("trim", "trimBoth", true);
}

}
