#include "query/Interpreter.h"

#include "columns/ColumnString.h"
#include "exec/openPlan.h"
#include "formats/FormatFactory.h"
#include "planner/TableDefinition.h"
#include "query/SystemTables.h"
#include "sql/AstPrinter.h"
#include "sql/Parser.h"
#include "types/DataTypes.h"

namespace mangrove
{

TableSourcePtr Interpreter::findTable(const std::string & database_name, const std::string & table_name)
{
    auto database = database_name.empty() ? session_.database : database_name;
    if (database == "system" || database == "information_schema" || database == "INFORMATION_SCHEMA")
        return makeSystemTable(table_name, node_, session_, context_);
    if (!node_.catalog().hasDatabase(database))
        throw Exception(ErrorCode::UNKNOWN_DATABASE, "Database {} does not exist", database);
    auto snapshot = snapshotOf(database);
    auto table = snapshot->findTable(table_name);
    if (table && table->schema->isMaterializedView())
        table = snapshot->findTable(table->schema->view_target);
    if (!table)
    {
        if (database_name.empty() && table_name == "one")
            return makeSystemTable("one", node_, session_, context_);
        throw Exception(ErrorCode::UNKNOWN_TABLE, "Unknown table expression identifier '{}.{}': the table does not exist", database, table_name);
    }
    if (!table->schema->holdsData())
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "Reading from view {}.{} is not supported", database, table_name);
    auto open = [this](const PartInfo & part) { return node_.openPart(part); };
    return makePartsTable(snapshot, table, open, node_.objects().readCosts().requests_at_once);
}

Block Interpreter::runSubquery(const BoundQueryPtr & query, uint64_t rows_max)
{
    auto planned = makePlan(*query);
    optimize(planned);
    auto stream = openQuery(planned, context_);
    std::vector<Block> blocks;
    std::mutex mutex;
    uint64_t rows = 0;
    runStream(stream, context_, [&](Block block, size_t)
    {
        std::lock_guard lock(mutex);
        rows += block.rows();
        blocks.push_back(block.materialize());
        return rows_max == 0 || rows < rows_max;
    });
    return blocks.empty() ? Block(planned.header) : Block::concat(blocks);
}

void Interpreter::runSelect(const SelectPtr & select, const std::string & format_name)
{
    auto bound = analyzeSelect(select, analyzer_);
    auto planned = makePlan(*bound);
    optimize(planned);
    auto stream = openQuery(planned, context_);

    auto format = outputFormat(format_name);
    OutputOptions options;
    options.revision = request_.native_revision;
    auto writer = makeOutputFormat(format, out_, planned.header, settings_.formatSettings(), options);
    start(format);
    writer->writePrefix();
    std::mutex mutex;
    const auto & limits = context_.limits;
    runStream(stream, context_, [&](Block block, size_t)
    {
        std::lock_guard lock(mutex);
        {
            std::lock_guard summary_lock(summary_mutex_); // not while writing: progress does not wait for the client
            summary_.result_rows += block.rows();
            summary_.result_bytes += block.byteSize();
        }
        if (limits.max_result_rows && summary_.result_rows > limits.max_result_rows)
            throw Exception(ErrorCode::TOO_MANY_ROWS_OR_BYTES, "Limit for result exceeded, max rows: {}, current rows: {}", limits.max_result_rows, summary_.result_rows);
        if (limits.max_result_bytes && summary_.result_bytes > limits.max_result_bytes)
            throw Exception(ErrorCode::TOO_MANY_ROWS_OR_BYTES, "Limit for result exceeded, max bytes: {}, current bytes: {}", limits.max_result_bytes, summary_.result_bytes);
        writer->write(block.materialize());
        return true;
    });
    if (stream.totals)
        writer->writeTotals(stream.totals->materialize());
    OutputStatistics statistics;
    statistics.elapsed_seconds = static_cast<double>(context_.elapsedMs()) / 1000;
    statistics.rows_read = context_.rows_read;
    statistics.bytes_read = context_.bytes_read;
    writer->finalize(statistics);
}

void Interpreter::runSelectText(const std::string & text, const std::string & format)
{
    runSelect(parseSelect(text), format);
}

void Interpreter::writeRows(const NamesAndTypes & header, const std::vector<std::vector<Field>> & rows, const std::string & format_name)
{
    std::vector<MutableColumnPtr> columns;
    for (const auto & column : header)
        columns.push_back(column.type->createColumn());
    for (const auto & row : rows)
        for (size_t i = 0; i < row.size(); ++i)
            columns[i]->insert(row[i]);
    Block block;
    for (size_t i = 0; i < header.size(); ++i)
        block.add({columns[i], header[i].type, header[i].name});
    auto format = outputFormat(format_name);
    OutputOptions options;
    options.revision = request_.native_revision;
    auto writer = makeOutputFormat(format, out_, header, settings_.formatSettings(), options);
    start(format);
    writer->writePrefix();
    if (block.rows())
        writer->write(block);
    summary_.result_rows = block.rows();
    writer->finalize({});
}

void Interpreter::runExplain(const ExplainQuery & explain_query, const std::string & format)
{
    auto * select = explain_query.statement->as<SelectPtr>();
    std::vector<std::vector<Field>> rows;
    auto lines = [&](const std::string & text)
    {
        size_t begin = 0;
        while (begin < text.size())
        {
            auto end = std::min(text.find('\n', begin), text.size());
            rows.push_back({Field(text.substr(begin, end - begin))});
            begin = end + 1;
        }
    };
    switch (explain_query.kind)
    {
        case ExplainKind::Ast:
        case ExplainKind::Syntax:
            lines(formatAst(*explain_query.statement));
            break;
        case ExplainKind::Plan:
        case ExplainKind::Pipeline:
        case ExplainKind::QueryTree:
        {
            if (!select)
                throw Exception(ErrorCode::NOT_IMPLEMENTED, "EXPLAIN PLAN is supported for SELECT only");
            auto planned = makePlan(*analyzeSelect(*select, analyzer_));
            optimize(planned);
            lines(explain(*planned.root));
            break;
        }
        default:
            throw Exception(ErrorCode::NOT_IMPLEMENTED, "This kind of EXPLAIN is not supported: use EXPLAIN [PLAN], EXPLAIN SYNTAX or EXPLAIN AST");
    }
    writeRows({{"explain", makeType(TypeId::String)}}, rows, format);
}

}
