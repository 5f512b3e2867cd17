#pragma once
// The text of an attribute value: int decimal, double shortest, bool true/false, bytes base64, array and kvlist JSON.

#include <string>
#include <string_view>

namespace mangrove
{

namespace otlp
{
class AnyValue;
}

constexpr int attribute_depth_max = 64;

/// Appends the text; deeper nesting than attribute_depth_max becomes null.
void appendAttributeText(const otlp::AnyValue & value, std::string & out);
/// The OTLP AnyValue field number, 0 for an empty value.
int attributeType(const otlp::AnyValue & value);
void appendJsonString(std::string_view text, std::string & out);

}
