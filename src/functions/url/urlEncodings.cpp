// encodeURLComponent, decodeURLComponent and their Form variants, in which a blank is a plus. A % without two
// hexadecimal digits stands for itself, and so do the two characters behind it.

#include "functions/strings/mapStrings.h"
#include "functions/url/registerUrl.h"

namespace mangrove
{

namespace
{

bool isUnreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~';
}

int digitOf(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void encode(std::string_view text, bool form, PodVector<char> & out)
{
    static constexpr char hex[] = "0123456789ABCDEF";
    for (char c : text)
    {
        if (isUnreserved(c))
            out.push_back(c);
        else if (form && c == ' ')
            out.push_back('+');
        else
        {
            out.push_back('%');
            out.push_back(hex[static_cast<unsigned char>(c) >> 4]);
            out.push_back(hex[c & 15]);
        }
    }
}

void decode(std::string_view text, bool form, PodVector<char> & out)
{
    for (size_t i = 0; i < text.size(); ++i)
    {
        if (text[i] != '%' || i + 2 >= text.size())
        {
            out.push_back(form && text[i] == '+' ? ' ' : text[i]);
            continue;
        }
        const int high = digitOf(text[i + 1]);
        const int low = digitOf(text[i + 2]);
        if (high >= 0 && low >= 0)
            out.push_back(static_cast<char>(high * 16 + low));
        else
            append(out, text.substr(i, 3));
        i += 2;
    }
}

void addEncoding(FunctionRegistry & registry, const char * name, bool form, void (*recode)(std::string_view, bool, PodVector<char> &))
{
    FunctionSpec spec = stringToString(name,
        [form, recode](std::string_view text, PodVector<char> & out) { recode(text, form, out); });
    spec.return_type = [name](const Arguments & arguments)
    {
        expectUrl(name, *arguments[0].type, 0);
        return makeType(TypeId::String);
    };
    addFunction(registry, std::move(spec));
}

}

void registerUrlEncodings(FunctionRegistry & registry)
{
    addEncoding(registry, "encodeURLComponent", false, encode);
    addEncoding(registry, "encodeURLFormComponent", true, encode);
    addEncoding(registry, "decodeURLComponent", false, decode);
    addEncoding(registry, "decodeURLFormComponent", true, decode);
}

}
