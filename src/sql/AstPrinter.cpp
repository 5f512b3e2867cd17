#include "sql/AstPrinter.h"

#include "sql/AstFormatter.h"

namespace mangrove
{

std::string formatAst(const Expr & expr)
{
    AstFormatter formatter(false);
    formatter.expr(expr, AstFormatter::Place::List);
    return formatter.take();
}

std::string formatAst(const SelectNode & select)
{
    AstFormatter formatter(false);
    formatter.select(select);
    return formatter.take();
}

std::string formatAst(const Statement & statement)
{
    AstFormatter formatter(false);
    formatter.statement(statement);
    return formatter.take();
}

std::string formatAst(const CreateQuery & create)
{
    AstFormatter formatter(false);
    formatter.create(create);
    return formatter.take();
}

std::string formatAst(const EngineDeclaration & engine)
{
    AstFormatter formatter(false);
    formatter.engine(engine);
    return formatter.take();
}

std::string prettyCreate(const CreateQuery & create)
{
    AstFormatter formatter(true);
    formatter.create(create);
    return formatter.take();
}

}
