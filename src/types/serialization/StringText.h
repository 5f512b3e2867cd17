#pragma once
// Strings in the text dialects of ClickHouse: Escaped (TSV), Quoted ('…'), Csv ("…") and JSON. Writers escape;
// readers append the unescaped bytes to `to`. Bytes are not checked for UTF-8. Readers throw
// TOO_LARGE_STRING_SIZE (131) above the limit, so that a missing quote cannot fill the memory.

#include "base/Types.h"
#include "io/ReadBuffer.h"
#include "io/WriteBuffer.h"

namespace mangrove
{

void writeEscapedString(std::string_view text, WriteBuffer & out);
void writeQuotedString(std::string_view text, WriteBuffer & out);
void writeCsvString(std::string_view text, WriteBuffer & out);
void writeJsonString(std::string_view text, WriteBuffer & out, bool escape_slash = true);

/// Up to a tab or line feed, which stays in the input.
void readEscapedString(PodVector<char> & to, ReadBuffer & in, size_t bytes_max);
/// '…' with backslash escapes or doubled quotes; CANNOT_PARSE_QUOTED_STRING (26).
void readQuotedString(PodVector<char> & to, ReadBuffer & in, size_t bytes_max);
/// "…" with doubled quotes; otherwise up to the delimiter or line end, which stays in the input.
void readCsvString(PodVector<char> & to, ReadBuffer & in, char delimiter, size_t bytes_max);
/// For CSV fields that are not strings: also accepts '…'. Trailing blanks of an unquoted field are dropped.
void readCsvField(PodVector<char> & to, ReadBuffer & in, char delimiter, size_t bytes_max);

inline void skipSpaces(ReadBuffer & in)
{
    while (!in.eof() && (*in.position() == ' ' || (*in.position() >= '\t' && *in.position() <= '\r')))
        in.advance(1);
}

/// True, and consumed, if `lower_case` stands here in any case and no letter, digit or '_' follows it.
bool tryConsumeWord(ReadBuffer & in, std::string_view lower_case);

}
