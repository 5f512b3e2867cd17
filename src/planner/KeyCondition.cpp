#include "planner/KeyCondition.h"

#include "analyzer/FunctionIn.h"
#include "columns/ColumnConst.h"
#include "expressions/Evaluator.h"
#include "expressions/isDeterministic.h"
#include "functions/cast/Cast.h"
#include "functions/callFunction.h"
#include "planner/TableDefinition.h"
#include "types/DataTypes.h"

#include <cmath>

namespace mangrove
{

namespace
{

using Op = ColumnAtom::Op;

std::optional<Op> opOf(std::string_view function, bool swapped)
{
    if (function == "equals")
        return Op::AnyOf;
    if (function == "less")
        return swapped ? Op::Greater : Op::Less;
    if (function == "lessOrEquals")
        return swapped ? Op::GreaterOrEqual : Op::LessOrEqual;
    if (function == "greater")
        return swapped ? Op::Less : Op::Greater;
    if (function == "greaterOrEquals")
        return swapped ? Op::LessOrEqual : Op::GreaterOrEqual;
    return std::nullopt;
}

/// The constant as one row of the column's type, if the comparison means the same there; null if it may not.
ColumnPtr convertConstant(const Expression & constant, const DataTypePtr & type)
{
    auto from = removeLowCardinalityAndNullable(constant.type);
    auto value = constant.constantValue();
    if (value.isNull())
        return nullptr;
    // Numbers of another width and fractions compare by value, not by a cast: allow only casts that lose nothing.
    bool same_kind = from->equals(*type) || (from->isInteger() && type->isInteger()) || (from->isString() && type->isStringOrFixed())
        || (from->isString() && (type->isDateOrTime() || type->isEnum() || type->id() == TypeId::UUID)) || (from->isDateOrTime() && type->isDateOrTime());
    if (!same_kind)
        return nullptr;
    if (from->isDateOrTime() && type->isDateOrTime() && from->id() > type->id())
        return nullptr; // a finer constant would be cut
    if (from->id() == TypeId::DateTime64 && type->id() == TypeId::DateTime64
        && typeAs<DataTypeDateTime64>(*from).precision() > typeAs<DataTypeDateTime64>(*type).precision())
        return nullptr;
    if (from->isInteger() && type->isInteger())
    {
        PodVector<uint8_t> failed;
        auto number = tryCastColumn({from->createConst(1, value), from, ""}, type, true, failed);
        return failed[0] ? nullptr : number;
    }
    if (type->id() == TypeId::FixedString && value.get<std::string>().size() > typeAs<DataTypeFixedString>(*type).length())
        return nullptr; // it compares with zeros behind it
    auto converted = castField(value, from, type);
    if (converted.isNull())
        return nullptr;
    auto column = type->createColumn();
    column->insert(converted);
    return column;
}

/// The values by which rows are found that are equal to one of them; null if ranges cannot say. Zeros are equal though their
/// bytes differ, and IN finds NaN, which is in no range.
ColumnPtr withEqualValues(const ColumnPtr & values)
{
    if (values->kind() != ColumnKind::Float32 && values->kind() != ColumnKind::Float64)
        return values;
    auto all = values->cloneEmpty();
    for (size_t i = 0; i < values->size(); ++i)
    {
        const auto value = values->get(i).get<double>();
        if (std::isnan(value))
            return nullptr;
        all->insert(Field(value));
        if (value == 0)
            all->insert(Field(-value));
    }
    return all;
}

/// Functions that never decrease where their argument grows: a bound on x is a bound on f(x). Of times only: numbers and
/// strings become times, and numbers strings, in another order.
bool isMonotonic(const Function & function, const DataType & argument, const DataType & result)
{
    if (!argument.isDateOrTime() || !(result.isDateOrTime() || (result.isInteger() && function.name() != "_CAST")))
        return false;
    static const std::set<std::string> names{"toDate", "toDateTime", "toDateTime64", "toStartOfHour", "toStartOfDay", "toStartOfMinute",
        "toStartOfFiveMinutes", "toStartOfTenMinutes", "toStartOfFifteenMinutes", "toStartOfSecond", "toStartOfWeek", "toMonday", "toStartOfMonth",
        "toStartOfQuarter", "toStartOfYear", "toYYYYMM", "toYYYYMMDD", "toYear", "toUnixTimestamp", "toUnixTimestamp64Nano",
        "toUnixTimestamp64Micro", "toUnixTimestamp64Milli", "toStartOfInterval", "_CAST"};
    return names.contains(function.name());
}

/// toDate(DateTime64) wraps outside of what a Date holds, so monotonicity ends there.
bool withinDateRange(const Column & value, const DataType & type)
{
    if (type.id() != TypeId::DateTime64)
        return true;
    auto ticks = value.get(0).get<int64_t>();
    auto per_second = typeAs<DataTypeDateTime64>(type).ticksPerSecond();
    return ticks >= 0 && ticks / per_second < int64_t(UINT32_MAX) - 86400;
}

}

bool ColumnAtom::mayMatch(const Column & min, size_t min_row, const Column & max, size_t max_row) const
{
    switch (op)
    {
        case Op::Less:
            return min.compareAt(min_row, 0, *values, 1) < 0;
        case Op::LessOrEqual:
            return min.compareAt(min_row, 0, *values, 1) <= 0;
        case Op::Greater:
            return max.compareAt(max_row, 0, *values, 1) > 0;
        case Op::GreaterOrEqual:
            return max.compareAt(max_row, 0, *values, 1) >= 0;
        case Op::AnyOf:
            for (size_t i = 0; i < values->size(); ++i)
                if (min.compareAt(min_row, i, *values, 1) <= 0 && max.compareAt(max_row, i, *values, 1) >= 0)
                    return true;
            return false;
    }
    CHECK(false);
}

KeyCondition::KeyCondition(const ReadPartsStep & read) : table_(*read.table)
{
    for (const auto & filter : read.filters)
        addAtom(read, filter);
    for (size_t i = 0; i < table_.primary_key_columns; ++i)
    {
        const auto & key = table_.sort_key[i];
        std::vector<ColumnAtom> atoms;
        for (const auto & atom : atoms_)
        {
            if (key.expression->kind == ExpressionKind::Column)
            {
                if (key.expression->column == atom.column)
                    atoms.push_back(atom);
                continue;
            }
            std::set<std::string> names;
            collectColumns(key.expression, names);
            if (key.expression->kind != ExpressionKind::Function || names.size() != 1 || *names.begin() != atom.column)
                continue;
            bool simple = !key.expression->arguments.empty() && key.expression->arguments[0]->kind == ExpressionKind::Column;
            auto argument_type = simple ? key.expression->arguments[0]->type : nullptr;
            if (!simple || removeLowCardinality(argument_type)->isNullable() || !isDeterministic(key.expression))
                continue;
            if (atom.op != Op::AnyOf && !isMonotonic(*key.expression->function, *removeLowCardinalityAndNullable(argument_type), *key.expression->type))
                continue;
            if (atom.op != Op::AnyOf && !withinDateRange(*atom.values, *argument_type))
                continue;
            Block block;
            block.add({atom.values, removeLowCardinalityAndNullable(argument_type), atom.column});
            ColumnPtr carried;
            try
            {
                carried = evaluate(key.expression, block)->materialize();
            }
            catch (const Exception &)
            {
                continue; // a value that has no key, as text that is no date: filters decide
            }
            auto op = atom.op == Op::Less ? Op::LessOrEqual : atom.op == Op::Greater ? Op::GreaterOrEqual : atom.op;
            atoms.push_back({key.name, op, carried});
        }
        key_atoms_.push_back(std::move(atoms));
    }
}

void KeyCondition::addAtom(const ReadPartsStep & read, const ExpressionPtr & conjunct)
{
    if (conjunct->kind != ExpressionKind::Function)
        return;
    ExpressionPtr column;
    ColumnPtr values;
    Op op = Op::AnyOf;
    if (auto * in = dynamic_cast<const FunctionIn *>(conjunct->function.get()))
    {
        if (in->negative() || in->set().types().size() != 1 || in->set().size() > 10'000)
            return;
        column = conjunct->arguments[0];
        if (!removeLowCardinalityAndNullable(column->type)->equals(*in->set().types()[0]))
            return;
        values = withEqualValues(in->set().elements()[0]->materialize());
    }
    else if (conjunct->arguments.size() == 2)
    {
        bool swapped = conjunct->arguments[0]->isConstant();
        column = conjunct->arguments[swapped ? 1 : 0];
        const auto & constant = conjunct->arguments[swapped ? 0 : 1];
        auto found = opOf(conjunct->function->name(), swapped);
        if (!found || !constant->isConstant())
            return;
        op = *found;
        values = convertConstant(*constant, removeLowCardinalityAndNullable(column->type));
        if (values && op == Op::AnyOf)
            values = withEqualValues(values->materialize());
    }
    if (!column || column->kind != ExpressionKind::Column || !values)
        return;
    for (const auto & source : read.columns)
        if (source.id == column->column)
        {
            atoms_.push_back({source.name, op, values});
            return;
        }
    for (const auto & subcolumn : read.subcolumns)
        if (subcolumn.name == column->column && subcolumn.kind == ReadColumn::Kind::MapKey && op == Op::AnyOf)
        {
            // A row without the key has the default value, which no index knows of.
            auto nothing = values->cloneEmpty();
            nothing->insertDefault();
            for (size_t i = 0; i < values->size(); ++i)
                if (values->compareAt(i, 0, *nothing, 1) == 0)
                    return;
            map_atoms_.push_back({subcolumn.column, values});
        }
}

bool KeyCondition::partMayMatch(const PartInfo & part) const
{
    for (const auto & range : part.ranges)
        for (const auto & atom : atoms_)
        {
            if (atom.column != range.column)
                continue;
            const auto * described = table_.state().schema->findColumn(range.column);
            if (!described || described->added_in_version > part.schema_version)
                continue; // of a column of this name that was dropped
            const auto & columns = table_.columns();
            auto it = std::find_if(columns.begin(), columns.end(), [&](const auto & c) { return c.name == range.column; });
            if (it == columns.end() || removeLowCardinality(it->type)->isNullable())
                continue;
            auto min = decodeRangeValue(range.min, it->type), max = decodeRangeValue(range.max, it->type);
            if (!atom.mayMatch(*min, 0, *max, 0))
                return false;
        }
    return true;
}

void KeyCondition::selectByPrimaryKey(const PartReader & part, Filter & keep) const
{
    bool any = std::any_of(key_atoms_.begin(), key_atoms_.end(), [](const auto & atoms) { return !atoms.empty(); });
    if (!any)
        return;
    auto index = part.primaryIndex();
    Columns keys;
    for (size_t i = 0; i < key_atoms_.size() && i < index.columnCount(); ++i)
        keys.push_back(index.at(i).column->materialize());
    for (size_t granule = 0; granule < keep.size(); ++granule)
        for (size_t i = 0; i < keys.size() && keep[granule]; ++i)
        {
            if (keys[i]->kind() == ColumnKind::Nullable)
                break; // NULLs have no place between bounds
            for (const auto & atom : key_atoms_[i])
                if (!atom.mayMatch(*keys[i], granule, *keys[i], granule + 1))
                {
                    keep[granule] = 0;
                    break;
                }
            // A later key column is ordered only while the earlier ones have one value.
            if (keys[i]->compareAt(granule, granule + 1, *keys[i], 1) != 0)
                break;
        }
}

void KeyCondition::selectByMinMax(const PartReader & part, uint32_t schema_version, Filter & keep) const
{
    for (const auto & atom : atoms_)
    {
        if (!partHolds(part, schema_version, *table_.state().schema, atom.column))
            continue;
        auto bounds = part.minMax(atom.column);
        if (!bounds || bounds->min->kind() == ColumnKind::Nullable)
            continue;
        for (size_t granule = 0; granule < keep.size(); ++granule)
            if (keep[granule] && !atom.mayMatch(*bounds->min, granule, *bounds->max, granule))
                keep[granule] = 0;
    }
}

void KeyCondition::selectBySkipIndexes(const PartReader & part, uint32_t schema_version, Filter & keep) const
{
    // An index over an expression of the part is not about a column of that name which the table has got since.
    auto isNewer = [&](const std::string & column)
    {
        const auto * described = table_.state().schema->findColumn(column);
        return described && described->added_in_version > schema_version;
    };
    auto apply = [&](const SkipIndex & index, const Column & values)
    {
        std::vector<Field> fields;
        for (size_t i = 0; i < values.size(); ++i)
            fields.push_back(values.get(i));
        auto may = part.granulesThatMayContain(index.name, fields);
        for (size_t granule = 0; granule < keep.size(); ++granule)
            keep[granule] &= may[granule];
    };
    for (const auto & index : part.description().skip_indexes)
    {
        if (index.kind == SkipIndexKind::MinMax)
            continue;
        const bool of_elements = index.type->id() == TypeId::Array || index.type->id() == TypeId::Map;
        for (const auto & atom : atoms_)
            if (!of_elements && atom.op == Op::AnyOf && atom.column == index.column && atom.values->size() <= 100 && !isNewer(atom.column))
                apply(index, *atom.values);
        for (const auto & atom : map_atoms_)
            if (index.column == "mapValues(" + atom.map + ")" && atom.values->size() <= 100)
                apply(index, *atom.values);
    }
}

std::vector<RowRange> KeyCondition::selectGranules(const PartReader & part, uint32_t schema_version) const
{
    Filter keep(part.granuleCount(), 1);
    selectByPrimaryKey(part, keep);
    selectByMinMax(part, schema_version, keep);
    selectBySkipIndexes(part, schema_version, keep);
    std::vector<RowRange> ranges;
    for (size_t granule = 0; granule < keep.size(); ++granule)
    {
        if (!keep[granule])
            continue;
        auto rows = part.granule(granule);
        if (!ranges.empty() && ranges.back().end == rows.begin)
            ranges.back().end = rows.end;
        else
            ranges.push_back(rows);
    }
    return ranges;
}

std::string encodeRangeValue(const Column & column, size_t row)
{
    std::string bytes;
    column.serializeKey(row, bytes);
    return bytes;
}

ColumnPtr decodeRangeValue(const std::string & bytes, const DataTypePtr & type)
{
    auto column = removeLowCardinality(type)->createColumn();
    auto * end = column->deserializeKey(bytes.data());
    CHECK(end == bytes.data() + bytes.size(), "a range value of {} bytes does not fit type {}", bytes.size(), type->name());
    if (auto plain = column->materialize(); plain->size() == 1)
        return plain;
    return column;
}

}
