// groupArrayLast(n)(x): the last n values of a group. groupArraySorted[(n)](x): the n least, sorted.
// groupArrayInsertAt([default[, size]])(x, position): values at the positions that stand beside them.

#include "columns/ColumnArray.h"
#include "functions/aggregates/AggregateBase.h"
#include "functions/aggregates/registerCollections.h"
#include "functions/callFunction.h"
#include "types/Serialization.h"

#include <algorithm>
#include <numeric>

namespace mangrove
{

namespace
{

struct Values
{
    MutableColumnPtr column;    /// null until the first row
    std::vector<uint32_t> rows; /// of groupArrayInsertAt: by position, row + 1 of the column, 0 = none
    uint64_t total = 0;         /// of groupArrayLast: rows seen
};

/// What the three share: values of the argument's type in a column.
template <typename Derived>
class AggregateValues : public AggregateBase<Values, Derived>
{
public:
    AggregateValues(std::string name, std::vector<Field> parameters, DataTypes arguments, size_t limit)
        : AggregateBase<Values, Derived>(std::move(name), std::move(parameters), arguments, std::make_shared<DataTypeArray>(arguments[0]))
        , limit_(limit), serialization_(serializationOf(arguments[0]))
    {
    }

protected:
    void appendTo(Column & to, const Column & values, std::span<const uint32_t> rows) const
    {
        auto & array = static_cast<ColumnArray &>(to);
        for (uint32_t row : rows)
            array.dataMutable().insertFrom(values, row);
        array.offsetsMutable().push_back(array.data().size());
    }
    void writeRows(const Values & data, std::span<const uint32_t> rows, WriteBuffer & out) const
    {
        out.writeVarUInt(rows.size());
        for (uint32_t row : rows)
            serialization_->writeBinary(*data.column, row, out);
    }
    /// f(column, row) for each value read.
    template <typename F>
    void readRows(ReadBuffer & in, F && f) const
    {
        size_t size = readStateSize(in);
        MutableColumnPtr values = this->arguments_[0]->createColumn();
        for (size_t row = 0; row < size; ++row)
        {
            serialization_->readBinary(*values, in, {});
            f(*values, row);
        }
    }
    static std::vector<uint32_t> allRows(const Values & data)
    {
        std::vector<uint32_t> rows(data.column ? data.column->size() : 0);
        std::iota(rows.begin(), rows.end(), 0);
        return rows;
    }

    size_t limit_;
    SerializationPtr serialization_;
};

class AggregateLast final : public AggregateValues<AggregateLast>
{
public:
    using AggregateValues::AggregateValues;

    void addOne(Values & data, AggregateArguments arguments, size_t row) const { append(data, *arguments[0], row); }
    void mergeData(Values & to, const Values & from) const
    {
        const bool takes_over = to.total == 0; // a worker that saw no rows must not turn the ring
        for (uint32_t row : inOrder(from))
            append(to, *from.column, row);
        if (takes_over)
            to.total = from.total;
    }
    void write(const Values & data, WriteBuffer & out) const { writeRows(data, inOrder(data), out); }
    void read(Values & data, ReadBuffer & in) const
    {
        data = Values{};
        readRows(in, [&](const Column & column, size_t row) { append(data, column, row); });
    }
    /// In the order of a ring that the n-th row overwrites at n % limit, as ClickHouse gives it.
    void result(Values & data, Column & to) const
    {
        std::vector<uint32_t> rows = inOrder(data);
        if (rows.size() == limit_)
            std::rotate(rows.begin(), rows.end() - static_cast<ptrdiff_t>(data.total % limit_), rows.end());
        appendTo(to, data.column ? *data.column : to, rows);
    }

private:
    /// Twice the limit is kept before the first half goes, so that a row costs one copy at most.
    void append(Values & data, const Column & column, size_t row) const
    {
        if (!data.column)
            data.column = column.cloneEmpty();
        data.column->insertFrom(column, row);
        ++data.total;
        if (limit_ > state_elements_max / 2 || data.column->size() < 2 * limit_)
            return;
        MutableColumnPtr kept = data.column->cloneEmpty();
        kept->insertRangeFrom(*data.column, data.column->size() - limit_, limit_);
        data.column = std::move(kept);
    }
    std::vector<uint32_t> inOrder(const Values & data) const
    {
        std::vector<uint32_t> rows = allRows(data);
        if (rows.size() > limit_)
            rows.erase(rows.begin(), rows.end() - static_cast<ptrdiff_t>(limit_));
        return rows;
    }
};

class AggregateSorted final : public AggregateValues<AggregateSorted>
{
public:
    using AggregateValues::AggregateValues;

    void addOne(Values & data, AggregateArguments arguments, size_t row) const { append(data, *arguments[0], row); }
    void mergeData(Values & to, const Values & from) const
    {
        for (uint32_t row : allRows(from))
            append(to, *from.column, row);
    }
    void write(const Values & data, WriteBuffer & out) const { writeRows(data, sorted(data), out); }
    void read(Values & data, ReadBuffer & in) const
    {
        data = Values{};
        readRows(in, [&](const Column & column, size_t row) { append(data, column, row); });
    }
    void result(Values & data, Column & to) const
    {
        std::vector<uint32_t> rows = sorted(data);
        appendTo(to, data.column ? *data.column : to, rows);
    }

private:
    void append(Values & data, const Column & column, size_t row) const
    {
        if (!data.column)
            data.column = column.cloneEmpty();
        data.column->insertFrom(column, row);
        if (limit_ > state_elements_max / 2 || data.column->size() < 2 * limit_)
            return;
        std::vector<uint32_t> least = sorted(data);
        MutableColumnPtr kept = data.column->cloneEmpty();
        for (uint32_t k : least)
            kept->insertFrom(*data.column, k);
        data.column = std::move(kept);
    }
    std::vector<uint32_t> sorted(const Values & data) const
    {
        std::vector<uint32_t> rows = allRows(data);
        std::stable_sort(rows.begin(), rows.end(),
            [&](uint32_t a, uint32_t b) { return data.column->compareAt(a, b, *data.column, 1) < 0; });
        rows.resize(std::min(rows.size(), limit_));
        return rows;
    }
};

constexpr size_t positions_max = 0xFFFFFF;

class AggregateInsertAt final : public AggregateValues<AggregateInsertAt>
{
public:
    AggregateInsertAt(std::string name, std::vector<Field> parameters, DataTypes arguments, Field filler, size_t size)
        : AggregateValues(std::move(name), std::move(parameters), arguments, size ? size : positions_max)
        , filler_(std::move(filler)), size_(size)
    {
    }

