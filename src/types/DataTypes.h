#pragma once
// The concrete data types and short ways to make them. See types/DataType.h.

#include "types/DataType.h"
#include "types/TimeZone.h"

#include <optional>

namespace mangrove
{

/// A UUID in memory is a UInt128 as ClickHouse keeps it: the last 16 hex digits are the upper half, so that they decide
/// the order first. This exchanges the halves: to the number that the digits spell, and back.
constexpr UInt128 swapUuidHalves(UInt128 value)
{
    return value << 64 | value >> 64;
}

/// UInt*, Int*, Float*, Bool, String, Date, DateTime, UUID, Nothing: types without parameters are one shared object each.
DataTypePtr makeType(TypeId id);

class DataTypeFixedString final : public DataType
{
public:
    explicit DataTypeFixedString(size_t length);
    TypeId id() const override { return TypeId::FixedString; }
    std::string name() const override;
    MutableColumnPtr createColumn() const override;
    size_t length() const { return length_; }

private:
    size_t length_;
};

/// Seconds since the epoch in UInt32; the zone only affects text and calendar functions.
class DataTypeDateTime final : public DataType
{
public:
    explicit DataTypeDateTime(std::string zone_name = "");
    TypeId id() const override { return TypeId::DateTime; }
    std::string name() const override;
    MutableColumnPtr createColumn() const override;
    const TimeZone & zone() const { return *zone_; }
    const std::string & zoneName() const { return zone_name_; } /// "" = the server's zone

private:
    std::string zone_name_;
    TimeZonePtr zone_;
};

/// 10^-precision seconds since the epoch in Int64.
class DataTypeDateTime64 final : public DataType
{
public:
    explicit DataTypeDateTime64(uint32_t precision, std::string zone_name = "");
    TypeId id() const override { return TypeId::DateTime64; }
    std::string name() const override;
    MutableColumnPtr createColumn() const override;
    uint32_t precision() const { return precision_; } /// 0..9
    int64_t ticksPerSecond() const;
    const TimeZone & zone() const { return *zone_; }
    const std::string & zoneName() const { return zone_name_; }

private:
    uint32_t precision_;
    std::string zone_name_;
    TimeZonePtr zone_;
};

/// Enum8 (ColumnInt8) and Enum16 (ColumnInt16): names and values are unique, sorted by value.
class DataTypeEnum final : public DataType
{
public:
    using Values = std::vector<std::pair<std::string, int16_t>>;
    DataTypeEnum(TypeId id, Values values);
    TypeId id() const override { return id_; }
    std::string name() const override;
    MutableColumnPtr createColumn() const override;
    Field defaultValue() const override; /// the smallest value
    const Values & values() const { return values_; }
    std::optional<int16_t> valueOf(std::string_view name) const;
    std::optional<std::string_view> nameOf(int16_t value) const;

private:
    TypeId id_;
    Values values_;
};

/// What INTERVAL 5 MINUTE and toIntervalMinute(5) give: an Int64 count of one unit.
class DataTypeInterval final : public DataType
{
public:
    enum class Unit : uint8_t { Nanosecond, Microsecond, Millisecond, Second, Minute, Hour, Day, Week, Month, Quarter, Year };
    explicit DataTypeInterval(Unit unit) : unit_(unit) { }
    TypeId id() const override { return TypeId::Interval; }
    std::string name() const override; /// IntervalMinute
    MutableColumnPtr createColumn() const override;
    Unit unit() const { return unit_; }

private:
    Unit unit_;
};

class DataTypeNullable final : public DataType
{
public:
    explicit DataTypeNullable(DataTypePtr nested); /// ILLEGAL_TYPE_OF_ARGUMENT (43) for Array, Map, Tuple…
    TypeId id() const override { return TypeId::Nullable; }
    std::string name() const override;
    MutableColumnPtr createColumn() const override;
    Field defaultValue() const override { return Null{}; }
    const DataTypePtr & nested() const { return nested_; }

private:
    DataTypePtr nested_;
};

class DataTypeLowCardinality final : public DataType
{
public:
    explicit DataTypeLowCardinality(DataTypePtr nested); /// nested: String, FixedString, number, date, Nullable of these
    TypeId id() const override { return TypeId::LowCardinality; }
    std::string name() const override;
    MutableColumnPtr createColumn() const override;
    Field defaultValue() const override { return nested_->defaultValue(); }
    const DataTypePtr & nested() const { return nested_; }

private:
    DataTypePtr nested_;
};

class DataTypeArray final : public DataType
{
public:
    explicit DataTypeArray(DataTypePtr element) : element_(std::move(element)) { }
    TypeId id() const override { return TypeId::Array; }
    std::string name() const override;
    MutableColumnPtr createColumn() const override;
    Field defaultValue() const override { return Array{}; }
    const DataTypePtr & element() const { return element_; }

private:
    DataTypePtr element_;
};

class DataTypeTuple final : public DataType
{
public:
    explicit DataTypeTuple(DataTypes elements, std::vector<std::string> names = {}); /// names: none, or one each
    TypeId id() const override { return TypeId::Tuple; }
    std::string name() const override;
    MutableColumnPtr createColumn() const override;
    Field defaultValue() const override;
    const DataTypes & elements() const { return elements_; }
    const std::vector<std::string> & names() const { return names_; }
    std::optional<size_t> positionOf(std::string_view element_name) const; /// by name or by "1", "2"…

private:
    DataTypes elements_;
    std::vector<std::string> names_;
};

class DataTypeMap final : public DataType
{
public:
    DataTypeMap(DataTypePtr key, DataTypePtr value); /// BAD_ARGUMENTS for a Nullable key
    TypeId id() const override { return TypeId::Map; }
    std::string name() const override;
    MutableColumnPtr createColumn() const override;
    Field defaultValue() const override { return Array{}; }
    const DataTypePtr & key() const { return key_; }
    const DataTypePtr & value() const { return value_; }
    DataTypePtr pairs() const; /// Array(Tuple(keys K, values V))

private:
    DataTypePtr key_;
    DataTypePtr value_;
};

/// States of an aggregate function, serialized, in a ColumnString. `simple`: SimpleAggregateFunction(f, T) prints so
/// and otherwise behaves as T: such columns get type T, and only the table schema keeps the function name.
class DataTypeAggregateFunction final : public DataType
{
public:
    DataTypeAggregateFunction(std::string function, std::vector<Field> parameters, DataTypes arguments);
    TypeId id() const override { return TypeId::AggregateFunction; }
    std::string name() const override;
    MutableColumnPtr createColumn() const override;
    const std::string & function() const { return function_; }
    const std::vector<Field> & parameters() const { return parameters_; }
    const DataTypes & arguments() const { return arguments_; }

private:
    std::string function_;
    std::vector<Field> parameters_;
    DataTypes arguments_;
};

/// The type of a lambda argument before it is bound: only its arity is known.
class DataTypeLambda final : public DataType
{
public:
    DataTypeLambda(size_t argument_count, DataTypePtr result) : argument_count_(argument_count), result_(std::move(result)) { }
    TypeId id() const override { return TypeId::Lambda; }
    std::string name() const override { return "Function"; }
    MutableColumnPtr createColumn() const override;
    size_t argumentCount() const { return argument_count_; }
    const DataTypePtr & result() const { return result_; } /// null until bound

private:
    size_t argument_count_;
    DataTypePtr result_;
};

}
