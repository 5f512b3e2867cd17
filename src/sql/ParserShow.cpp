#include "sql/Grammar.h"

namespace mangrove::grammar
{

namespace
{

/// [NOT] LIKE 'x' | [NOT] ILIKE 'x' | WHERE expr, then LIMIT n.
void parseLikeWhereLimit(TokenStream & tokens, ShowQuery & show)
{
    struct Form
    {
        std::string_view words;
        bool negated, case_insensitive;
    };
    static constexpr Form forms[] = {{"LIKE", false, false}, {"ILIKE", false, true}, {"NOT LIKE", true, false},
        {"NOT ILIKE", true, true}};
    bool found = false;
    for (const Form & form : forms)
        if (!found && tokens.accept(form.words))
        {
            found = true;
            show.not_like = form.negated;
            show.case_insensitive = form.case_insensitive;
            show.like = parseString(tokens);
        }
    if (!found && tokens.accept("WHERE"))
        show.where = parseExpr(tokens);
    if (tokens.accept("LIMIT"))
        show.limit = parseExpr(tokens);
}

bool acceptFrom(TokenStream & tokens)
{
    return tokens.accept("FROM") || tokens.accept("IN");
}

/// SHOW CREATE [TABLE|VIEW|…] name; the cursor is after CREATE.
void parseShowCreate(TokenStream & tokens, ShowQuery & show)
{
    show.kind = ShowKind::CreateTable;
    if (tokens.accept("DATABASE"))
    {
        show.kind = ShowKind::CreateDatabase;
        show.table.database = parseIdentifier(tokens, "database name");
        return;
    }
    show.temporary = tokens.accept("TEMPORARY");
    if (tokens.at("TABLE") && isIdentifier(tokens, 1))
        tokens.take();
    else if (tokens.at("VIEW") && isIdentifier(tokens, 1) && tokens.accept("VIEW"))
        show.kind = ShowKind::CreateView;
    else if (tokens.at("DICTIONARY") && isIdentifier(tokens, 1) && tokens.accept("DICTIONARY"))
        show.kind = ShowKind::CreateDictionary;
    else if (tokens.at("FUNCTION") && isIdentifier(tokens, 1) && tokens.accept("FUNCTION"))
        show.kind = ShowKind::CreateFunction;
    show.table = parseQualifiedName(tokens);
}

/// COLUMNS FROM t [FROM db]
void parseShowColumns(TokenStream & tokens, ShowQuery & show, ShowKind kind)
{
    show.kind = kind;
    if (!acceptFrom(tokens))
        tokens.fail();
    show.table = parseQualifiedName(tokens);
    if (acceptFrom(tokens))
        show.table.database = parseIdentifier(tokens, "database name");
    parseLikeWhereLimit(tokens, show);
}

bool acceptSimple(TokenStream & tokens, ShowQuery & show)
{
    struct Simple
    {
        std::string_view words;
        ShowKind kind;
    };
    static constexpr Simple simple[] = {
        {"PROCESSLIST", ShowKind::Processlist}, {"SETTINGS", ShowKind::Settings}, {"FUNCTIONS", ShowKind::Functions},
        {"CLUSTERS", ShowKind::Clusters}, {"ENGINES", ShowKind::Engines}, {"MERGES", ShowKind::Merges},
        {"GRANTS", ShowKind::Grants}, {"USERS", ShowKind::Users}, {"CURRENT ROLES", ShowKind::Roles},
        {"ENABLED ROLES", ShowKind::Roles}, {"ROLES", ShowKind::Roles}, {"POLICIES", ShowKind::Policies},
        {"ROW POLICIES", ShowKind::Policies}, {"QUOTAS", ShowKind::Quotas}, {"FILESYSTEM CACHES", ShowKind::Caches},
        {"ACCESS", ShowKind::Access}, {"DATABASES", ShowKind::Databases},
    };
    for (const Simple & candidate : simple)
        if (tokens.accept(candidate.words))
        {
            show.kind = candidate.kind;
            parseLikeWhereLimit(tokens, show);
            return true;
        }
    return false;
}

}

ShowQuery parseShow(TokenStream & tokens)
{
    ShowQuery show;
    tokens.require("SHOW");
    if (tokens.accept("CREATE"))
    {
        parseShowCreate(tokens, show);
        return show;
    }
    show.extended = tokens.accept("EXTENDED");
    show.full = tokens.accept("FULL");
    show.temporary = tokens.accept("TEMPORARY");
    show.changed = tokens.accept("CHANGED");
    bool dictionaries = tokens.accept("DICTIONARIES");
    if (dictionaries || tokens.accept("TABLES"))
    {
        show.kind = dictionaries ? ShowKind::Dictionaries : ShowKind::Tables;
        if (acceptFrom(tokens))
            show.database = parseIdentifier(tokens, "database name");
        parseLikeWhereLimit(tokens, show);
    }
    else if (tokens.accept("COLUMNS") || tokens.accept("FIELDS"))
        parseShowColumns(tokens, show, ShowKind::Columns);
    else if (tokens.accept("INDEX") || tokens.accept("INDEXES") || tokens.accept("INDICES") || tokens.accept("KEYS"))
        parseShowColumns(tokens, show, ShowKind::Indexes);
    else if (tokens.accept("SETTING"))
    {
        show.kind = ShowKind::Setting;
        show.table.name = parseIdentifier(tokens, "setting name");
    }
    else if (tokens.at("DATABASE") || tokens.at("TABLE"))    /// SHOW TABLE t is SHOW CREATE TABLE t
        parseShowCreate(tokens, show);
    else if (!acceptSimple(tokens, show))
        tokens.fail();
    return show;
}

}
