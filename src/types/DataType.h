#pragma once
// SQL types: what a column means. A DataType is immutable and shared; equal types have equal names.
// Parameters (precision, zone, enum values, element types) are read through the typed accessors of the concrete
// classes in types/DataTypes.h. How values are written and read is in types/Serialization.h.
//
// AggregateFunction(f, T…) columns hold serialized states in a ColumnString; SimpleAggregateFunction(f, T) is T
// with a function name that merges use.

#include "columns/Column.h"

#include <memory>
#include <string>
#include <vector>

namespace mangrove
{

enum class TypeId : uint8_t
{
    Nothing, /// type of NULL and of the empty array's elements; only inside Nullable and Array
    UInt8, UInt16, UInt32, UInt64, UInt128, Int8, Int16, Int32, Int64, Float32, Float64, Bool,
    String, FixedString, Date, DateTime, DateTime64, Enum8, Enum16, UUID, Interval,
    Nullable, LowCardinality, Array, Tuple, Map, AggregateFunction, Lambda,
};

class DataType;
using DataTypePtr = std::shared_ptr<const DataType>;
using DataTypes = std::vector<DataTypePtr>;

class DataType : public std::enable_shared_from_this<DataType>
{
public:
    virtual ~DataType() = default;

    virtual TypeId id() const = 0;
    /// As ClickHouse prints it: "DateTime64(9, 'UTC')", "Map(LowCardinality(String), String)".
    virtual std::string name() const = 0;
    virtual MutableColumnPtr createColumn() const = 0;
    virtual Field defaultValue() const;

    bool equals(const DataType & other) const { return this == &other || name() == other.name(); }
    /// `rows` times the value, as ColumnConst.
    ColumnPtr createConst(size_t rows, const Field & value) const;
    ColumnPtr createDefaultConst(size_t rows) const { return createConst(rows, defaultValue()); }

    bool isNullable() const { return id() == TypeId::Nullable; }
    bool isLowCardinality() const { return id() == TypeId::LowCardinality; }
    bool isUnsigned() const { return id() >= TypeId::UInt8 && id() <= TypeId::UInt128; }
    bool isSigned() const { return id() >= TypeId::Int8 && id() <= TypeId::Int64; }
    bool isInteger() const { return isUnsigned() || isSigned(); }
    bool isFloat() const { return id() == TypeId::Float32 || id() == TypeId::Float64; }
    bool isNumber() const { return isInteger() || isFloat() || id() == TypeId::Bool; }
    bool isEnum() const { return id() == TypeId::Enum8 || id() == TypeId::Enum16; }
    bool isDateOrTime() const { return id() == TypeId::Date || id() == TypeId::DateTime || id() == TypeId::DateTime64; }
    bool isString() const { return id() == TypeId::String; }
    bool canBeInsideNullable() const;
    bool isStringOrFixed() const { return id() == TypeId::String || id() == TypeId::FixedString; }
};

template <typename T>
const T & typeAs(const DataType & type)
{
    return dynamic_cast<const T &>(type);
}

struct NameAndType
{
    std::string name;
    DataTypePtr type;
    bool operator==(const NameAndType & other) const { return name == other.name && type->equals(*other.type); }
};
using NamesAndTypes = std::vector<NameAndType>;

/// T without Nullable / LowCardinality around it.
DataTypePtr removeNullable(const DataTypePtr & type);
DataTypePtr removeLowCardinality(const DataTypePtr & type);
/// LowCardinality(Nullable(T)) → T.
DataTypePtr removeLowCardinalityAndNullable(const DataTypePtr & type);
/// Nullable(T); T itself where T cannot be inside Nullable (Array, Map, Tuple) or is Nullable already;
/// LowCardinality(T) → LowCardinality(Nullable(T)).
DataTypePtr makeNullable(const DataTypePtr & type);

/// The type that holds all values of all types, by ClickHouse's rules (array literals, if(), UNION ALL):
/// NO_COMMON_TYPE (386) if there is none.
DataTypePtr leastSupertype(const DataTypes & types);

/// Parses "Array(LowCardinality(String))"; limits depth; UNKNOWN_TYPE (50), ILLEGAL_SYNTAX_FOR_DATA_TYPE (377).
/// Nested(a T, b U) is refused here: the table schema flattens it to arrays n.a, n.b (flattenNested).
DataTypePtr parseDataType(std::string_view text);
/// {"n", "Nested(a T, b U)"} → {"n.a", "Array(T)"}, {"n.b", "Array(U)"}; any other type → itself.
std::vector<std::pair<std::string, std::string>> flattenNested(const std::string & name, const std::string & type_text);

}
