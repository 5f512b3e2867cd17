#include "query/Interpreter.h"

#include "columns/ColumnNullable.h"
#include "exec/openPlan.h"
#include "expressions/Evaluator.h"
#include "formats/FormatFactory.h"
#include "functions/callFunction.h"
#include "ingest/InsertPipeline.h"
#include "query/partLog.h"
#include "sql/AstPrinter.h"
#include "sql/Parser.h"
#include "types/DataTypes.h"

#include <functional>
#include <map>
#include <set>

namespace mangrove
{

namespace
{

/// The statement's inline data, then the body's.
class ConcatBuffer final : public ReadBuffer
{
public:
    ConcatBuffer(std::string_view first, ReadBuffer * second) : ReadBuffer(first), second_(second) { }

private:
    bool refill() override
    {
        if (!second_)
            return false;
        // Hand the second buffer's windows on as they are.
        if (taken_)
            second_->advance(taken_);
        taken_ = 0;
        if (second_->eof())
            return false;
        taken_ = second_->available();
        setWindow(second_->position(), second_->position() + taken_);
        return true;
    }

    ReadBuffer * second_;
    size_t taken_ = 0;
};

/// Ordinary columns in table order, or those that the statement names.
NamesAndTypes insertHeader(const InsertQuery & insert, const TableDefinition & definition)
{
    NamesAndTypes header;
    if (!insert.has_columns)
    {
        for (const auto & column : definition.columns())
            if (column.kind == TableColumn::Kind::Ordinary)
                header.push_back({column.name, column.type});
        return header;
    }
    auto add = [&](const TableColumn & column)
    {
        if (std::any_of(header.begin(), header.end(), [&](const auto & other) { return other.name == column.name; }))
            throw Exception(ErrorCode::DUPLICATE_COLUMN, "Column {} is specified more than once in INSERT", column.name);
        header.push_back({column.name, column.type});
    };
    for (const auto & expr : insert.columns)
    {
        if (expr->kind == ExprKind::Asterisk)
        {
            std::set<std::string> excluded;
            for (const auto & transformer : expr->transformers)
                excluded.insert(transformer.columns.begin(), transformer.columns.end());
            for (const auto & column : definition.columns())
                if (column.kind == TableColumn::Kind::Ordinary && !excluded.contains(column.name))
                    add(column);
            continue;
        }
        auto name = expr->fullName();
        const auto & columns = definition.columns();
        auto it = std::find_if(columns.begin(), columns.end(), [&](const auto & column) { return column.name == name; });
        if (it == columns.end())
            throw Exception(ErrorCode::NO_SUCH_COLUMN_IN_TABLE, "No such column {} in table {}", name, definition.schema().name);
        if (it->kind != TableColumn::Kind::Ordinary)
            throw Exception(ErrorCode::ILLEGAL_COLUMN, "Cannot insert column {}, because it is MATERIALIZED or ALIAS column", name);
        add(*it);
    }
    return header;
}

/// As castColumn(), but NULLs that `to` cannot hold become its default value; `nulls` says where, or is empty.
ColumnPtr castNullsAside(const ColumnWithType & column, const DataTypePtr & to, Filter & nulls)
{
    const auto plain = removeLowCardinality(to);
    if (!removeLowCardinality(column.type)->isNullable() || plain->isNullable() || !makeNullable(plain)->isNullable())
        return castColumn(column, to);
    const auto cast = castColumn(column, makeNullable(plain))->materialize();
    const auto & nullable = columnAs<ColumnNullable>(*cast);
    if (countSelected(nullable.nullMap()) == 0)
        return castColumn({nullable.nestedPtr(), plain, ""}, to);
    nulls = nullable.nullMap();
    const auto otherwise = plain->defaultValue();
    auto values = plain->createColumn();
    for (size_t row = 0; row < nulls.size(); ++row)
        if (nulls[row])
            values->insert(otherwise);
        else
            values->insertFrom(nullable.nested(), row);
    return castColumn({values, plain, ""}, to);
}

/// Values that the input did not have get the column's DEFAULT, computed over the row: after what it is computed from, which
/// may be a DEFAULT or a MATERIALIZED column itself.
Block fillMissing(Block block, const std::vector<Filter> & missing, const TableDefinition & definition)
{
    const auto & defaults = definition.defaults();
    auto isMissing = [&](size_t position) { return position < missing.size() && !missing[position].empty() && defaults.contains(block.at(position).name); };
    const size_t given = block.columnCount();
    size_t first = 0;
    while (first < given && !isMissing(first))
        ++first;
    if (first == given)
        return block;
    std::map<std::string, DataTypePtr> types;
    for (const auto & stored : definition.storedColumns())
        types[stored.name] = stored.type;
    std::set<std::string> seen;
    std::function<void(std::string)> fill = [&](std::string name)
    {
        if (!seen.insert(name).second)
            return;
        const auto position = block.find(name);
        const auto it = defaults.find(name);
        if (position && !isMissing(*position))
            return;
        const auto & type = types.at(name);
        if (it == defaults.end())
            return block.add({type->createDefaultConst(block.rows())->materialize(), type, name});
        std::set<std::string> inputs;
        collectColumns(it->second.expression, inputs);
        for (const auto & input : inputs)
            fill(input);
        auto value = castColumn({TableDefinition::compute(it->second.expression, block), removeLowCardinality(type), ""}, type);
        if (!position)
            return block.add({value, type, name});
        const auto & column = block.at(*position).column;
        auto mixed = column->cloneEmpty();
        for (size_t row = 0; row < block.rows(); ++row)
            mixed->insertFrom(missing[*position][row] ? *value : *column, row);
        block.set(*position, {mixed, type, name});
    };
    for (size_t i = first; i < given; ++i)
        if (isMissing(i))
            fill(block.at(i).name);
    Block result;
    for (size_t i = 0; i < given; ++i)
        result.add(block.at(i));
    return result;
}

}

InsertResult Interpreter::insertBlocks(
    const std::string & database, const std::string & table, std::vector<Block> blocks, std::vector<std::string> tokens)
{
    InsertSettings settings;
    settings.tokens = std::move(tokens);
    settings.limits.partitions_per_insert_block_max = settings_.getUInt64("max_partitions_per_insert_block");
    InsertPipeline pipeline(node_.catalog(), node_.objects(), context_, analyzer_, database, table, settings);
    for (auto & block : blocks)
        pipeline.write(std::move(block));
    auto result = pipeline.finish();
    recordInsert(database, result);
    return result;
}

void Interpreter::recordInsert(const std::string & database, const InsertResult & result)
{
    summary_.written_rows = result.written_rows;
    summary_.written_bytes = result.written_bytes;
    node_.counters().duplicate_inserts += result.duplicate;
    logInsertedParts(node_, database, result, static_cast<uint64_t>(context_.elapsedMs()));
}

void Interpreter::runInsert(InsertQuery & insert)
{
    requireWritable("INSERT");
    if (insert.table_function || !insert.infile.empty())
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "INSERT INTO FUNCTION and FROM INFILE are not supported");
    auto database = databaseOf(insert.table);
    if (database == "system")
        throw Exception(ErrorCode::READONLY, "Tables of the database system cannot be changed");
    InsertSettings settings;
    auto token = settings_.getString("insert_deduplication_token");
    if (token.size() > 256)
        throw Exception(ErrorCode::INVALID_SETTING_VALUE, "insert_deduplication_token is {} bytes, at most 256 are allowed", token.size());
    if (!token.empty())
        settings.tokens = {token};
    settings.limits.partitions_per_insert_block_max = settings_.getUInt64("max_partitions_per_insert_block");
    settings.part_rows_max = std::max<uint64_t>(settings_.getUInt64("min_insert_block_size_rows"), 1);
    // A block is held several times while it is sorted and encoded: where memory is little, it is smaller.
    settings.part_bytes_max = settings_.getUInt64("min_insert_block_size_bytes");
    for (auto memory_max : {node_.config().memory_bytes_max, settings_.getUInt64("max_memory_usage")})
        if (memory_max)
            settings.part_bytes_max = std::min(settings.part_bytes_max, memory_max / 16);
    settings.part_bytes_max = std::max<uint64_t>(settings.part_bytes_max, 1 << 20);
    InsertPipeline pipeline(node_.catalog(), node_.objects(), context_, analyzer_, database, insert.table.name, settings);
    auto header = insertHeader(insert, pipeline.definition());

