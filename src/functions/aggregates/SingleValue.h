#pragma once
// One remembered value of any type: the state of min, max, any, anyLast and the compared half of argMin/argMax.
// Numbers and strings are kept as such; all else as a column of one row.

#include "columns/ColumnFixedString.h"
#include "columns/ColumnString.h"
#include "functions/aggregates/AggregateBase.h"
#include "types/Serialization.h"

namespace mangrove
{

template <typename T>
struct SingleNumber
{
    bool has = false;
    T value{};

    void set(const Column & column, size_t row)
    {
        has = true;
        value = numberAt<T>(column, row);
    }
    void set(const SingleNumber & other) { *this = other; }
    /// NaN is no candidate while there is a number: it compares as greatest for less() and least for greater().
    bool less(const Column & column, size_t row) const { return isLess(numberAt<T>(column, row), value); }
    bool greater(const Column & column, size_t row) const { return isGreater(numberAt<T>(column, row), value); }
    bool less(const SingleNumber & other) const { return isLess(other.value, value); }
    bool greater(const SingleNumber & other) const { return isGreater(other.value, value); }
    void write(WriteBuffer & out, const Serialization &) const { out.writePod(value); }
    void read(ReadBuffer & in, const Serialization &, const DataType &)
    {
        has = true;
        value = in.readPod<T>();
    }
    void insertInto(Column & to) const { appendNumber<T>(to, value); }

private:
    static bool isLess(T candidate, T current)
        { return candidate < current || (current != current && candidate == candidate); }
    static bool isGreater(T candidate, T current)
        { return candidate > current || (current != current && candidate == candidate); }
};

struct SingleString
{
    bool has = false;
    std::string value;

    void set(const Column & column, size_t row)
    {
        has = true;
        value = column.stringAt(row);
    }
    void set(const SingleString & other) { *this = other; }
    bool less(const Column & column, size_t row) const { return column.stringAt(row) < value; }
    bool greater(const Column & column, size_t row) const { return column.stringAt(row) > value; }
    bool less(const SingleString & other) const { return other.value < value; }
    bool greater(const SingleString & other) const { return other.value > value; }
    void write(WriteBuffer & out, const Serialization &) const { out.writeString(value); }
    void read(ReadBuffer & in, const Serialization &, const DataType &)
    {
        has = true;
        value = in.readString();
    }
    void insertInto(Column & to) const
    {
        if (to.kind() == ColumnKind::FixedString)
            static_cast<ColumnFixedString &>(to).append(value);
        else
            static_cast<ColumnString &>(to).append(value);
    }
};

struct SingleAny
{
    bool has = false;
    MutableColumnPtr value; /// one row

    void set(const Column & column, size_t row)
    {
        has = true;
        value = column.cloneEmpty();
        value->insertFrom(column, row);
    }
    void set(const SingleAny & other) { set(*other.value, 0); }
    bool less(const Column & column, size_t row) const { return column.compareAt(row, 0, *value, 1) < 0; }
    bool greater(const Column & column, size_t row) const { return column.compareAt(row, 0, *value, -1) > 0; }
    bool less(const SingleAny & other) const { return less(*other.value, 0); }
    bool greater(const SingleAny & other) const { return greater(*other.value, 0); }
    void write(WriteBuffer & out, const Serialization & serialization) const { serialization.writeBinary(*value, 0,
        out); }
    void read(ReadBuffer & in, const Serialization & serialization, const DataType & type)
    {
        has = true;
        value = type.createColumn();
        serialization.readBinary(*value, in, {});
    }
    void insertInto(Column & to) const { to.insertFrom(*value, 0); }
};

/// f(std::type_identity<Single…>{}) for the representation of `type`.
template <typename F>
decltype(auto) visitSingleValue(const DataType & type, F && f)
{
    ColumnKind kind = type.createColumn()->kind();
    if (isNumberKind(kind))
        return visitNumberKind(kind, [&]<typename T>(std::type_identity<T>) -> decltype(auto)
            { return f(std::type_identity<SingleNumber<T>>{}); });
    if (kind == ColumnKind::String || kind == ColumnKind::FixedString)
        return f(std::type_identity<SingleString>{});
    return f(std::type_identity<SingleAny>{});
}

}
