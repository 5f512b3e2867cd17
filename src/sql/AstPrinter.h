#pragma once
// AST to text. formatAst gives one line that parses back to an equal tree: it is how DDL is stored and how two
// trees are compared. prettyCreate is the layout of SHOW CREATE TABLE. columnName is the name that ClickHouse
// gives to a result column without an alias: clients see it, so it follows ClickHouse to the byte. Pure.

#include "sql/Statements.h"

namespace mangrove
{

std::string formatAst(const Expr & expr);
std::string formatAst(const SelectNode & select);
std::string formatAst(const Statement & statement);
std::string formatAst(const CreateQuery & create);
std::string formatAst(const EngineDeclaration & engine);    /// with a space before each clause

/// CREATE TABLE over several lines, four spaces before a column, as SHOW CREATE TABLE prints it.
std::string prettyCreate(const CreateQuery & create);

/// The alias if there is one, otherwise the expression as a call of functions: plus(a, 1), arrayElement(m, 'k').
std::string columnName(const Expr & expr);

}
