// hex, unhex, bin, unbin, base64*, ascii, char, isValidUTF8.

#include "functions/strings/mapStrings.h"
#include "functions/strings/registerStrings.h"

#include <absl/strings/escaping.h>

namespace mangrove
{

namespace
{

void appendHex(PodVector<char> & out, uint8_t byte)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    out.push_back(digits[byte >> 4]);
    out.push_back(digits[byte & 15]);
}

void appendBin(PodVector<char> & out, uint8_t byte)
{
    for (int bit = 7; bit >= 0; --bit)
        out.push_back('0' + ((byte >> bit) & 1));
}

/// Strings and floats byte by byte as stored; integers from the highest byte that is not zero.
template <typename AppendByte>
ColumnPtr printBytes(const ColumnWithType & argument, size_t rows, AppendByte append_byte)
{
    ColumnPtr column = argument.column->materialize();
    if (argument.type->isStringOrFixed())
    {
        StringArgument text(*column);
        return buildStrings(rows, [&](size_t i, PodVector<char> & out)
        {
            for (char c : text[i])
                append_byte(out, static_cast<uint8_t>(c));
        });
    }
    return visitNumbers(*column, [&]<typename T>(const ColumnVector<T> & numbers)
    {
        return buildStrings(rows, [&](size_t i, PodVector<char> & out)
        {
            T x = numbers.data()[i];
            if constexpr (sizeof(T) == sizeof(UInt128))
                if (argument.type->id() == TypeId::UUID)
                    x = swapUuidHalves(x);
            uint8_t bytes[sizeof(T)];
            std::memcpy(bytes, &x, sizeof(T));
            if constexpr (std::is_floating_point_v<T>)
                for (uint8_t byte : bytes)
                    append_byte(out, byte);
            else
            {
                bool started = argument.type->id() == TypeId::UUID;
                for (size_t k = sizeof(T); k-- > 0;)
                {
                    started |= bytes[k] != 0 || k == 0;
                    if (started)
                        append_byte(out, bytes[k]);
                }
            }
        });
    });
}

template <typename AppendByte>
FunctionSpec bytesSpec(const char * name, AppendByte append_byte)
{
    return {
        .name = name, .arguments_min = 1, .arguments_max = 1,
        .return_type = [name](const Arguments & arguments)
        {
            const DataType & type = *arguments[0].type;
            if (!type.isStringOrFixed() && !type.isNumber() && type.id() != TypeId::Date
                && type.id() != TypeId::DateTime
                && type.id() != TypeId::UUID)
                throwIllegalType(name, type, 0);
            return makeType(TypeId::String);
        },
        .execute = [append_byte](const Arguments & arguments, const DataTypePtr &, size_t rows)
        { return printBytes(arguments[0], rows, append_byte); },
        .case_insensitive = true};
}

uint8_t hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 0xff;
}

void unhex(std::string_view text, PodVector<char> & out)
{
    size_t i = 0;
    if (text.size() % 2)
        out.push_back(static_cast<char>(hexDigit(text[i++])));
    for (; i < text.size(); i += 2)
        out.push_back(static_cast<char>(hexDigit(text[i]) * 0x10 + hexDigit(text[i + 1])));
}

void unbin(std::string_view text, PodVector<char> & out)
{
    size_t first = text.size() % 8;
    uint8_t byte = 0;
    for (size_t i = 0; i < text.size(); ++i)
    {
        byte = static_cast<uint8_t>((byte << 1) | (text[i] & 1));
        if ((i + 1) % 8 == first)
            out.push_back(static_cast<char>(byte));
    }
}

/// Canonical base64 only; false if the text is not.
bool decodeBase64(std::string_view text, std::string & decoded)
{
    // The library skips white space, ClickHouse refuses it.
    return text.size() % 4 == 0 && text.find_first_of(" \t\r\n\v\f") == std::string_view::npos
        && absl::Base64Unescape(absl::string_view(text.data(), text.size()), &decoded);
}

bool isValidUtf8(std::string_view text)
{
    for (size_t i = 0; i < text.size();)
    {
        auto lead = static_cast<unsigned char>(text[i]);
        size_t length = lead < 0x80 ? 1 : lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3
            : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
        if (length == 0 || i + length > text.size())
            return false;
        for (size_t k = 1; k < length; ++k)
            if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80)
                return false;
        auto second = length > 1 ? static_cast<unsigned char>(text[i + 1]) : 0;
        /// Overlong forms, surrogates, and beyond U+10FFFF.
        if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) || (lead == 0xf0 && second < 0x90)
            || (lead == 0xf4 && second > 0x8f))
            return false;
        i += length;
    }
    return true;
}

}

void registerEncodings(FunctionRegistry & registry)
{
    addFunction(registry, bytesSpec("hex", appendHex));
    addFunction(registry, bytesSpec("bin", appendBin));
    addFunction(registry, stringToString("unhex", unhex, true));
    addFunction(registry, stringToString("unbin", unbin, true));
    addFunction(registry, stringToString("base64Encode", [](std::string_view text, PodVector<char> & out)
    { append(out, absl::Base64Escape(absl::string_view(text.data(), text.size()))); }));
    addFunction(registry, stringToString("base64Decode", [](std::string_view text, PodVector<char> & out)
    {
        std::string decoded;
        if (!decodeBase64(text, decoded))
            throw Exception(ErrorCode::INCORRECT_DATA, "Invalid base64Decode value ({}), cannot be decoded", text);
        append(out, decoded);
    }));
    addFunction(registry, stringToString("tryBase64Decode", [](std::string_view text, PodVector<char> & out)
    {
        std::string decoded;
        if (decodeBase64(text, decoded))
            append(out, decoded);
    }));
    registry.addAlias("TO_BASE64", "base64Encode", true);
    registry.addAlias("FROM_BASE64", "base64Decode", true);
    addFunction(registry, {
        .name = "isValidUTF8", .arguments_min = 1, .arguments_max = 1,
            .return_type = stringsReturn("isValidUTF8", 1, TypeId::UInt8),
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            StringArgument text(*arguments[0].column);
            auto result = ColumnUInt8::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = isValidUtf8(text[i]);
            return result;
        }});
    addFunction(registry, {
        .name = "ascii", .arguments_min = 1, .arguments_max = 1,
            .return_type = stringsReturn("ascii", 1, TypeId::Int32),
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            StringArgument text(*arguments[0].column);
            auto result = ColumnInt32::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = text[i].empty() ? 0 : static_cast<uint8_t>(text[i][0]);
            return result;
        },
        .case_insensitive = true});
    addFunction(registry, {
        .name = "char", .arguments_min = 1, .arguments_max = FunctionSpec::any_number,
        .return_type = [](const Arguments & arguments)
        {
            for (size_t i = 0; i < arguments.size(); ++i)
                expectNumber("char", arguments, i);
            return makeType(TypeId::String);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            std::vector<std::unique_ptr<NumberArgument<int64_t>>> codes;
            for (const auto & argument : arguments)
                codes.push_back(std::make_unique<NumberArgument<int64_t>>(*argument.column));
            return buildStrings(rows, [&](size_t i, PodVector<char> & out)
            {
                for (const auto & code : codes)
                    out.push_back(static_cast<char>((*code)[i]));
            });
        },
        .case_insensitive = true});
}

}
