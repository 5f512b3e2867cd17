#include "columns/Field.h"

#include <fmt/format.h>

namespace mangrove
{

namespace
{

void appendQuoted(const std::string & text, std::string & out)
{
    out += '\'';
    for (char c : text)
    {
        if (c == '\'' || c == '\\')
            out += '\\';
        out += c;
    }
    out += '\'';
}

void appendField(const Field & field, std::string & out);

void appendList(const std::vector<Field> & fields, char open, char close, std::string & out)
{
    out += open;
    for (size_t i = 0; i < fields.size(); ++i)
    {
        if (i)
            out += ", ";
        appendField(fields[i], out);
    }
    out += close;
}

void appendField(const Field & field, std::string & out)
{
    std::visit(
        [&](const auto & value)
        {
            using T = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<T, Null>)
                out += "NULL";
            else if constexpr (std::is_same_v<T, std::string>)
                appendQuoted(value, out);
            else if constexpr (std::is_same_v<T, Array>)
                appendList(value, '[', ']', out);
            else if constexpr (std::is_same_v<T, Tuple>)
                appendList(value, '(', ')', out);
            else
                fmt::format_to(std::back_inserter(out), "{}", value);
        },
        field.value);
}

}

std::string toString(const Field & field)
{
    std::string out;
    appendField(field, out);
    return out;
}

}
