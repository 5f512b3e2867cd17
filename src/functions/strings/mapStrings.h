#pragma once
// The loop of functions from strings to strings.

#include "functions/FunctionSpec.h"

namespace mangrove
{

/// One String per row: f(row, PodVector<char> & out) appends its bytes.
template <typename F>
ColumnPtr buildStrings(size_t rows, F && f)
{
    auto result = ColumnString::create();
    result->offsets().reserve(rows);
    for (size_t i = 0; i < rows; ++i)
    {
        f(i, result->chars());
        result->offsets().push_back(result->chars().size());
    }
    return result;
}

inline void append(PodVector<char> & out, std::string_view text)
{
    out.insert(out.end(), text.begin(), text.end());
}

/// Spec of f(String) → String: transform(text, out).
template <typename F>
FunctionSpec stringToString(std::string name, F transform, bool case_insensitive = false)
{
    return {
        .name = name, .arguments_min = 1, .arguments_max = 1, .return_type = stringsReturn(name, 1, TypeId::String),
        .execute = [transform](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            StringArgument text(*arguments[0].column);
            return buildStrings(rows, [&](size_t i, PodVector<char> & out) { transform(text[i], out); });
        },
        .case_insensitive = case_insensitive};
}

}
