#include "query/SystemTables.h"

#include "columns/ColumnVector.h"
#include "types/DataTypes.h"

#include <algorithm>

namespace mangrove
{

const std::vector<SystemTable> & systemTables()
{
    static const std::vector<SystemTable> tables = []
    {
        std::vector<SystemTable> all;
        addSchemaTables(all);
        addActivityTables(all);
        addStaticTables(all);
        std::sort(all.begin(), all.end(), [](const auto & a, const auto & b) { return std::string_view(a.name) < b.name; });
        return all;
    }();
    return tables;
}

namespace
{

class OnceGenerator final : public BlockGenerator
{
public:
    explicit OnceGenerator(Block block) : block_(std::move(block)) { }
    std::optional<Block> next() override { return std::exchange(block_, std::nullopt); }

private:
    std::optional<Block> block_;
};

class SystemTableSource final : public GeneratedTable
{
public:
    SystemTableSource(const SystemTable & table, Node & node, Session session, QueryContext & query)
        : table_(table), node_(node), session_(std::move(session)), query_(query), name_(table.name)
    {
        for (const auto & [name, type] : table.columns)
            columns_.push_back({name, parseDataType(type), TableColumn::Kind::Ordinary, ""});
    }
    const std::string & database() const override { return database_; }
    const std::string & name() const override { return name_; }
    const std::vector<TableColumn> & columns() const override { return columns_; }

    std::unique_ptr<BlockGenerator> open(const std::vector<std::string> & names, std::optional<uint64_t>) const override
    {
        std::vector<MutableColumnPtr> columns;
        for (const auto & column : columns_)
            columns.push_back(column.type->createColumn());
        for (const auto & row : table_.rows(node_, {session_, query_, names}))
        {
            CHECK(row.size() == columns.size(), "system.{} made {} values for {} columns", name_, row.size(), columns.size());
            for (size_t i = 0; i < row.size(); ++i)
                columns[i]->insert(row[i]);
        }
        Block block;
        for (size_t i = 0; i < columns.size(); ++i)
            block.add({columns[i], columns_[i].type, columns_[i].name});
        return std::make_unique<OnceGenerator>(std::move(block));
    }

private:
    const SystemTable & table_;
    Node & node_;
    Session session_;
    QueryContext & query_;
    std::string database_ = "system", name_;
    std::vector<TableColumn> columns_;
};

/// from, from + 1, … : numbers(), zeros() and system.numbers.
class NumbersTable final : public GeneratedTable
{
public:
    NumbersTable(std::string name, std::string column, DataTypePtr type, uint64_t from, std::optional<uint64_t> count, bool zeros)
        : name_(std::move(name)), columns_{{std::move(column), std::move(type), TableColumn::Kind::Ordinary, ""}}, from_(from), count_(count), zeros_(zeros)
    {
    }
    const std::string & database() const override { return database_; }
    const std::string & name() const override { return name_; }
    const std::vector<TableColumn> & columns() const override { return columns_; }

    std::unique_ptr<BlockGenerator> open(const std::vector<std::string> &, std::optional<uint64_t> rows_max) const override
    {
        auto left = count_.value_or(UINT64_MAX);
        return std::make_unique<Generator>(*this, rows_max ? std::min(left, *rows_max) : left);
    }

private:
    class Generator final : public BlockGenerator
    {
    public:
        Generator(const NumbersTable & table, uint64_t left) : table_(table), next_(table.from_), left_(left) { }
        std::optional<Block> next() override
        {
            size_t rows = std::min<uint64_t>(left_, 65409);
            if (rows == 0)
                return std::nullopt;
            left_ -= rows;
            Block block;
            const auto & column = table_.columns_[0];
            if (table_.zeros_)
            {
                auto values = column.type->createColumn();
                values->insertManyDefaults(rows);
                block.add({values, column.type, column.name});
                return block;
            }
            auto values = ColumnUInt64::create(rows);
            for (auto & value : values->data())
                value = next_++;
            block.add({values, column.type, column.name});
            return block;
        }

    private:
        const NumbersTable & table_;
        uint64_t next_, left_;
    };

    std::string database_ = "system", name_;
    std::vector<TableColumn> columns_;
    uint64_t from_;
    std::optional<uint64_t> count_;
    bool zeros_;
};

}

TableSourcePtr makeSystemTable(const std::string & name, Node & node, const Session & session, QueryContext & query)
{
    if (name == "numbers" || name == "numbers_mt")
        return std::make_shared<NumbersTable>(name, "number", makeType(TypeId::UInt64), 0, std::nullopt, false);
    if (name == "zeros" || name == "zeros_mt")
        return std::make_shared<NumbersTable>(name, "zero", makeType(TypeId::UInt8), 0, std::nullopt, true);
    for (const auto & table : systemTables())
        if (name == table.name)
            return std::make_shared<SystemTableSource>(table, node, session, query);
    throw Exception(ErrorCode::UNKNOWN_TABLE, "Table system.{} does not exist", name);
}

TableSourcePtr makeTableFunction(const std::string & name, const std::vector<Field> & arguments)
{
    auto number = [&](size_t i)
    {
        if (arguments[i].is<uint64_t>())
            return arguments[i].get<uint64_t>();
        throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "Argument {} of table function {} must be a non-negative integer, got {}", i + 1, name, toString(arguments[i]));
    };
    bool zeros = name == "zeros" || name == "zeros_mt";
    if (name == "numbers" || name == "numbers_mt" || zeros)
    {
        if (arguments.size() > 2)
            throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH, "Table function {} takes one or two arguments, got {}", name, arguments.size());
        std::optional<uint64_t> count;
        if (!arguments.empty())
            count = number(arguments.size() - 1);
        uint64_t from = arguments.size() == 2 ? number(0) : 0;
        return std::make_shared<NumbersTable>(name, zeros ? "zero" : "number", makeType(zeros ? TypeId::UInt8 : TypeId::UInt64), from, count, zeros);
    }
    throw Exception(ErrorCode::UNKNOWN_FUNCTION, "Unknown table function {}", name);
}

std::vector<std::string> listTableFunctions()
{
    return {"numbers", "numbers_mt", "values", "zeros", "zeros_mt"}; // values: analyzer/valuesFunction.h
}

}
