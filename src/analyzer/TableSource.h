#pragma once
// What a FROM can name: the columns of a table, to the analyzer; how to read it is known to the planner, which
// sees one of the two derived interfaces: a table of parts (planner/PartsTable.h) or rows made on the fly
// (GeneratedTable: system tables, numbers()). Immutable for the query; shared.

#include "types/Block.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mangrove
{

struct TableColumn
{
    enum class Kind : uint8_t { Ordinary, Materialized, Alias };
    std::string name;
    DataTypePtr type;
    Kind kind = Kind::Ordinary;   /// Materialized and Alias are not in SELECT *
    std::string alias_expression; /// Alias: SQL text over the other columns
};

class TableSource
{
public:
    virtual ~TableSource() = default;
    virtual const std::string & database() const = 0;
    virtual const std::string & name() const = 0;
    virtual const std::vector<TableColumn> & columns() const = 0;
    virtual bool supportsFinal() const { return false; }
};

using TableSourcePtr = std::shared_ptr<const TableSource>;

/// Gives blocks one after another; called from one thread at a time.
class BlockGenerator
{
public:
    virtual ~BlockGenerator() = default;
    virtual std::optional<Block> next() = 0; /// nullopt: no more
};

/// Rows computed when read.
class GeneratedTable : public TableSource
{
public:
    /// The blocks hold at least the columns `names`, by name. A hint: no more than `rows_max` rows are needed.
    virtual std::unique_ptr<BlockGenerator> open(const std::vector<std::string> & names, std::optional<uint64_t> rows_max) const = 0;
};

}
