#include "splitStatements.h"

#include "sql/Lexer.h"

#include <algorithm>
#include <cctype>

namespace mangrove
{

namespace
{

bool sameWord(std::string_view token, std::string_view upper)
{
    return std::equal(token.begin(), token.end(), upper.begin(), upper.end(), [](char a, char b) { return std::toupper(static_cast<unsigned char>(a)) == b; });
}

std::string_view trim(std::string_view text)
{
    auto begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

}

ScriptStatement nextStatement(std::string_view script)
{
    ScriptStatement result;
    Lexer lexer(script);
    bool insert = false, rows_follow = false, first = true;
    int depth = 0;
    auto end = [&](size_t at, size_t rest)
    {
        result.text = trim(script.substr(0, at));
        result.rest = script.substr(rest);
        result.complete = rest > at || rest < script.size();
        result.wants_input = insert && !rows_follow;
        return result;
    };
    while (true)
    {
        auto token = lexer.next();
        auto text = script.substr(token.begin, token.end - token.begin);
        // "\G" is no token of the dialect.
        if (token.type >= TokenType::UnknownCharacter && script.substr(token.begin).starts_with("\\G"))
        {
            result.vertical = true;
            return end(token.begin, token.begin + 2);
        }
        if (token.type == TokenType::EndOfStream || token.type >= TokenType::UnknownCharacter)
            return end(script.size(), script.size());
        if (token.type == TokenType::Semicolon)
            return end(token.begin, token.end);
        if (token.type == TokenType::OpenRound)
            ++depth;
        if (token.type == TokenType::CloseRound)
            --depth;
        if (token.type == TokenType::BareWord && depth == 0)
        {
            if (first)
                insert = sameWord(text, "INSERT");
            else if (insert && !rows_follow && (sameWord(text, "SELECT") || sameWord(text, "WITH")))
                rows_follow = true;
            else if (insert && !rows_follow && sameWord(text, "VALUES"))
                rows_follow = !trim(script.substr(token.end)).empty() && !trim(script.substr(token.end)).starts_with(';');
            else if (insert && !rows_follow && sameWord(text, "FORMAT"))
            {
                auto format = lexer.next();
                auto data = script.substr(format.end);
                if (sameWord(script.substr(format.begin, format.end - format.begin), "VALUES"))
                    rows_follow = !trim(data).empty();
                else if (auto shown = trim(data); !shown.empty() && !shown.starts_with(';'))
                {
                    rows_follow = true;
                    auto blank = script.find("\n\n", shown.data() - script.data());
                    bool last = blank == std::string_view::npos;
                    end(last ? script.size() : blank, last ? script.size() : blank + 2);
                    // Spaces and tabs at the end are data.
                    auto begin = static_cast<size_t>(result.text.data() - script.data());
                    result.text = script.substr(begin, (last ? script.size() : blank + 1) - begin);
                    return result;
                }
            }
        }
        first = false;
    }
}

}
