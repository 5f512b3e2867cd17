#include "types/DataTypes.h"

#include "base/quoteName.h"
#include "columns/ColumnArray.h"
#include "columns/ColumnFixedString.h"
#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnMap.h"
#include "columns/ColumnNullable.h"
#include "columns/ColumnString.h"
#include "columns/ColumnTuple.h"
#include "columns/ColumnVector.h"
#include "types/backQuoteIfNeeded.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

namespace mangrove
{

namespace
{

constexpr uint32_t datetime64_precision_max = 9;
constexpr size_t fixed_string_length_max = 0xffffff; /// ClickHouse's MAX_FIXEDSTRING_SIZE

/// A type without parameters: its name and the column that holds it.
class DataTypeSimple final : public DataType
{
public:
    using Create = MutableColumnPtr (*)();
    DataTypeSimple(TypeId id, std::string_view name, Create create) : id_(id), name_(name), create_(create) { }
    TypeId id() const override { return id_; }
    std::string name() const override { return std::string(name_); }
    MutableColumnPtr createColumn() const override { return create_(); }

private:
    TypeId id_;
    std::string_view name_;
    Create create_;
};

template <typename T>
MutableColumnPtr createOf()
{
    return std::make_shared<T>();
}

DataTypePtr makeSimple(TypeId id)
{
    auto make = [&](std::string_view name, DataTypeSimple::Create create)
    { return std::make_shared<DataTypeSimple>(id, name, create); };
    switch (id)
    {
        case TypeId::Nothing: return make("Nothing", createOf<ColumnUInt8>);
        case TypeId::UInt8: return make("UInt8", createOf<ColumnUInt8>);
        case TypeId::UInt16: return make("UInt16", createOf<ColumnUInt16>);
        case TypeId::UInt32: return make("UInt32", createOf<ColumnUInt32>);
        case TypeId::UInt64: return make("UInt64", createOf<ColumnUInt64>);
        case TypeId::UInt128: return make("UInt128", createOf<ColumnUInt128>);
        case TypeId::Int8: return make("Int8", createOf<ColumnInt8>);
        case TypeId::Int16: return make("Int16", createOf<ColumnInt16>);
        case TypeId::Int32: return make("Int32", createOf<ColumnInt32>);
        case TypeId::Int64: return make("Int64", createOf<ColumnInt64>);
        case TypeId::Float32: return make("Float32", createOf<ColumnFloat32>);
        case TypeId::Float64: return make("Float64", createOf<ColumnFloat64>);
        case TypeId::Bool: return make("Bool", createOf<ColumnUInt8>);
        case TypeId::String: return make("String", createOf<ColumnString>);
        case TypeId::Date: return make("Date", createOf<ColumnUInt16>);
        case TypeId::UUID: return make("UUID", createOf<ColumnUInt128>);
        case TypeId::DateTime: return std::make_shared<DataTypeDateTime>();
        default: return nullptr;
    }
}

}

DataTypePtr makeType(TypeId id)
{
    static const auto types = []
    {
        std::array<DataTypePtr, static_cast<size_t>(TypeId::Lambda) + 1> result;
        for (size_t i = 0; i < result.size(); ++i)
            result[i] = makeSimple(static_cast<TypeId>(i));
        return result;
    }();
    const auto & type = types[static_cast<size_t>(id)];
    CHECK(type, "type id {} needs parameters", static_cast<int>(id));
    return type;
}

DataTypeFixedString::DataTypeFixedString(size_t length) : length_(length)
{
    if (length == 0 || length > fixed_string_length_max)
        throw Exception(ErrorCode::ARGUMENT_OUT_OF_BOUND, "FixedString length must be 1 to {}, not {}", fixed_string_length_max, length);
}

std::string DataTypeFixedString::name() const
{
    return fmt::format("FixedString({})", length_);
}

MutableColumnPtr DataTypeFixedString::createColumn() const
{
    return ColumnFixedString::create(length_);
}

DataTypeDateTime::DataTypeDateTime(std::string zone_name) : zone_name_(std::move(zone_name)), zone_(TimeZone::get(zone_name_))
{
}

std::string DataTypeDateTime::name() const
{
    return zone_name_.empty() ? "DateTime" : "DateTime(" + quoteName(zone_name_, '\'') + ")";
}

MutableColumnPtr DataTypeDateTime::createColumn() const
{
    return ColumnUInt32::create();
}

DataTypeDateTime64::DataTypeDateTime64(uint32_t precision, std::string zone_name)
    : precision_(precision), zone_name_(std::move(zone_name)), zone_(TimeZone::get(zone_name_))
{
    if (precision > datetime64_precision_max)
        throw Exception(
            ErrorCode::ARGUMENT_OUT_OF_BOUND,
            "Scale {} is too large for DateTime64. Maximum is up to nanoseconds ({})",
            precision,
            datetime64_precision_max);
}

std::string DataTypeDateTime64::name() const
{
    if (zone_name_.empty())
        return fmt::format("DateTime64({})", precision_);
    return fmt::format("DateTime64({}, {})", precision_, quoteName(zone_name_, '\''));
}

MutableColumnPtr DataTypeDateTime64::createColumn() const
{
    return ColumnInt64::create();
}

int64_t DataTypeDateTime64::ticksPerSecond() const
{
    int64_t ticks = 1;
    for (uint32_t i = 0; i < precision_; ++i)
        ticks *= 10;
    return ticks;
}

std::string DataTypeInterval::name() const
{
    static constexpr const char * names[]
        = {"Nanosecond", "Microsecond", "Millisecond", "Second", "Minute", "Hour", "Day", "Week", "Month", "Quarter", "Year"};
    return std::string("Interval") + names[static_cast<size_t>(unit_)];
}

MutableColumnPtr DataTypeInterval::createColumn() const
{
    return ColumnInt64::create();
}

DataTypeNullable::DataTypeNullable(DataTypePtr nested) : nested_(std::move(nested))
{
    if (!nested_->canBeInsideNullable())
        throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "Nested type {} cannot be inside Nullable type", nested_->name());
}

