// protocol, domain, path, queryString, fragment…: a part of a URL, or the URL without it. Not a validating parser: like
// ClickHouse's functions these look for delimiters, and give '' where there is no such part.

#include "functions/strings/mapStrings.h"
#include "functions/url/registerUrl.h"

#include <charconv>
#include <optional>

namespace mangrove
{

namespace
{

constexpr size_t npos = std::string_view::npos;

bool isLetter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool isSchemeCharacter(char c)
{
    return isLetter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

size_t schemeLength(std::string_view url, size_t max)
{
    size_t length = 0;
    while (length < url.size() && length < max && isSchemeCharacter(url[length]))
        ++length;
    return length;
}

std::string_view protocol(std::string_view url)
{
    size_t length = url.empty() || !isLetter(url[0]) ? 0 : schemeLength(url, npos);
    // ':' and at least three characters more: the shortest is "://".
    if (length == 0 || url.size() - length < 4 || url[length] != ':')
        return {};
    return url.substr(0, length);
}

/// '' unless there is a dot with something behind it. Credentials with a password are not understood.
std::string_view domain(std::string_view url)
{
    constexpr std::string_view refused = " \t<>%{}|\\^~[];=&";
    constexpr size_t scheme_max = 16;
    if (url.starts_with("//"))
        url.remove_prefix(2);
    else if (!url.empty())
    {
        // The first character may be anything.
        size_t length = 1 + schemeLength(url.substr(1), scheme_max - 1);
        if (length < std::min(url.size(), scheme_max) && refused.find(url[length]) != npos)
            return {};
        if (length + 3 <= std::min(url.size(), scheme_max) && url.substr(length, 3) == "://")
            url.remove_prefix(length + 3);
    }
    size_t begin = 0;
    size_t end = 0;
    size_t dot = npos;
    for (; end < url.size(); ++end)
    {
        const char c = url[end];
        if (c == ':' || c == '/' || c == '?' || c == '#')
            break;
        if (refused.find(c) != npos)
            return {};
        if (c == '.')
            dot = end;
        else if (c == '@')
            begin = end + 1;
    }
    if (dot == npos || begin >= end || dot + 1 == end)
        return {};
    return url.substr(begin, end - begin);
}

std::string_view domainWithoutWWW(std::string_view url)
{
    std::string_view host = domain(url);
    return host.size() > 4 && host.starts_with("www.") ? host.substr(4) : host;
}

/// Not of an IPv4 address.
std::string_view topLevelDomain(std::string_view url)
{
    std::string_view host = domain(url);
    size_t dot = host.rfind('.');
    if (dot == npos || (host[dot + 1] >= '0' && host[dot + 1] <= '9'))
        return {};
    return host.substr(dot + 1);
}

/// From the first slash that does not begin "//".
std::string_view pathFull(std::string_view url)
{
    size_t slash = url.find('/');
    if (slash != npos && url.substr(slash + 1).starts_with('/'))
        slash = url.find('/', slash + 2);
    return slash == npos ? std::string_view() : url.substr(slash);
}

std::string_view path(std::string_view url)
{
    std::string_view full = pathFull(url);
    return full.substr(0, full.find_first_of("?#"));
}

std::string_view after(std::string_view url, char delimiter)
{
    size_t found = url.find(delimiter);
    return found == npos ? std::string_view() : url.substr(found + 1);
}

std::string_view fragment(std::string_view url)
{
    return after(url, '#');
}

std::string_view queryString(std::string_view url)
{
    std::string_view query = after(url, '?');
    return query.substr(0, query.find('#'));
}

std::string_view queryStringAndFragment(std::string_view url)
{
    if (size_t query = url.find('?'); query != npos)
        return url.substr(query + 1);
    size_t hash = url.find('#');
    return hash == npos ? std::string_view() : url.substr(hash);
}

std::string_view cutFragment(std::string_view url)
{
    return url.substr(0, url.find('#'));
}

std::string_view cutQueryStringAndFragment(std::string_view url)
{
    size_t query = url.find('?');
    return query == npos ? cutFragment(url) : url.substr(0, query);
}

/// Behind the domain, up to a slash or the end; anything but digits there is no port.
uint16_t port(std::string_view url, uint16_t without)
{
    std::string_view host = domain(url);
    const char * end = url.data() + url.size();
    const char * colon = host.data() + host.size();
    if (host.empty() || colon == end || *colon != ':')
        return without;
    std::string_view text(colon + 1, end);
    text = text.substr(0, text.find('/'));
    uint16_t number = 0;
    auto [after, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && after == text.data() + text.size() ? number : without;
}

template <typename F>
void addUrlFunction(FunctionRegistry & registry, const char * name, F appendPart)
{
    FunctionSpec spec = stringToString(name, appendPart);
    spec.return_type = [name](const Arguments & arguments)
    {
        expectUrl(name, *arguments[0].type, 0);
        return makeType(TypeId::String);
    };
    addFunction(registry, std::move(spec));
}

void addPart(FunctionRegistry & registry, const char * name, std::string_view (*part)(std::string_view))
{
    addUrlFunction(registry, name, [part](std::string_view url, PodVector<char> & out) { append(out, part(url)); });
}

void addPort(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "port", .arguments_min = 1, .arguments_max = 2,
        .return_type = [](const Arguments & arguments)
        {
            if (!arguments[0].type->isString())
                throwIllegalType("port", *arguments[0].type, 0);
            if (arguments.size() > 1 && arguments[1].type->id() != TypeId::UInt16)
                throwIllegalType("port", *arguments[1].type, 1);
            return makeType(TypeId::UInt16);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            const StringArgument url(*arguments[0].column);
            std::optional<NumberArgument<uint16_t>> without;
            if (arguments.size() > 1)
                without.emplace(*arguments[1].column);
            auto result = ColumnUInt16::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = port(url[i], without ? (*without)[i] : 0);
            return result;
        }});
}

}

void registerUrlParts(FunctionRegistry & registry)
{
    addPort(registry);
    addPart(registry, "protocol", protocol);
    addPart(registry, "domain", domain);
    addPart(registry, "domainWithoutWWW", domainWithoutWWW);
    addPart(registry, "topLevelDomain", topLevelDomain);
    addPart(registry, "path", path);
    addPart(registry, "pathFull", pathFull);
    addPart(registry, "queryString", queryString);
    addPart(registry, "fragment", fragment);
    addPart(registry, "queryStringAndFragment", queryStringAndFragment);
    addPart(registry, "cutFragment", cutFragment);
    addPart(registry, "cutQueryStringAndFragment", cutQueryStringAndFragment);
    addUrlFunction(registry, "cutQueryString", [](std::string_view url, PodVector<char> & out)
    {
        size_t query = url.find('?');
        append(out, url.substr(0, query));
        size_t hash = query == npos ? npos : url.find('#', query);
        if (hash != npos)
            append(out, url.substr(hash));
    });
}

}