    void addOne(Values & data, AggregateArguments arguments, size_t row) const
    {
        const uint64_t position = arguments[1]->get(row).get<uint64_t>();
        if (size_ && position >= size_)
            return;
        if (position >= positions_max)
            throw Exception(ErrorCode::TOO_LARGE_ARRAY_SIZE, "Too large array size: position argument ({}) is greater or equals to limit ({})",
                position, positions_max);
        put(data, *arguments[0], row, position);
    }
    void mergeData(Values & to, const Values & from) const
    {
        for (size_t position = 0; position < from.rows.size(); ++position)
            if (from.rows[position])
                put(to, *from.column, from.rows[position] - 1, position);
    }
    void write(const Values & data, WriteBuffer & out) const
    {
        out.writeVarUInt(data.rows.size());
        for (uint32_t row : data.rows)
        {
            out.writeByte(row != 0);
            if (row)
                serialization_->writeBinary(*data.column, row - 1, out);
        }
    }
    void read(Values & data, ReadBuffer & in) const
    {
        data = Values{};
        size_t size = readStateSize(in);
        for (size_t position = 0; position < size; ++position)
        {
            if (!in.readByte())
                continue;
            MutableColumnPtr value = arguments_[0]->createColumn();
            serialization_->readBinary(*value, in, {});
            put(data, *value, 0, position);
        }
    }
    void result(Values & data, Column & to) const
    {
        auto & array = static_cast<ColumnArray &>(to);
        const size_t count = size_ ? size_ : data.rows.size();
        for (size_t position = 0; position < count; ++position)
        {
            if (position < data.rows.size() && data.rows[position])
                array.dataMutable().insertFrom(*data.column, data.rows[position] - 1);
            else
                array.dataMutable().insert(filler_);
        }
        array.offsetsMutable().push_back(array.data().size());
    }

private:
    /// The first value of a position stays.
    void put(Values & data, const Column & column, size_t row, size_t position) const
    {
        if (!data.column)
            data.column = column.cloneEmpty();
        if (position >= data.rows.size())
            data.rows.resize(position + 1);
        if (data.rows[position])
            return;
        data.column->insertFrom(column, row);
        data.rows[position] = static_cast<uint32_t>(data.column->size());
    }

    Field filler_;
    size_t size_;
};

uint64_t positiveParameter(const std::string & name, const Field & parameter)
{
    if (!parameter.is<uint64_t>() || parameter.get<uint64_t>() == 0)
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Parameter for aggregate function {} should be a positive number", name);
    return std::min<uint64_t>(parameter.get<uint64_t>(), state_elements_max);
}

}

void registerGroupArraySome(FunctionRegistry & registry)
{
    registry.addAggregate("groupArrayLast", [](const std::string & name, const std::vector<Field> & parameters,
        const DataTypes & arguments)
    {
        expectArguments(name, arguments, 1);
        if (parameters.size() != 1)
            throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH, "Function {} requires one parameter, the number of values", name);
        return std::make_shared<AggregateLast>(name, parameters, arguments, positiveParameter(name, parameters[0]));
    });
    registry.addAggregate("groupArraySorted", [](const std::string & name, const std::vector<Field> & parameters,
        const DataTypes & arguments)
    {
        expectArguments(name, arguments, 1);
        if (parameters.size() > 1)
            throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH, "Function {} does not support this number of arguments", name);
        return std::make_shared<AggregateSorted>(name, parameters, arguments,
            parameters.empty() ? state_elements_max : positiveParameter(name, parameters[0]));
    });
    registry.addAggregate("groupArrayInsertAt", [](const std::string & name, const std::vector<Field> & parameters,
        const DataTypes & arguments)
    {
        expectArguments(name, arguments, 2);
        if (!arguments[1]->isUnsigned() || arguments[1]->id() == TypeId::UInt128)
            throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "Second argument of aggregate function {} must be unsigned integer.", name);
        if (parameters.size() > 2)
            throw Exception(ErrorCode::TOO_MANY_ARGUMENTS_FOR_FUNCTION, "Aggregate function {} requires at most two parameters.", name);
        Field filler = arguments[0]->defaultValue();
        if (!parameters.empty() && !parameters[0].isNull())
            filler = castField(parameters[0], literalType(parameters[0]), arguments[0]);
        size_t size = 0;
        if (parameters.size() == 2)
        {
            size = parameters[1].is<uint64_t>() ? parameters[1].get<uint64_t>() : 0;
            if (size == 0 || size > positions_max)
                throw Exception(ErrorCode::TOO_LARGE_ARRAY_SIZE, "Too large array size of aggregate function {}, should be 1 to {}", name, positions_max);
        }
        return std::make_shared<AggregateInsertAt>(name, parameters, arguments, filler, size);
    });
}

}
