#pragma once
// The database `system` and the table functions. Each table is a list of columns and a function that makes its rows
// when it is read; nothing is stored. One file per family in query/system/.

#include "analyzer/TableSource.h"
#include "exec/QueryContext.h"
#include "query/Node.h"
#include "query/Session.h"

#include <algorithm>
#include <functional>

namespace mangrove
{

using Rows = std::vector<std::vector<Field>>;

/// Who reads a table of `system`, and what of it.
struct SystemRead
{
    const Session & session;
    QueryContext & query;
    const std::vector<std::string> & columns; /// what is not among them may be left empty

    bool uses(std::string_view column) const { return std::find(columns.begin(), columns.end(), column) != columns.end(); }
};

struct SystemTable
{
    const char * name;
    std::vector<std::pair<const char *, const char *>> columns; /// name, type
    std::function<Rows(Node &, const SystemRead &)> rows; /// null: made block by block, without end (numbers)
};

/// All of them, in alphabetical order.
const std::vector<SystemTable> & systemTables();

/// UNKNOWN_TABLE (60). Node and query outlive the table.
TableSourcePtr makeSystemTable(const std::string & name, Node & node, const Session & session, QueryContext & query);
/// numbers(n), numbers(from, n), zeros(n): UNKNOWN_FUNCTION (46) otherwise.
TableSourcePtr makeTableFunction(const std::string & name, const std::vector<Field> & arguments);
std::vector<std::string> listTableFunctions();

// query/system/*.cpp
void addSchemaTables(std::vector<SystemTable> & tables);
void addActivityTables(std::vector<SystemTable> & tables);
void addStaticTables(std::vector<SystemTable> & tables);

}
