#include "ingest/TableWriter.h"

#include "exec/sortBlocks.h"
#include "columns/ColumnArray.h"
#include "columns/ColumnConst.h"
#include "expressions/Evaluator.h"
#include "functions/callFunction.h"
#include "ingest/Expiry.h"
#include "ingest/partitionId.h"
#include "parts/NumberKinds.h"
#include "planner/KeyCondition.h"
#include "types/DataTypes.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>

namespace mangrove
{

namespace
{

/// "n" of the column "n.a" that Nested(a …) became, or "".
std::string nestedTable(const NameAndType & column)
{
    size_t dot = column.name.find('.');
    return dot == std::string::npos || column.type->id() != TypeId::Array ? "" : column.name.substr(0, dot);
}

/// What is not given of a Nested has as many elements as what is given.
ColumnPtr defaultOf(const NameAndType & column, const Block & block)
{
    if (auto table = nestedTable(column); !table.empty())
        for (const auto & given : block.columns())
            if (nestedTable({given.name, given.type}) == table)
            {
                auto full = given.column->materialize();
                const auto & array = columnAs<ColumnArray>(*full);
                const auto & element = typeAs<DataTypeArray>(*column.type).element();
                return ColumnArray::create(element->createDefaultConst(array.data().size())->materialize(), array.offsetsPtr());
            }
    return column.type->createDefaultConst(block.rows())->materialize();
}

void checkNestedSizes(const Block & block)
{
    std::unordered_map<std::string, size_t> first;
    for (size_t i = 0; i < block.columnCount(); ++i)
    {
        auto table = nestedTable({block.at(i).name, block.at(i).type});
        if (table.empty())
            continue;
        auto [it, inserted] = first.emplace(table, i);
        const auto & a = columnAs<ColumnArray>(*block.at(it->second).column);
        const auto & b = columnAs<ColumnArray>(*block.at(i).column);
        if (!inserted && a.offsetsPtr() != b.offsetsPtr() && a.offsets() != b.offsets())
            throw Exception(ErrorCode::SIZES_OF_ARRAYS_DONT_MATCH, "Elements '{}' and '{}' of Nested data structure '{}' (Array columns) have different array sizes",
                block.at(it->second).name, block.at(i).name, table);
    }
}

/// 1 for the first row and where numbers differ; of values of other kinds any two may differ.
Filter differsFromRowBefore(const Block & values)
{
    Filter differs(values.rows(), 0);
    for (const auto & column : values.columns())
    {
        if (!isNumberKind(column.column->kind()))
            return Filter(values.rows(), 1);
        withNumberArray(*column.column, [&](const auto & numbers)
        {
            for (size_t row = 1; row < numbers.size(); ++row)
                differs[row] |= std::memcmp(&numbers[row], &numbers[row - 1], sizeof(numbers[row])) != 0;
        });
    }
    differs[0] = 1;
    return differs;
}

}

Block TableWriter::complete(const TableDefinition & definition, Block block)
{
    // Defaults may use each other: compute those whose columns are there until all are.
    auto missing = [&](const NameAndType & column) { return !block.find(column.name); };
    bool progress = true;
    while (progress)
    {
        progress = false;
        for (const auto & column : definition.storedColumns())
        {
            if (!missing(column))
                continue;
            auto it = definition.defaults().find(column.name);
            if (it == definition.defaults().end())
            {
                block.add({defaultOf(column, block), column.type, column.name});
                progress = true;
                continue;
            }
            std::set<std::string> names;
            collectColumns(it->second.expression, names);
            if (std::any_of(names.begin(), names.end(), [&](const auto & name) { return !block.find(name); }))
                continue;
            auto value = TableDefinition::compute(it->second.expression, block);
            block.add({castColumn({value, removeLowCardinality(it->second.expression->type), column.name}, column.type), column.type, column.name});
            progress = true;
        }
    }
    Block result;
    for (const auto & column : definition.storedColumns())
    {
        auto position = block.find(column.name);
        if (!position)
            throw Exception(ErrorCode::CYCLIC_ALIASES, "The defaults of table {} need each other: column {} cannot be computed", definition.schema().name, column.name);
        result.add({block.at(*position).column, column.type, column.name});
    }
    checkNestedSizes(result);
    return result;
}

void TableWriter::write(const Block & block)
{
    if (block.rows() == 0)
        return;
    Block partition_values;
    for (const auto & key : definition_->partitionKey())
        partition_values.add({evaluate(key.expression, block)->materialize(), removeLowCardinality(key.expression->type), key.name});

    std::vector<Permutation> rows_of;
    std::vector<std::string> ids;
    if (partition_values.columnCount())
    {
        std::unordered_map<std::string, size_t> number_of;
        const Filter differs = differsFromRowBefore(partition_values);
        std::string key;
        size_t number = 0;
        for (size_t row = 0; row < block.rows(); ++row)
        {
            if (differs[row])
            {
                key.clear();
                for (const auto & column : partition_values.columns())
                    column.column->serializeKey(row, key);
                auto [it, inserted] = number_of.try_emplace(key, rows_of.size());
                number = it->second;
                if (inserted)
                {
                    if (limits_.partitions_per_insert_block_max && rows_of.size() >= limits_.partitions_per_insert_block_max)
                        throw Exception(ErrorCode::TOO_MANY_PARTS,
                            "Too many partitions for single INSERT block (more than {}). Choose a coarser PARTITION BY, sort the rows, or raise "
                            "the setting max_partitions_per_insert_block", limits_.partitions_per_insert_block_max);
                    rows_of.emplace_back();
                }
            }
            rows_of[number].push_back(static_cast<uint32_t>(row));
        }
    }
    std::vector<SortColumn> order;
    for (const auto & key : definition_->sortKey())
        order.push_back({key.name, false, false});
    size_t count = std::max<size_t>(rows_of.size(), 1);
    for (size_t i = 0; i < count; ++i)
    {
        Block rows = rows_of.size() > 1 ? block.gather(rows_of[i]) : block;
        rows = definition_->addComputedColumns(rows);
        Permutation permutation; // empty: the rows are in order
        if (!order.empty())
        {
            permutation = sortPermutation(rows, order, std::nullopt);
            bool sorted = true;
            for (size_t row = 0; row < permutation.size() && sorted; ++row)
                sorted = permutation[row] == row;
            if (sorted)
                permutation.clear();
        }
        size_t first = rows_of.empty() ? 0 : rows_of[i][0];
        writePart(rows, permutation, partitionId(partition_values, first), partitionValue(partition_values, first));
    }
}

void TableWriter::writePart(
    const Block & rows, const Permutation & order, const std::string & partition_id, const std::string & partition_value)
{
    auto options = definition_->writeOptions();
    options.effort = 0;
    options.origin = describeOrigin(*definition_, transaction_, catalog_, partition_id);
    PartWriter writer(std::move(options));
    if (order.empty())
        writer.write(rows);
    else
        writer.write(rows, order);
    auto part = writer.finish();
    auto info = describePart(*definition_, part, partition_id, partition_value);
    if (const auto & ttl = definition_->ttl())
    {
        ExpiryRange expiry;
        expiry.add(expiryMoments(*ttl, rows)->data());
        expiry.writeTo(info);
    }
    info.uuid = catalog_.newUuid();
    uploads_.add(std::move(info), std::move(part.bytes));
}

PartOrigin describeOrigin(
    const TableDefinition & definition, const Transaction & transaction, const Catalog & catalog, const std::string & partition_id)
{
    const Uuid & table = definition.schema().uuid;
    PartOrigin origin;
    origin.table_uuid = UInt128(table.high) << 64 | table.low;
    origin.partition_id = partition_id;
    origin.txn_id = fmt::format("{}-{}", transaction.id().epoch, transaction.id().number);
    origin.node = catalog.nodeName();
    origin.node_epoch = transaction.id().epoch;
    origin.schema_version = definition.schema().version;
    origin.created_ms = catalog.clock().wallMs();
    return origin;
}

PartInfo describePart(const TableDefinition & definition, const WrittenPart & part, const std::string & partition_id, const std::string & partition_value)
{
    PartInfo info;
    info.table = definition.schema().uuid;
    info.partition_id = partition_id;
    info.partition_value = partition_value;
    info.rows = part.summary.rows;
    info.uncompressed_bytes = part.summary.uncompressed_bytes;
    info.schema_version = definition.schema().version;
    for (const auto & name : definition.rangeColumns())
    {
        const auto * summary = part.summary.find(name);
        if (!summary || summary->min.isNull())
            continue;
        for (const auto & column : definition.storedColumns())
            if (column.name == name)
            {
                auto values = removeLowCardinalityAndNullable(column.type)->createColumn();
                values->insert(summary->min);
                values->insert(summary->max);
                info.ranges.push_back({name, encodeRangeValue(*values, 0), encodeRangeValue(*values, 1)});
            }
    }
    return info;
}

}