    if (insert.select)
    {
        auto planned = makePlan(*analyzeSelect(insert.select, analyzer_));
        if (planned.header.size() != header.size())
            throw Exception(ErrorCode::NUMBER_OF_COLUMNS_DOESNT_MATCH, "Number of columns in SELECT ({}) does not match INSERT ({})", planned.header.size(), header.size());
        optimize(planned);
        auto stream = openQuery(planned, context_);
        std::mutex mutex;
        const bool null_as_default = settings_.getBool("insert_null_as_default");
        runStream(stream, context_, [&](Block block, size_t)
        {
            Block converted;
            std::vector<Filter> nulls(header.size());
            for (size_t i = 0; i < header.size(); ++i)
                converted.add({null_as_default ? castNullsAside(block.at(i), header[i].type, nulls[i]) : castColumn(block.at(i), header[i].type),
                    header[i].type, header[i].name});
            converted = fillMissing(std::move(converted), nulls, pipeline.definition());
            std::lock_guard lock(mutex);
            pipeline.write(converted.materialize());
            return true;
        });
    }
    else
    {
        auto text = insert.data_offset ? request_.text.substr(*insert.data_offset) : std::string_view();
        ConcatBuffer data(text, request_.data);
        auto format = insert.format.empty() ? "Values" : insert.format;
        InputOptions options;
        options.revision = 0;
        options.block_rows_max = std::max<uint64_t>(settings_.getUInt64("max_insert_block_size"), 1);
        options.block_bytes_max = settings.part_bytes_max;
        options.input_bytes = text.size() + request_.data_bytes;
        options.evaluate = [&](std::string_view expression, const DataTypePtr & type) -> Field
        {
            auto bound = makeCast(analyzeExpression(parseExpression(expression), {}, analyzer_), type);
            if (bound->isConstant())
                return bound->constantValue();
            Block one;
            one.setRowsWithoutColumns(1);
            return evaluate(bound, one)->materialize()->get(0);
        };
        options.convert = [](const ColumnPtr & column, const DataTypePtr & from, const DataTypePtr & to)
        { return castColumn({column, from, ""}, to); };
        for (const auto & column : header)
            if (column.type->id() == TypeId::Map && pipeline.onlyStores(column.name))
                options.coded_maps.insert(column.name);
        auto reader = makeInputFormat(format, data, header, settings_.formatSettings(), options);
        while (true)
        {
            auto block = reader->read();
            if (block.rows() == 0)
                break;
            context_.addRead(block.rows(), block.byteSize());
            if (settings_.getBool("input_format_defaults_for_omitted_fields"))
                block = fillMissing(std::move(block), reader->missing(), pipeline.definition());
            pipeline.write(std::move(block));
        }
    }
    recordInsert(database, pipeline.finish());
    snapshots_.clear();
    start("");
}

}
