#include "sql/Grammar.h"

#include <algorithm>

namespace mangrove::grammar
{

namespace
{

bool isPlainName(std::string_view name)
{
    return std::all_of(name.begin(), name.end(), [](char c)
        { return c == '_' || c == ' ' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

std::string printArgument(const TypeArgument & argument)
{
    std::string name = argument.name.empty() ? "" : quoteIdentifierIfNeeded(argument.name);
    if (argument.enum_value)
        return toSql(argument.literal->value) + " = " + std::to_string(*argument.enum_value);
    if (argument.type)
        return name.empty() ? argument.type->text : name + " " + argument.type->text;
    if (name.empty())
        return toSql(argument.literal->value);
    /// JSON(max_dynamic_paths = 8, SKIP REGEXP 'x')
    if (argument.name == "SKIP")
        return "SKIP " + quoteIdentifierIfNeeded(*argument.literal->value.asString());
    if (argument.name == "SKIP REGEXP")
        return "SKIP REGEXP " + toSql(argument.literal->value);
    return name + " = " + toSql(argument.literal->value);
}

void print(TypeAst & type)
{
    /// Array is a keyword and DOUBLE PRECISION two words, but not here.
    type.text = isPlainName(type.name) ? type.name : quoteIdentifier(type.name);
    if (!type.has_parentheses)
        return;
    type.text += '(';
    for (size_t i = 0; i < type.args.size(); ++i)
        type.text += (i ? ", " : "") + printArgument(type.args[i]);
    type.text += ')';
}

ExprPtr literalArgument(TokenStream & tokens)
{
    uint32_t begin = tokens.beginOffset();
    auto value = acceptScalarLiteral(tokens);
    if (!value)
        tokens.fail("literal");
    return tokens.track(makeLiteral(std::move(*value), SourceRange{begin, begin}));
}

std::optional<int64_t> acceptEnumValue(TokenStream & tokens)
{
    if (!tokens.accept(TokenType::Equals, "equals"))
        return std::nullopt;
    ExprPtr value = literalArgument(tokens);
    if (const uint64_t * number = value->value.asUInt64(); number && *number <= INT64_MAX)
        return static_cast<int64_t>(*number);
    if (const int64_t * number = value->value.asInt64())
        return *number;
    tokens.fail("number");
}

/// The types module knows them as one name. No name comes after a beginning of it.
constexpr std::string_view names_of_several_words[] = {
    "DOUBLE PRECISION", "BINARY LARGE OBJECT", "BINARY VARYING", "CHARACTER LARGE OBJECT", "CHARACTER VARYING", "CHAR LARGE OBJECT",
    "CHAR VARYING", "NATIONAL CHARACTER LARGE OBJECT", "NATIONAL CHARACTER VARYING", "NATIONAL CHARACTER", "NATIONAL CHAR VARYING",
    "NATIONAL CHAR", "NCHAR LARGE OBJECT", "NCHAR VARYING",
};

TypeArgument parseArgument(TokenStream & tokens)
{
    TypeArgument argument;
    bool word = isIdentifier(tokens) && !tokens.at("NULL");
    if (!word)
    {
        argument.literal = literalArgument(tokens);
        if (argument.literal->value.isString())
            argument.enum_value = acceptEnumValue(tokens);
        return argument;
    }
    if (tokens.at("SKIP") && isIdentifier(tokens, 1))
    {
        tokens.take();
        bool regexp = tokens.accept("REGEXP");
        argument.name = regexp ? "SKIP REGEXP" : "SKIP";
        uint32_t begin = tokens.beginOffset();
        std::string path = regexp ? parseString(tokens) : parseDottedName(tokens);
        argument.literal = tokens.track(makeLiteral(Literal{std::move(path)}, SourceRange{begin, begin}));
        return argument;
    }
    if (tokens.is(TokenType::Equals, 1))
    {
        argument.name = parseIdentifier(tokens);
        tokens.take();
        argument.literal = literalArgument(tokens);
        return argument;
    }
    /// name Type: two words, or a dotted path of a JSON type.
    bool several_words = std::ranges::any_of(names_of_several_words, [&](std::string_view name) { return tokens.at(name); });
    if ((isIdentifier(tokens, 1) && !several_words) || tokens.is(TokenType::Dot, 1))
        argument.name = parseDottedName(tokens);
    argument.type = parseType(tokens);
    return argument;
}

std::string parseTypeName(TokenStream & tokens)
{
    for (std::string_view name : names_of_several_words)
        if (tokens.accept(name))
            return std::string(name);
    std::string name = parseIdentifier(tokens, "data type");
    for (std::string_view suffix : {"UNSIGNED", "SIGNED"})
        if (tokens.accept(suffix))
            return name + " " + std::string(suffix);
    return name;
}

}

TypePtr parseType(TokenStream & tokens)
{
    TokenStream::DepthGuard guard(tokens);
    auto type = std::make_shared<TypeAst>();
    type->range.begin = tokens.beginOffset();
    type->name = parseTypeName(tokens);
    tokens.countElements(1);
    if (tokens.accept(TokenType::OpenRound, "opening round bracket"))
    {
        type->has_parentheses = true;
        while (!tokens.is(TokenType::CloseRound))
        {
            type->args.push_back(parseArgument(tokens));
            if (!tokens.acceptComma())
                break;
        }
        tokens.requireClose();
    }
    type->range.end = tokens.endOffset();
    print(*type);
    return type;
}

}
