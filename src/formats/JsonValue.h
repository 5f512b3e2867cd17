#pragma once
// One JSON value into a column, by simdjson's on-demand parser. Private to the JSON readers: only .cpp files include
// it, because it includes simdjson. A reader is built once per column; a switch on its kind reads a value.
//
// As in ClickHouse: a string may hold any scalar ("1", "2024-11-23 16:00:00"), true and false are numbers too, any
// value can go into a String as its JSON text, null is the default where the type has no NULL.

#include "types/DataTypes.h"
#include "types/Serialization.h"

#include <simdjson.h>

namespace mangrove
{

using JsonField = simdjson::ondemand::value;

[[noreturn]] void throwJsonError(simdjson::error_code error, std::string_view near);

class JsonValueReader
{
public:
    explicit JsonValueReader(const DataTypePtr & type);

    /// False if the value was null and the type has none: the default was appended.
    bool read(Column & column, JsonField & value, const FormatSettings & settings) const;

private:
    enum class Kind : uint8_t
    {
        UInt8, UInt16, UInt32, UInt64, Int8, Int16, Int32, Int64, Float32, Float64,
        String, LowCardinalityString, Nullable, LowCardinality, Array, Map, Tuple, Scalar,
    };

    void readNotNull(Column & column, JsonField & value, const FormatSettings & settings) const;
    template <typename T>
    void readInteger(Column & column, JsonField & value, const FormatSettings & settings) const;
    template <typename T>
    void readFloat(Column & column, JsonField & value, const FormatSettings & settings) const;
    void readString(Column & column, JsonField & value) const;
    void readScalar(Column & column, JsonField & value, const FormatSettings & settings) const;
    void readArray(Column & column, JsonField & value, const FormatSettings & settings) const;
    void readMap(Column & column, JsonField & value, const FormatSettings & settings) const;
    void readMapKey(Column & keys, std::string_view key, const FormatSettings & settings) const;
    void readTuple(Column & column, JsonField & value, const FormatSettings & settings) const;

    Kind kind_ = Kind::Scalar;
    DataTypePtr type_;
    SerializationPtr serialization_;
    std::vector<JsonValueReader> children_; /// element; key and value; elements
    std::vector<std::string> names_;        /// of a named tuple
};

}
