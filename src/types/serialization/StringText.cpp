#include "types/serialization/StringText.h"

#include <array>
#include <cctype>

namespace mangrove
{

namespace
{

using Stops = std::array<bool, 256>;

constexpr Stops stopsAt(std::string_view characters)
{
    Stops stops{};
    for (char c : characters)
        stops[static_cast<unsigned char>(c)] = true;
    return stops;
}

constexpr Stops escaped_writer_stops = stopsAt(std::string_view("\b\f\n\r\t\0\\'", 8));
constexpr Stops escaped_reader_stops = stopsAt("\t\n\\");
constexpr Stops quoted_reader_stops = stopsAt("'\\");

constexpr Stops json_writer_stops = []
{
    Stops stops = stopsAt("\"\\/\xe2"); // e2: U+2028 and U+2029 start with it
    for (int c = 0; c < 0x20; ++c)
        stops[c] = true;
    return stops;
}();

const char * findStop(const char * p, const char * end, const Stops & stops)
{
    while (p != end && !stops[static_cast<unsigned char>(*p)])
        ++p;
    return p;
}

void writeWithEscapes(std::string_view text, WriteBuffer & out)
{
    const char * p = text.data();
    const char * end = p + text.size();
    while (true)
    {
        const char * stop = findStop(p, end, escaped_writer_stops);
        out.write(std::string_view(p, stop - p));
        if (stop == end)
            return;
        out.writeByte('\\');
        switch (*stop)
        {
            case '\b': out.writeByte('b'); break;
            case '\f': out.writeByte('f'); break;
            case '\n': out.writeByte('n'); break;
            case '\r': out.writeByte('r'); break;
            case '\t': out.writeByte('t'); break;
            case '\0': out.writeByte('0'); break;
            default: out.writeByte(*stop);
        }
        p = stop + 1;
    }
}

int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// After the backslash: \n, \xHH, \N (nothing), \' and so on; an unknown one keeps its backslash,
/// a control character does not.
void readEscape(PodVector<char> & to, ReadBuffer & in)
{
    if (in.eof())
        throw Exception(ErrorCode::CANNOT_PARSE_ESCAPE_SEQUENCE, "Cannot parse escape sequence: the input ends after a backslash");
    char c = in.readByte();
    switch (c)
    {
        case 'x':
        {
            int high = hexDigit(in.readByte());
            int low = hexDigit(in.readByte());
            if (high < 0 || low < 0)
                throw Exception(ErrorCode::CANNOT_PARSE_ESCAPE_SEQUENCE, "Cannot parse escape sequence: \\x needs two hex digits");
            return to.push_back(static_cast<char>(high * 16 + low));
        }
        case 'N': return;
        case 'a': return to.push_back('\a');
        case 'b': return to.push_back('\b');
        case 'e': return to.push_back('\x1b');
        case 'f': return to.push_back('\f');
        case 'n': return to.push_back('\n');
        case 'r': return to.push_back('\r');
        case 't': return to.push_back('\t');
        case 'v': return to.push_back('\v');
        case '0': return to.push_back('\0');
        default:
            const bool control = static_cast<unsigned char>(c) < 32;
            if (!control && c != '\\' && c != '\'' && c != '"' && c != '`' && c != '/' && c != '=')
                to.push_back('\\');
            to.push_back(c);
    }
}

void append(PodVector<char> & to, ReadBuffer & in, const char * until, size_t begin, size_t bytes_max)
{
    if (to.size() - begin + (until - in.position()) > bytes_max)
        throw Exception(ErrorCode::TOO_LARGE_STRING_SIZE, "A string of the input exceeds the limit of {} bytes", bytes_max);
    to.insert(to.end(), in.position(), until);
    in.advance(until - in.position());
}

/// The rest of a quoted CSV field: quotes are doubled inside.
void readCsvQuoted(PodVector<char> & to, ReadBuffer & in, char quote, size_t bytes_max)
{
    size_t begin = to.size();
    in.advance(1);
    while (!in.eof())
    {
        const void * found = std::memchr(in.position(), quote, in.available());
        append(to, in, found ? static_cast<const char *>(found) : in.end(), begin, bytes_max);
        if (!found)
            continue;
        in.advance(1);
        if (!in.tryConsume(quote))
            return;
        to.push_back(quote);
    }
    throw Exception(ErrorCode::CANNOT_PARSE_QUOTED_STRING, "Cannot parse quoted string: expected closing quote {}", quote);
}

void readCsv(PodVector<char> & to, ReadBuffer & in, char delimiter, size_t bytes_max, bool single_quotes)
{
    if (in.eof())
        return;
    char c = *in.position();
    if (c == '"' || (single_quotes && c == '\''))
        return readCsvQuoted(to, in, c, bytes_max);
    size_t begin = to.size();
    while (!in.eof())
    {
        const char * p = in.position();
        while (p != in.end() && *p != delimiter && *p != '\n' && *p != '\r')
            ++p;
        bool found = p != in.end();
        append(to, in, p, begin, bytes_max);
        if (found)
            return;
    }
}

}

void writeEscapedString(std::string_view text, WriteBuffer & out)
{
    writeWithEscapes(text, out);
}

void writeQuotedString(std::string_view text, WriteBuffer & out)
{
    out.writeByte('\'');
    writeWithEscapes(text, out);
    out.writeByte('\'');
}

void writeCsvString(std::string_view text, WriteBuffer & out)
{
    out.writeByte('"');
    size_t begin = 0;
    while (true)
    {
        size_t quote = text.find('"', begin);
        if (quote == std::string_view::npos)
            break;
        out.write(text.substr(begin, quote + 1 - begin));
        out.writeByte('"');
        begin = quote + 1;
    }
    out.write(text.substr(begin));
    out.writeByte('"');
}

void writeJsonString(std::string_view text, WriteBuffer & out, bool escape_slash)
{
    static constexpr char hex[] = "0123456789ABCDEF";
    out.writeByte('"');
    const char * p = text.data();
    const char * end = p + text.size();
    while (true)
    {
        const char * stop = findStop(p, end, json_writer_stops);
        out.write(std::string_view(p, stop - p));
        if (stop == end)
            break;
        p = stop + 1;
        switch (*stop)
        {
            case '\b': out.write("\\b"); break;
            case '\f': out.write("\\f"); break;
            case '\n': out.write("\\n"); break;
            case '\r': out.write("\\r"); break;
            case '\t': out.write("\\t"); break;
            case '\\': out.write("\\\\"); break;
            case '/': out.write(escape_slash ? "\\/" : "/"); break;
            case '"': out.write("\\\""); break;
            case '\xe2':
                if (end - stop >= 3 && stop[1] == '\x80' && (stop[2] == '\xa8' || stop[2] == '\xa9'))
                {
                    out.write(stop[2] == '\xa8' ? "\\u2028" : "\\u2029");
                    p = stop + 3;
                }
                else
                    out.writeByte('\xe2');
                break;
            default:
                out.write("\\u00");
                out.writeByte(hex[static_cast<unsigned char>(*stop) >> 4]);
                out.writeByte(hex[*stop & 15]);
        }
    }
    out.writeByte('"');
}

void readEscapedString(PodVector<char> & to, ReadBuffer & in, size_t bytes_max)
{
    size_t begin = to.size();
    while (!in.eof())
    {
        const char * stop = findStop(in.position(), in.end(), escaped_reader_stops);
        bool found = stop != in.end();
        append(to, in, stop, begin, bytes_max);
        if (!found)
            continue;
        if (*in.position() != '\\')
            return;
        in.advance(1);
        readEscape(to, in);
    }
}

void readQuotedString(PodVector<char> & to, ReadBuffer & in, size_t bytes_max)
{
    size_t begin = to.size();
    if (in.eof() || *in.position() != '\'')
        throw Exception(
            ErrorCode::CANNOT_PARSE_QUOTED_STRING,
            "Cannot parse quoted string: expected opening quote ''', got '{}'",
            in.eof() ? std::string_view("end of input") : std::string_view(in.position(), 1));
    in.advance(1);
    while (!in.eof())
    {
        const char * stop = findStop(in.position(), in.end(), quoted_reader_stops);
        bool found = stop != in.end();
        append(to, in, stop, begin, bytes_max);
        if (!found)
            continue;
        bool backslash = *in.position() == '\\';
        in.advance(1);
        if (backslash)
            readEscape(to, in);
        else if (in.tryConsume('\''))
            to.push_back('\'');
        else
            return;
    }
    throw Exception(ErrorCode::CANNOT_PARSE_QUOTED_STRING, "Cannot parse quoted string: expected closing quote '''");
}

void readCsvString(PodVector<char> & to, ReadBuffer & in, char delimiter, size_t bytes_max)
{
    readCsv(to, in, delimiter, bytes_max, false);
}

void readCsvField(PodVector<char> & to, ReadBuffer & in, char delimiter, size_t bytes_max)
{
    size_t begin = to.size();
    bool quoted = !in.eof() && (*in.position() == '"' || *in.position() == '\'');
    readCsv(to, in, delimiter, bytes_max, true);
    if (!quoted)
        while (to.size() > begin && (to.back() == ' ' || to.back() == '\t'))
            to.pop_back();
}

bool tryConsumeWord(ReadBuffer & in, std::string_view lower_case)
{
    size_t available = in.lookAhead(lower_case.size() + 1);
    if (available < lower_case.size())
        return false;
    for (size_t i = 0; i < lower_case.size(); ++i)
        if ((in.position()[i] | 0x20) != lower_case[i])
            return false;
    if (available > lower_case.size())
    {
        auto next = static_cast<unsigned char>(in.position()[lower_case.size()]);
        if (std::isalnum(next) || next == '_')
            return false;
    }
    in.advance(lower_case.size());
    return true;
}

}
