#include "sql/Grammar.h"

#include "base/Exception.h"

namespace mangrove::grammar
{

namespace
{

int hexValue(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// One escape, `pos` is after the backslash. An unknown one keeps its backslash: '\d' is a regular expression;
/// a control character does not.
void appendEscape(std::string & out, std::string_view text, size_t & pos)
{
    char c = text[pos++];
    if (c == 'x' && pos + 1 < text.size() && hexValue(text[pos]) >= 0 && hexValue(text[pos + 1]) >= 0)
    {
        out += static_cast<char>(hexValue(text[pos]) * 16 + hexValue(text[pos + 1]));
        pos += 2;
        return;
    }
    switch (c)
    {
        case 'N': return;    /// NULL in TSV; nothing in SQL
        case 'a': out += '\a'; return;
        case 'b': out += '\b'; return;
        case 'e': out += '\x1b'; return;
        case 'f': out += '\f'; return;
        case 'n': out += '\n'; return;
        case 'r': out += '\r'; return;
        case 't': out += '\t'; return;
        case 'v': out += '\v'; return;
        case '0': out += '\0'; return;
        case '\\': case '\'': case '"': case '`': case '/': case '=': out += c; return;
        default:
            if (static_cast<unsigned char>(c) >= 32)
                out += '\\';
            out += c;
    }
}

std::string unquoteBinary(std::string_view digits, bool hex)
{
    size_t per_byte = hex ? 2 : 8;
    std::string out;
    unsigned byte = 0;
    /// A short first group is padded with zeros on the left.
    size_t left = digits.size() % per_byte == 0 ? per_byte : digits.size() % per_byte;
    for (char c : digits)
    {
        int value = hexValue(c);
        if (value < 0 || (!hex && value > 1))
            throw Exception(ErrorCode::SYNTAX_ERROR, "Wrong {} string literal '{}'", hex ? "hexadecimal" : "binary",
                digits);
        byte = byte * (hex ? 16 : 2) + static_cast<unsigned>(value);
        if (--left == 0)
        {
            out += static_cast<char>(byte);
            byte = 0;
            left = per_byte;
        }
    }
    return out;
}

}

std::string unquote(std::string_view token)
{
    char first = token.front();
    if (first == '$')
    {
        size_t tag_size = token.find('$', 1) + 1;
        return std::string(token.substr(tag_size, token.size() - 2 * tag_size));
    }
    if (first != '\'' && first != '"' && first != '`')
        return unquoteBinary(token.substr(2, token.size() - 3), (first | 0x20) == 'x');

    std::string_view inner = token.substr(1, token.size() - 2);
    std::string out;
    out.reserve(inner.size());
    for (size_t pos = 0; pos < inner.size();)
    {
        if (inner[pos] == '\\' && pos + 1 < inner.size())
            appendEscape(out, inner, ++pos);
        else
        {
            out += inner[pos];
            pos += inner[pos] == first ? 2 : 1;    /// a doubled quote
        }
    }
    return out;
}

std::string upperCase(std::string_view text)
{
    std::string result(text);
    for (char & c : result)
        if (c >= 'a' && c <= 'z')
            c = static_cast<char>(c - 32);
    return result;
}

bool isIdentifier(TokenStream & tokens, size_t ahead)
{
    return tokens.is(TokenType::BareWord, ahead) || tokens.is(TokenType::QuotedIdentifier, ahead)
        || (tokens.is(TokenType::OpenCurly, ahead) && tokens.at("Identifier", ahead + 3));
}

std::string parseIdentifier(TokenStream & tokens, std::string_view what)
{
    if (!isIdentifier(tokens))
        tokens.fail(what);
    Token token = tokens.take();
    if (token.type == TokenType::BareWord)
        return std::string(tokens.textOf(token));
    if (token.type == TokenType::QuotedIdentifier)
    {
        std::string name = unquote(tokens.textOf(token));
        if (name.empty())
            throw Exception(ErrorCode::SYNTAX_ERROR, "Syntax error: an identifier is empty at position {}",
                token.begin + 1);
        return name;
    }
    /// {name:Identifier}: the value is needed now, as a name decides what is parsed.
    std::string parameter(tokens.textOf(tokens.take()));
    tokens.require(TokenType::Colon, "Colon");
    tokens.require("Identifier");
    tokens.require(TokenType::CloseCurly, "closing curly bracket");
    const auto * parameters = tokens.limits().parameters;
    auto found = parameters ? parameters->find(parameter) : decltype(parameters->end()){};
    if (!parameters || found == parameters->end())
        throw Exception(ErrorCode::UNKNOWN_QUERY_PARAMETER, "Query parameter `{}` was not set", parameter);
    return found->second;
}

QualifiedName parseQualifiedName(TokenStream & tokens)
{
    QualifiedName name;
    name.name = parseIdentifier(tokens, "table name");
    if (tokens.accept(TokenType::Dot, "Dot"))
    {
        name.database = std::move(name.name);
        name.name = parseIdentifier(tokens, "table name");
    }
    return name;
}

std::string parseDottedName(TokenStream & tokens)
{
    std::string name = parseIdentifier(tokens);
    while (tokens.accept(TokenType::Dot, "Dot"))
        name += "." + parseIdentifier(tokens);
    return name;
}

std::string parseString(TokenStream & tokens)
{
    if (!tokens.is(TokenType::String) && !tokens.is(TokenType::HereDoc))
        tokens.fail("string literal");
    return unquote(tokens.textOf(tokens.take()));
}

std::string parseStringOrIdentifier(TokenStream & tokens)
{
    tokens.expect("string literal");
    return tokens.is(TokenType::String) ? parseString(tokens) : parseIdentifier(tokens);
}

std::string parseOnCluster(TokenStream & tokens)
{
    return tokens.accept("ON CLUSTER") ? parseStringOrIdentifier(tokens) : std::string();
}

bool acceptIfExists(TokenStream & tokens)
{
    return tokens.accept("IF EXISTS");
}

bool acceptIfNotExists(TokenStream & tokens)
{
    return tokens.accept("IF NOT EXISTS");
}

SettingChanges parseSettings(TokenStream & tokens)
{
    SettingChanges changes;
    do
    {
        SettingChange change;
        change.name = parseDottedName(tokens);
        bool has_value = tokens.accept(TokenType::Equals, "equals");
        if (!has_value)
            change.value.value = true;    /// SETTINGS x: on, as in ClickHouse
        else if (tokens.accept("DEFAULT"))
            change.is_default = true;
        else if (tokens.is(TokenType::BareWord) && !tokens.at("NULL") && !tokens.at("TRUE") && !tokens.at("FALSE")
            && !tokens.at("INF") && !tokens.at("NAN"))
            change.value.value = parseIdentifier(tokens);
        else
            change.value = parseLiteralValue(tokens);
        tokens.countElements(1);
        changes.push_back(std::move(change));
    } while (tokens.acceptComma());
    return changes;
}

std::optional<PartitionAst> acceptPartition(TokenStream & tokens)
{
    PartitionAst partition;
    if (tokens.accept("PART"))
    {
        partition.part = parseString(tokens);
        return partition;
    }
    if (!tokens.accept("PARTITION"))
        return std::nullopt;
    if (tokens.accept("ID"))
        partition.id = parseString(tokens);
    else if (tokens.accept("ALL"))
        partition.all = true;
    else
        partition.value = parseExpr(tokens);
    return partition;
}

}
