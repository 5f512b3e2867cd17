#include "server/otlp/attributeText.h"

#include "server/otlp/trace.pb.h"

#include <absl/strings/escaping.h>

#include <charconv>
#include <cmath>

namespace mangrove
{

namespace
{

void appendDouble(double value, std::string & out)
{
    if (std::isnan(value))
        out += "nan";
    else if (std::isinf(value))
        out += value > 0 ? "inf" : "-inf";
    else
    {
        char buffer[32];
        auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), value);
        out.append(buffer, end);
    }
}

void appendJson(const otlp::AnyValue & value, std::string & out, int depth)
{
    using Case = otlp::AnyValue::ValueCase;
    if (depth > attribute_depth_max)
    {
        out += "null";
        return;
    }
    switch (value.value_case())
    {
        case Case::kStringValue:
            return appendJsonString(value.string_value(), out);
        case Case::kBytesValue:
            return appendJsonString(absl::Base64Escape(value.bytes_value()), out);
        case Case::kBoolValue:
            out += value.bool_value() ? "true" : "false";
            return;
        case Case::kIntValue:
            out += std::to_string(value.int_value());
            return;
        case Case::kDoubleValue:
            if (std::isfinite(value.double_value()))
                return appendDouble(value.double_value(), out);
            out += '"';
            appendDouble(value.double_value(), out);
            out += '"';
            return;
        case Case::kArrayValue:
        {
            out += '[';
            for (int i = 0; i < value.array_value().values_size(); ++i)
            {
                if (i)
                    out += ',';
                appendJson(value.array_value().values(i), out, depth + 1);
            }
            out += ']';
            return;
        }
        case Case::kKvlistValue:
        {
            out += '{';
            for (int i = 0; i < value.kvlist_value().values_size(); ++i)
            {
                const auto & pair = value.kvlist_value().values(i);
                if (i)
                    out += ',';
                appendJsonString(pair.key(), out);
                out += ':';
                appendJson(pair.value(), out, depth + 1);
            }
            out += '}';
            return;
        }
        case Case::VALUE_NOT_SET:
            out += "null";
    }
}

}

void appendJsonString(std::string_view text, std::string & out)
{
    out += '"';
    for (char c : text)
    {
        switch (c)
        {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20)
                {
                    static constexpr char hex[] = "0123456789abcdef";
                    out += "\\u00";
                    out += hex[(c >> 4) & 15];
                    out += hex[c & 15];
                }
                else
                    out += c;
        }
    }
    out += '"';
}

void appendAttributeText(const otlp::AnyValue & value, std::string & out)
{
    using Case = otlp::AnyValue::ValueCase;
    switch (value.value_case())
    {
        case Case::kStringValue:
            out += value.string_value();
            return;
        case Case::kBytesValue:
            out += absl::Base64Escape(value.bytes_value());
            return;
        case Case::kDoubleValue:
            return appendDouble(value.double_value(), out);
        case Case::VALUE_NOT_SET:
            return;
        default:
            appendJson(value, out, 0);
    }
}

int attributeType(const otlp::AnyValue & value)
{
    return static_cast<int>(value.value_case());
}

}
