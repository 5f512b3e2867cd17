// firstLine, encodeXMLComponent, base64URLEncode, base64URLDecode, base58Encode, base58Decode, IPv4NumToString, isIPv4String:
// other spellings of a text.

#include "functions/strings/mapStrings.h"
#include "functions/strings/registerTexts.h"

#include <absl/strings/escaping.h>

#include <algorithm>

namespace mangrove
{

namespace
{

void encodeXml(std::string_view text, PodVector<char> & out)
{
    for (char c : text)
    {
        switch (c)
        {
            case '<': append(out, "&lt;"); break;
            case '>': append(out, "&gt;"); break;
            case '&': append(out, "&amp;"); break;
            case '"': append(out, "&quot;"); break;
            case '\'': append(out, "&apos;"); break;
            default: out.push_back(c);
        }
    }
}

/// URL-safe and without padding.
void encodeBase64Url(std::string_view text, PodVector<char> & out)
{
    std::string encoded = absl::WebSafeBase64Escape(absl::string_view(text.data(), text.size()));
    append(out, encoded);
}

bool decodeBase64Url(std::string_view text, std::string & decoded)
{
    return text.find_first_of(" \t\r\n\v\f.+/") == std::string_view::npos
        && absl::WebSafeBase64Unescape(absl::string_view(text.data(), text.size()), &decoded);
}

constexpr std::string_view base58_digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// The time of a conversion grows with the square of the length.
constexpr size_t base58_bytes_max = 1 << 16;

/// Big-endian digits in base `from` as digits in base `to`; leading zeros stay as many.
std::string convertBase(const std::string & digits, uint32_t from, uint32_t to)
{
    if (digits.size() > base58_bytes_max)
        throw Exception(ErrorCode::TOO_LARGE_STRING_SIZE, "Text of {} bytes is too long for base 58, the limit is {}", digits.size(), base58_bytes_max);
    const size_t zeros = std::min(digits.find_first_not_of('\0'), digits.size());
    std::string result; /// little-endian
    for (char digit : digits)
    {
        uint32_t carry = static_cast<unsigned char>(digit);
        for (char & c : result)
        {
            carry += static_cast<unsigned char>(c) * from;
            c = static_cast<char>(carry % to);
            carry /= to;
        }
        for (; carry; carry /= to)
            result.push_back(static_cast<char>(carry % to));
    }
    result.append(zeros, '\0');
    std::reverse(result.begin(), result.end());
    return result;
}

void encodeBase58(std::string_view text, PodVector<char> & out)
{
    for (char digit : convertBase(std::string(text), 256, 58))
        out.push_back(base58_digits[static_cast<unsigned char>(digit)]);
}

bool decodeBase58(std::string_view text, std::string & decoded)
{
    std::string digits;
    for (char c : text)
    {
        size_t digit = base58_digits.find(c);
        if (digit == std::string_view::npos)
            return false;
        digits.push_back(static_cast<char>(digit));
    }
    decoded = convertBase(digits, 58, 256);
    return true;
}

using Decode = bool (*)(std::string_view, std::string &);

void addDecode(FunctionRegistry & registry, const char * name, Decode decode, bool throws)
{
    addFunction(registry, stringToString(name, [=](std::string_view text, PodVector<char> & out)
    {
        std::string decoded;
        if (decode(text, decoded))
            append(out, decoded);
        else if (throws)
            throw Exception(ErrorCode::INCORRECT_DATA, "Invalid {} value ({}), cannot be decoded", name, text);
    }));
}

/// Four numbers of 0 to 255 without leading zeros and with dots between them.
bool isIPv4(std::string_view text)
{
    size_t parts = 0;
    for (size_t i = 0; i <= text.size(); ++parts)
    {
        size_t end = std::min(text.find('.', i), text.size());
        std::string_view part = text.substr(i, end - i);
        if (part.empty() || part.size() > 3 || (part.size() > 1 && part[0] == '0') || part.find_first_not_of("0123456789") != std::string_view::npos)
            return false;
        uint32_t value = 0;
        for (char c : part)
            value = value * 10 + (c - '0');
        if (value > 255)
            return false;
        i = end + 1;
    }
    return parts == 4;
}

void registerAddresses(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "IPv4NumToString", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments)
        {
            if (!arguments[0].type->isUnsigned() || arguments[0].type->id() == TypeId::UInt128)
                throwIllegalType("IPv4NumToString", *arguments[0].type, 0);
            return makeType(TypeId::String);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            NumberArgument<uint32_t> address(*arguments[0].column);
            return buildStrings(rows, [&](size_t i, PodVector<char> & out)
            {
                const uint32_t x = address[i];
                append(out, fmt::format("{}.{}.{}.{}", x >> 24, x >> 16 & 255, x >> 8 & 255, x & 255));
            });
        }});
    registry.addAlias("INET_NTOA", "IPv4NumToString", true);
    addFunction(registry, {
        .name = "isIPv4String", .arguments_min = 1, .arguments_max = 1, .return_type = stringsReturn("isIPv4String", 1, TypeId::UInt8),
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            StringArgument text(*arguments[0].column);
            auto result = ColumnUInt8::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = isIPv4(text[i]);
            return result;
        }});
}

}

void registerTexts(FunctionRegistry & registry)
{
    addFunction(registry, stringToString("firstLine", [](std::string_view text, PodVector<char> & out)
    {
        std::string_view line = text.substr(0, text.find_first_of("\r\n"));
        append(out, line);
    }));
    addFunction(registry, stringToString("encodeXMLComponent", encodeXml));
    addFunction(registry, stringToString("base64URLEncode", encodeBase64Url));
    addDecode(registry, "base64URLDecode", decodeBase64Url, true);
    addDecode(registry, "tryBase64URLDecode", decodeBase64Url, false);
    addFunction(registry, stringToString("base58Encode", encodeBase58));
    addDecode(registry, "base58Decode", decodeBase58, true);
    addDecode(registry, "tryBase58Decode", decodeBase58, false);
    registerAddresses(registry);
}

}
