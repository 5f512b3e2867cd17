// simpleJSON… (visitParam…): the value behind "name": wherever it occurs first in the text, without parsing the rest.
// As in ClickHouse: no blanks around the colon, the field may be at any depth, text that is not JSON is no error.

#include "functions/json/registerJson.h"
#include "functions/strings/mapStrings.h"

#include <charconv>

namespace mangrove
{

namespace
{

/// A spec whose return type rule checks the arguments; `execute` is left to the caller.
FunctionSpec simpleSpec(const std::string & name, TypeId type)
{
    return {
        .name = name, .arguments_min = 2, .arguments_max = 2,
        .return_type = [=](const Arguments & arguments)
        {
            for (size_t i = 0; i < 2; ++i)
            {
                if (arguments[i].type->id() == TypeId::FixedString)
                    throw Exception(ErrorCode::ILLEGAL_COLUMN, "Function '{}' doesn't support FixedString arguments", name);
                if (!arguments[i].type->isString())
                    throwIllegalType(name, *arguments[i].type, i);
            }
            return makeType(type);
        },
        .constants = {1}};
}

/// The text behind "name":, or one without data.
std::string_view valueOf(std::string_view json, std::string_view needle)
{
    size_t found = json.find(needle);
    return found == std::string_view::npos ? std::string_view() : json.substr(found + needle.size());
}

template <typename T, typename F>
void addSimple(FunctionRegistry & registry, const std::string & suffix, TypeId type, F read)
{
    FunctionSpec spec = simpleSpec("simpleJSON" + suffix, type);
    spec.execute = [name = spec.name, read](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
    {
        const StringArgument json(*arguments[0].column);
        const std::string needle = '"' + constantString(name, arguments, 1) + "\":";
        auto answer = [&](size_t row, auto & out)
        {
            std::string_view value = valueOf(json[row], needle);
            if (value.data())
                read(value, out);
        };
        if constexpr (std::is_same_v<T, std::string>)
            return buildStrings(rows, answer);
        else
        {
            auto result = ColumnVector<T>::create(rows);
            std::fill(result->data().begin(), result->data().end(), T{});
            for (size_t i = 0; i < rows; ++i)
                answer(i, result->data()[i]);
            return result;
        }
    };
    registry.addAlias("visitParam" + suffix, spec.name);
    addFunction(registry, std::move(spec));
}

std::string_view withoutQuote(std::string_view value)
{
    return value.starts_with('"') ? value.substr(1) : value;
}

template <typename T>
void readInteger(std::string_view value, T & out)
{
    value = withoutQuote(value);
    if (value.starts_with('+'))
        value.remove_prefix(1);
    std::from_chars(value.data(), value.data() + value.size(), out); // stays 0 where there is no number or it does not fit
}

/// As much of a number as there is; "-" alone is -0, as in ClickHouse.
void readFloat(std::string_view value, double & out)
{
    value = withoutQuote(value);
    bool negative = value.starts_with('-');
    if (negative || value.starts_with('+'))
        value.remove_prefix(1);
    double number = 0;
    auto [after, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error == std::errc::result_out_of_range) // too large or too small: strtod tells inf from 0
        number = std::strtod(std::string(value.data(), after).c_str(), nullptr);
    out = negative ? -number : number;
}

/// Up to the comma or brace that ends it. Nothing if there is none, or a bracket or quote is not closed.
void readRaw(std::string_view value, PodVector<char> & out)
{
    std::string closing;
    for (size_t i = 0; i < value.size(); ++i)
    {
        const char c = value[i];
        const bool in_string = !closing.empty() && closing.back() == '"';
        if (!closing.empty() && c == closing.back())
            closing.pop_back();
        else if (c == '\\')
            i += i + 1 < value.size() && (value[i + 1] == '"' || value[i + 1] == '\\');
        else if (in_string)
            continue;
        else if (c == '[' || c == '{' || c == '"')
            closing.push_back(c == '[' ? ']' : c == '{' ? '}' : '"');
        else if (closing.empty() && (c == ',' || c == '}'))
            return append(out, value.substr(0, i));
    }
}

void appendUtf8(uint32_t code, PodVector<char> & out)
{
    auto put = [&](uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (code < 0x80)
        return put(code);
    if (code < 0x800)
        put(0xC0 | code >> 6);
    else if (code < 0x10000)
    {
        put(0xE0 | code >> 12);
        put(0x80 | (code >> 6 & 0x3F));
    }
    else
    {
        put(0xF0 | code >> 18);
        put(0x80 | (code >> 12 & 0x3F));
        put(0x80 | (code >> 6 & 0x3F));
    }
    put(0x80 | (code & 0x3F));
}

/// The code of \uXXXX at `text`, which it moves past it.
bool readUnit(std::string_view & text, uint32_t & code)
{
    if (text.size() < 6 || !text.starts_with("\\u"))
        return false;
    auto parsed = std::from_chars(text.data() + 2, text.data() + 6, code, 16);
    if (parsed.ptr != text.data() + 6)
        return false;
    text.remove_prefix(6);
    return true;
}

bool readEscape(std::string_view & text, PodVector<char> & out)
{
    if (text.size() < 2)
        return false;
    if (text[1] == 'u')
    {
        uint32_t code = 0;
        if (!readUnit(text, code))
            return false;
        if (code >= 0xD800 && code <= 0xDBFF)
        {
            uint32_t low = 0;
            if (!text.starts_with("\\u")) // half a pair is left out
                return true;
            if (!readUnit(text, low) || low < 0xDC00 || low > 0xDFFF)
                return false;
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        }
        appendUtf8(code, out);
        return true;
    }
    constexpr std::string_view letters = "bfnrt";
    constexpr std::string_view controls = "\b\f\n\r\t";
    size_t found = letters.find(text[1]);
    out.push_back(found == std::string_view::npos ? text[1] : controls[found]);
    text.remove_prefix(2);
    return true;
}

/// Nothing unless the string is whole.
void readString(std::string_view value, PodVector<char> & out)
{
    const size_t before = out.size();
    if (!value.starts_with('"'))
        return;
    value.remove_prefix(1);
    while (true)
    {
        size_t stop = value.find_first_of("\"\\");
        append(out, value.substr(0, stop));
        if (stop != std::string_view::npos)
        {
            value.remove_prefix(stop);
            if (value[0] == '"')
                return;
            if (readEscape(value, out))
                continue;
        }
        out.resize(before);
        return;
    }
}

}

void registerSimpleJson(FunctionRegistry & registry)
{
    addSimple<uint8_t>(registry, "Has", TypeId::UInt8, [](std::string_view, uint8_t & out) { out = 1; });
    addSimple<uint8_t>(registry, "ExtractBool", TypeId::UInt8,
        [](std::string_view value, uint8_t & out) { out = value.starts_with("true"); });
    addSimple<int64_t>(registry, "ExtractInt", TypeId::Int64, readInteger<int64_t>);
    addSimple<uint64_t>(registry, "ExtractUInt", TypeId::UInt64, readInteger<uint64_t>);
    addSimple<double>(registry, "ExtractFloat", TypeId::Float64, readFloat);
    addSimple<std::string>(registry, "ExtractRaw", TypeId::String, readRaw);
    addSimple<std::string>(registry, "ExtractString", TypeId::String, readString);
}

}
