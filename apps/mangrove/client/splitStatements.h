#pragma once
// Where the next statement of a script ends. Tokens are the server's own (sql/Lexer.h), so a semicolon in a string or
// in a comment ends nothing.

#include <string_view>

namespace mangrove
{

struct ScriptStatement
{
    std::string_view text;       /// without the semicolon; data that stands inline is part of it
    std::string_view rest;       /// what comes after
    bool complete = false;       /// a semicolon, or the end of inline data, was there
    bool wants_input = false;    /// INSERT whose rows stand nowhere in the text
    bool vertical = false;       /// ended by \G
};

/// The inline data of INSERT … FORMAT x ends at an empty line or with the script; VALUES end with the semicolon.
ScriptStatement nextStatement(std::string_view script);

}
