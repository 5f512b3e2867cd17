#include "exec/PartScan.h"

#include "columns/ColumnConst.h"
#include "columns/ColumnLowCardinality.h"
#include "exec/subcolumnOf.h"
#include "expressions/Evaluator.h"
#include "expressions/isDeterministic.h"
#include "functions/callFunction.h"
#include "planner/containedBytes.h"
#include "planner/TableDefinition.h"

#include <algorithm>
#include <numeric>

namespace mangrove
{

namespace
{

/// So many times what a request costs is fetched at once before a scan.
constexpr uint64_t prefetched_requests = 4;
/// Codes are worth their dictionary, which has at most a value per row, if at least this share of the part is read.
constexpr uint64_t coded_share = 8;

void intersect(Filter & keep, const Filter & with)
{
    uint8_t * to = keep.data();
    const uint8_t * from = with.data();
    for (size_t i = 0, rows = keep.size(); i < rows; ++i)
        to[i] &= from[i];
}

}

PartScan::PartScan(const ReadPartsStep & step, PartReaderPtr part, uint32_t part_schema_version,
    const std::vector<RowRange> & ranges, TopRows * top, QueryContext & context)
    : step_(step), part_(std::move(part)), part_schema_version_(part_schema_version), top_(top), context_(context)
{
    for (const auto & column : step.columns)
    {
        types_[column.id] = column.type;
        names_[column.id] = column.name;
        if (holds(column.name))
            stored_.emplace(column.id, ReadColumn(ReadColumn::Kind::Whole, column.name, "", column.id));
    }
    for (const auto & subcolumn : step.subcolumns)
    {
        names_[subcolumn.name] = subcolumn.column;
        if (holds(subcolumn.column))
            stored_.emplace(subcolumn.name, subcolumn);
        else
            missing_subcolumns_.emplace(subcolumn.name, subcolumn);
    }
    for (const auto & header : {step.header, step.filter_columns})
        for (const auto & column : header)
            types_[column.name] = column.type;
    for (const auto & [id, name] : std::map(names_))
        if (!isStored(id))
            prepareMissing(id, name);
    for (const auto & column : step.header)
        output_ids_.push_back(column.name);

    for (const auto & filter : step.filters)
    {
        Conjunct conjunct;
        conjunct.condition = filter;
        std::set<std::string> ids;
        collectColumns(filter, ids);
        conjunct.ids.assign(ids.begin(), ids.end());
        conjuncts_.push_back(std::move(conjunct));
    }
    lookUp();
    if (lookup_rows_)
    {
        scan_rows_ = lookup_rows_->size();
        return; // a few rows: not worth a look into dictionaries
    }
    for (const auto & range : ranges)
        scan_rows_ += range.size();
    prefetch(ranges);
    for (auto & conjunct : conjuncts_)
        prepareConjunct(conjunct);
    std::stable_sort(conjuncts_.begin(), conjuncts_.end(), [](const auto & a, const auto & b) { return a.cost < b.cost; });
}

ReadColumns PartScan::neededColumns(bool output) const
{
    std::set<std::string> ids;
    for (const auto & conjunct : conjuncts_)
        ids.insert(conjunct.ids.begin(), conjunct.ids.end());
    if (output)
        ids.insert(output_ids_.begin(), output_ids_.end());
    ReadColumns columns;
    for (const auto & id : withInputs({ids.begin(), ids.end()}))
        if (isStored(id))
            columns.push_back(storedColumn(id));
    return columns;
}

/// On a distant bucket every step waits: what is small enough comes in one, wanted or not.
void PartScan::prefetch(const std::vector<RowRange> & ranges) const
{
    const auto costs = part_->readCosts();
    if (costs.requests_at_once <= 1)
        return;
    for (bool output : {true, false})
        if (auto columns = neededColumns(output); part_->estimateBytes(columns, ranges) <= prefetched_requests * costs.request_bytes)
            return part_->prefetch(columns, ranges);
}

uint64_t PartScan::prefetchFrom(uint64_t begin) const
{
    const auto costs = part_->readCosts();
    if (costs.requests_at_once <= 1)
        return part_->rows();
    const auto columns = neededColumns(true);
    const uint64_t bytes = part_->estimateBytes(columns, {{0, part_->rows()}});
    const uint64_t granules = prefetched_requests * costs.request_bytes * part_->granuleCount() / std::max<uint64_t>(bytes, 1);
    const uint64_t end = std::min(part_->rows(), begin + std::max<uint64_t>(granules, 1) * part_->granuleRows());
    part_->prefetch(columns, {{begin, end}});
    return end;
}

bool PartScan::isStored(const std::string & id) const
{
    return stored_.contains(id);
}

const ReadColumn & PartScan::storedColumn(const std::string & id) const
{
    return stored_.at(id);
}

void PartScan::prepareConjunct(Conjunct & conjunct)
{
    for (const auto & id : withInputs(conjunct.ids))
        if (isStored(id))
        {
            const auto & column = storedColumn(id);
            const auto * summary = part_->summary().find(column.column);
            uint64_t bytes = summary ? summary->compressed_bytes : part_->rows();
            // A shredded key is a small share of its map.
            conjunct.cost += column.kind == ReadColumn::Kind::MapKey ? bytes / 16 : bytes;
        }
    if (conjunct.ids.size() != 1 || !isStored(conjunct.ids[0]))
        return;
    const auto & column = storedColumn(conjunct.ids[0]);
    if ((column.kind != ReadColumn::Kind::Whole && column.kind != ReadColumn::Kind::MapKey) || !isDeterministic(conjunct.condition))
        return; // rand() is for each row
    auto dictionary = part_->dictionary(column);
    if (!dictionary || dictionary->size() > part_->rows() + 1)
        return prepareSearch(conjunct);
    Block values;
    auto type = removeLowCardinality(types_.at(conjunct.ids[0]));
    values.add({dictionary->materialize(), type, conjunct.ids[0]});
    size_t passed;
    try
    {
        passed = makeFilter(evaluate(onValuesOf(conjunct, type), values), dictionary->size(), conjunct.matches);
    }
    catch (const Exception &)
    {
        return; // of a value that may have no row, or none that the other conjuncts leave: tested row by row
    }
    conjunct.dictionary_column = column;
    conjunct.cost /= 4;
    // Row 0 is the default value, which may be in the dictionary without a row.
    empty_ = empty_ || passed == 0;
}

ExpressionPtr PartScan::onValuesOf(const Conjunct & conjunct, const DataTypePtr & type)
{
    return rewrite(conjunct.condition, [&](const ExpressionPtr & node) -> ExpressionPtr
        { return node->kind == ExpressionKind::Column && node->column == conjunct.ids[0] ? makeColumn(node->column, type) : nullptr; });
}

void PartScan::prepareSearch(Conjunct & conjunct) const
{
    const auto & id = conjunct.ids[0];
    const auto & column = storedColumn(id);
    const auto type = removeLowCardinality(types_.at(id));
    const auto plain = removeNullable(type);
    auto contained = containedBytes(conjunct.condition, id);
    if (contained.empty() || !plain->isString() || !removeLowCardinality(part_->typeOf(column))->equals(*type))
        return;
    auto evaluate_on = [condition = onValuesOf(conjunct, plain), id, plain](const ColumnPtr & values)
    {
        Block block;
        block.add({values, plain, id});
        Filter passed;
        makeFilter(evaluate(condition, block), values->size(), passed);
        return passed;
    };
    const bool read_later = std::ranges::find(output_ids_, id) != output_ids_.end();
    conjunct.search = std::make_shared<Search>(column, evaluate_on, std::move(contained), read_later);
}

std::optional<Filter> PartScan::search(const Conjunct & conjunct, RowRange rows) const
{
    if (!conjunct.search || conjunct.search->isVain())
        return std::nullopt;
    auto & search = *conjunct.search;
    TestedPages tested;
    auto filter = part_->filterByTest(search.column, rows, search.test, tested);
    search.pages += tested.pages;
    search.skipped += tested.skipped;
    context_.bytes_read += tested.bytes;
    return filter;
}

void PartScan::lookUp()
{
    for (const auto & conjunct : conjuncts_)
    {
        if (!conjunct.condition->isFunction("equals") || conjunct.ids.size() != 1 || !isStored(conjunct.ids[0]))
            continue;
        const auto & column = storedColumn(conjunct.ids[0]);
        const auto & lookups = part_->description().lookup_columns;
        if (column.kind != ReadColumn::Kind::Whole || std::find(lookups.begin(), lookups.end(), column.column) == lookups.end())
            continue;
        const auto & arguments = conjunct.condition->arguments;
        const bool swapped = arguments[0]->isConstant();
        const auto & constant = arguments[swapped ? 0 : 1];
        if (!constant->isConstant() || arguments[swapped ? 1 : 0]->kind != ExpressionKind::Column)
            continue; // length(trace_id) = 32 is no lookup
        auto type = removeLowCardinalityAndNullable(types_.at(conjunct.ids[0]));
        auto value = castField(constant->constantValue(), removeLowCardinalityAndNullable(constant->type), type);
        if (value.isNull())
            continue;
        lookup_rows_ = part_->findRows(column.column, value, neededColumns(true));
        if (lookup_rows_)
        {
            empty_ = lookup_rows_->empty();
            return;
        }
    }
}

bool PartScan::holds(const std::string & column) const
{
    return partHolds(*part_, part_schema_version_, *step_.table->state().schema, column);
}

std::string PartScan::inputOf(const std::string & name)
{
    for (const auto & column : step_.columns)
        if (column.name == name)
            return column.id;
    auto id = "DEFAULT " + name;
    if (!names_.emplace(id, name).second)
        return id;
    const auto * column = step_.table->state().schema->findColumn(name);
    CHECK(column && column->default_kind != DefaultKind::Alias, "a default reads {}, which is not stored", name);
    types_[id] = parseDataType(column->type);
    if (holds(name))
        stored_.emplace(id, ReadColumn(ReadColumn::Kind::Whole, name, "", id));
    else
        prepareMissing(id, name);
    return id;
}

ExpressionPtr PartScan::defaultOf(const std::string & name) const
{
    if (auto it = step_.table->defaults.find(name); it != step_.table->defaults.end())
        return it->second;
    // What the part lacks of a Nested has as many elements as what it has.
    const auto & schema = *step_.table->state().schema;
    const auto dot = name.find('.');
    const auto * column = schema.findColumn(name);
    if (dot == std::string::npos || !column || !column->type.starts_with("Array("))
        return nullptr;
    for (const auto & sibling : schema.columns)
        if (sibling.name.starts_with(name.substr(0, dot + 1)) && sibling.type.starts_with("Array(") && holds(sibling.name))
            return makeCall("arrayResize", {makeConstant(Array(), parseDataType(column->type)),
                makeCall("length", {makeColumn(sibling.name, parseDataType(sibling.type))})});
    return nullptr;
}

void PartScan::prepareMissing(const std::string & id, const std::string & name)
{
    const ExpressionPtr expression = defaultOf(name);
    if (!expression || expression->isConstant())
        return;
    ComputedDefault computed;
    if (missing_subcolumns_.contains(id))
        computed.inputs.push_back(inputOf(name));
    else
    {
        std::set<std::string> columns;
        collectColumns(expression, columns);
        std::map<std::string, std::string> ids;
        for (const auto & column : columns)
            computed.inputs.push_back(ids[column] = inputOf(column));
        computed.expression = rewrite(expression, [&](const ExpressionPtr & node) -> ExpressionPtr
            { return node->kind == ExpressionKind::Column && ids.contains(node->column) ? makeColumn(ids[node->column], node->type) : nullptr; });
    }
    computed_.emplace(id, std::move(computed));
}

std::vector<std::string> PartScan::withInputs(const std::vector<std::string> & ids) const
{
    if (computed_.empty())
        return ids;
    std::vector<std::string> result;
    std::set<std::string> seen;
    std::function<void(const std::string &)> add = [&](const std::string & id)
    {
        if (!seen.insert(id).second)
            return;
        if (auto it = computed_.find(id); it != computed_.end())
            for (const auto & input : it->second.inputs)
                add(input);
        result.push_back(id);
    };
    for (const auto & id : ids)
        add(id);
    return result;
}

ColumnWithType PartScan::makeDefault(const std::string & id, size_t rows, const Block & block) const
{
    const auto & type = types_.at(id);
    const auto & name = names_.at(id);
    auto subcolumn = missing_subcolumns_.find(id);
    if (auto it = computed_.find(id); it != computed_.end())
    {
        if (const auto & expression = it->second.expression)
            return {castColumn({evaluate(expression, block)->materialize(), removeLowCardinality(expression->type), id}, type), type, id};
        const auto & whole = block.byName(it->second.inputs[0]);
        auto column = type->createColumn();
        for (size_t row = 0; row < rows; ++row)
            column->insert(subcolumnOf(whole.column->get(row), whole.type, subcolumn->second, type));
        return {column, type, id};
    }
    auto it = step_.table->defaults.find(name);
    const bool given = it != step_.table->defaults.end();
    Field value;
    if (subcolumn != missing_subcolumns_.end())
    {
        auto column_type = parseDataType(step_.table->state().schema->findColumn(name)->type);
        value = subcolumnOf(given ? it->second->constantValue() : column_type->defaultValue(), column_type, subcolumn->second, type);
    }
    else
        value = given ? it->second->constantValue() : type->defaultValue();
    // A column of the type's own kind: materialize() would take LowCardinality away.
    auto column = type->createColumn();
    column->insert(value);
    return {column->gather(Permutation(rows, 0)), type, id};
}

template <typename Fetch>
void PartScan::addColumns(Block & block, const std::vector<std::string> & ids, size_t rows, Fetch && fetch, bool keep_codes) const
{
    ReadColumns wanted;
    const auto all = withInputs(ids);
    for (const auto & id : all)
        if (isStored(id) && !block.find(id))
        {
            wanted.push_back(storedColumn(id));
            wanted.back().keep_dictionary
                = keep_codes && computed_.empty() && step_.coded.contains(id) && rows && scan_rows_ * coded_share >= part_->rows();
        }
    if (!wanted.empty())
    {
        auto read = fetch(wanted);
        for (const auto & column : read.columns())
        {
            // The declared type, should the part have been written under another spelling of it.
            auto type = types_.at(column.name);
            auto values = column.column;
            if (!column.type->equals(*type))
                values = castColumn({column.type->isLowCardinality() ? values : values->materialize(), column.type, column.name}, type);
            block.add({values, type, column.name});
        }
    }
    if (block.columnCount() == 0)
        block.setRowsWithoutColumns(rows);
    for (const auto & id : all)
        if (!block.find(id))
            block.add(makeDefault(id, rows, block));
}

Block PartScan::project(const Block & block, size_t rows) const
{
    Block result;
    for (const auto & id : output_ids_)
        result.add(block.byName(id));
    if (output_ids_.empty())
        result.setRowsWithoutColumns(rows);
    return result;
}

Block PartScan::read(RowRange range) const
{
    size_t rows = range.size();
    context_.addRead(rows, 0);
    auto fetch_range = [&](const ReadColumns & columns)
    {
        auto block = part_->read(columns, range, {.scan_rows = scan_rows_});
        context_.bytes_read += block.byteSize();
        return block;
    };
    Filter keep; // of the conjuncts so far; empty before the first
    size_t passed = rows;
    Block block;
    std::vector<const Conjunct *> postponed;
    for (const auto & conjunct : conjuncts_)
    {
        Filter filter;
        if (conjunct.dictionary_column)
            filter = part_->filterByDictionary(*conjunct.dictionary_column, range, conjunct.matches);
        else
        {
            try
            {
                if (auto found = search(conjunct, range))
                    filter = std::move(*found);
                else
                {
                    addColumns(block, conjunct.ids, rows, fetch_range);
                    Block input = block;
                    if (input.columnCount() == 0)
                        input.setRowsWithoutColumns(rows);
                    makeFilter(evaluate(conjunct.condition, input), rows, filter);
                }
            }
            catch (const Exception &)
            {
                postponed.push_back(&conjunct);
                continue;
            }
        }
        if (keep.empty())
            keep = std::move(filter);
        else
            intersect(keep, filter);
        passed = countSelected(keep);
        if (passed == 0)
            return Block(step_.header);
    }
    if (keep.empty())
        keep.assign(rows, 1);
    auto fetch_rows = [&](const ReadColumns & columns)
    {
        PodVector<uint32_t> numbers;
        numbers.reserve(passed);
        for (size_t i = 0; i < rows; ++i)
            if (keep[i])
                numbers.push_back(static_cast<uint32_t>(range.begin + i));
        auto read = part_->readRows(columns, numbers, {.scan_rows = scan_rows_ * passed / rows});
        context_.bytes_read += read.byteSize();
        return read;
    };
    testPostponed(postponed, block, keep, passed, fetch_rows);
    if (top_ && passed)
    {
        addColumns(block, {top_->order().column}, rows, fetch_range);
        passed = top_->cut(*block.byName(top_->order().column).column->materialize(), keep, passed);
    }
    if (passed == 0)
        return Block(step_.header);
    if (passed == rows)
    {
        addOutput(block, rows, fetch_range);
        return project(block, rows);
    }
    // Do not read twice what the filters have read.
    Block survivors;
    for (const auto & id : output_ids_)
        if (auto position = block.find(id))
        {
            const auto & column = block.at(*position);
            survivors.add({column.column->filter(keep, passed), column.type, id});
        }
    addOutput(survivors, passed, [&](const ReadColumns & columns)
    {
        // Few rows left: one by one. Tests of values may throw on what is in rows that have not passed.
        bool tests = std::ranges::any_of(columns, [](const auto & column) { return column.test != nullptr; });
        return passed * 16 < rows || tests ? fetch_rows(columns) : fetch_range(columns).filter(keep, passed);
    });
    return project(survivors, passed);
}

template <typename Fetch>
void PartScan::testPostponed(const std::vector<const Conjunct *> & conjuncts, const Block & block, Filter & keep, size_t & passed,
    Fetch && fetch_rows) const
{
    for (const auto * conjunct : conjuncts)
    {
        if (passed == 0)
            return;
        Block survivors = block.columnCount() ? block.filter(keep, passed) : Block();
        addColumns(survivors, conjunct->ids, passed, fetch_rows);
        if (survivors.columnCount() == 0)
            survivors.setRowsWithoutColumns(passed);
        Filter filter;
        size_t left = makeFilter(evaluate(conjunct->condition, survivors), passed, filter);
        size_t survivor = 0;
        for (auto & kept : keep)
            if (kept)
                kept = filter[survivor++];
        passed = left;
    }
}

Block PartScan::readRows(std::span<const uint32_t> rows) const
{
    context_.addRead(rows.size(), 0);
    Block block;
    PodVector<uint32_t> numbers(rows.begin(), rows.end());
    auto fetch = [&](const ReadColumns & columns)
    {
        auto read = part_->readRows(columns, numbers);
        context_.bytes_read += read.byteSize();
        return read;
    };
    std::vector<const Conjunct *> conjuncts;
    for (const auto & conjunct : conjuncts_)
        conjuncts.push_back(&conjunct);
    for (size_t c = 0; c < conjuncts.size(); ++c)
    {
        const auto & conjunct = *conjuncts[c];
        Filter filter;
        size_t passed;
        try
        {
            addColumns(block, conjunct.ids, numbers.size(), fetch);
            if (block.columnCount() == 0)
                block.setRowsWithoutColumns(numbers.size());
            passed = makeFilter(evaluate(conjunct.condition, block), numbers.size(), filter);
        }
        catch (const Exception &)
        {
            if (c >= conjuncts_.size())
                throw;
            conjuncts.push_back(&conjunct); // once more, when the others have excluded rows
            continue;
        }
        if (passed == 0)
            return Block(step_.header);
        if (passed == numbers.size())
            continue;
        PodVector<uint32_t> left;
        for (size_t i = 0; i < numbers.size(); ++i)
            if (filter[i])
                left.push_back(numbers[i]);
        block = block.filter(filter, passed);
        numbers = std::move(left);
    }
    addOutput(block, numbers.size(), fetch);
    return project(block, numbers.size());
}

}