std::string DataTypeNullable::name() const
{
    return "Nullable(" + nested_->name() + ")";
}

MutableColumnPtr DataTypeNullable::createColumn() const
{
    return std::make_shared<ColumnNullable>(nested_->createColumn(), ColumnUInt8::create());
}

DataTypeLowCardinality::DataTypeLowCardinality(DataTypePtr nested) : nested_(std::move(nested))
{
    const auto & value = *removeNullable(nested_);
    bool supported = value.isNumber() || value.isStringOrFixed() || value.id() == TypeId::Date || value.id() == TypeId::DateTime
        || value.id() == TypeId::UUID;
    if (!supported)
        throw Exception(
            ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT,
            "DataTypeLowCardinality is supported only for numbers, strings, Date or DateTime, but got {}",
            nested_->name());
}

std::string DataTypeLowCardinality::name() const
{
    return "LowCardinality(" + nested_->name() + ")";
}

MutableColumnPtr DataTypeLowCardinality::createColumn() const
{
    return std::make_shared<ColumnLowCardinality>(*nested_->createColumn());
}

std::string DataTypeArray::name() const
{
    return "Array(" + element_->name() + ")";
}

MutableColumnPtr DataTypeArray::createColumn() const
{
    return std::make_shared<ColumnArray>(element_->createColumn());
}

DataTypeTuple::DataTypeTuple(DataTypes elements, std::vector<std::string> names)
    : elements_(std::move(elements)), names_(std::move(names))
{
    CHECK(names_.empty() || names_.size() == elements_.size(), "{} names for {} elements", names_.size(), elements_.size());
    std::set<std::string_view> seen;
    for (const auto & name : names_)
        if (!seen.insert(name).second)
            throw Exception(ErrorCode::DUPLICATE_COLUMN, "Names of tuple elements must be unique. Duplicate name: {}", name);
}

std::string DataTypeTuple::name() const
{
    std::string result = "Tuple(";
    for (size_t i = 0; i < elements_.size(); ++i)
    {
        if (i)
            result += ", ";
        if (!names_.empty())
            result += backQuoteIfNeeded(names_[i]) + " ";
        result += elements_[i]->name();
    }
    return result + ")";
}

MutableColumnPtr DataTypeTuple::createColumn() const
{
    Columns columns;
    for (const auto & element : elements_)
        columns.push_back(element->createColumn());
    return ColumnTuple::create(std::move(columns));
}

Field DataTypeTuple::defaultValue() const
{
    Tuple result;
    for (const auto & element : elements_)
        result.push_back(element->defaultValue());
    return Field(std::move(result));
}

std::optional<size_t> DataTypeTuple::positionOf(std::string_view element_name) const
{
    auto found = std::find(names_.begin(), names_.end(), element_name);
    if (found != names_.end())
        return found - names_.begin();
    size_t position = 0;
    const char * end = element_name.data() + element_name.size();
    auto [parsed_to, error] = std::from_chars(element_name.data(), end, position);
    if (error == std::errc() && parsed_to == end && position >= 1 && position <= elements_.size())
        return position - 1;
    return std::nullopt;
}

DataTypeMap::DataTypeMap(DataTypePtr key, DataTypePtr value) : key_(std::move(key)), value_(std::move(value))
{
    if (removeLowCardinality(key_)->isNullable())
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Map cannot have a key of type {}", key_->name());
}

std::string DataTypeMap::name() const
{
    return "Map(" + key_->name() + ", " + value_->name() + ")";
}

MutableColumnPtr DataTypeMap::createColumn() const
{
    return std::make_shared<ColumnMap>(pairs()->createColumn());
}

DataTypePtr DataTypeMap::pairs() const
{
    auto pair = std::make_shared<DataTypeTuple>(DataTypes{key_, value_}, std::vector<std::string>{"keys", "values"});
    return std::make_shared<DataTypeArray>(std::move(pair));
}

DataTypeAggregateFunction::DataTypeAggregateFunction(std::string function, std::vector<Field> parameters, DataTypes arguments)
    : function_(std::move(function)), parameters_(std::move(parameters)), arguments_(std::move(arguments))
{
}

std::string DataTypeAggregateFunction::name() const
{
    std::string result = "AggregateFunction(" + function_;
    for (size_t i = 0; i < parameters_.size(); ++i)
        result += (i ? ", " : "(") + toString(parameters_[i]);
    if (!parameters_.empty())
        result += ")";
    for (const auto & argument : arguments_)
        result += ", " + argument->name();
    return result + ")";
}

MutableColumnPtr DataTypeAggregateFunction::createColumn() const
{
    return ColumnString::create();
}

MutableColumnPtr DataTypeLambda::createColumn() const
{
    throw Exception(ErrorCode::LOGICAL_ERROR, "A lambda is not a value and has no column");
}

}
