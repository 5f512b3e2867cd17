#pragma once
// A column of values in memory: the unit that functions, formats, parts and operators work on.
//
// ColumnPtr is shared and immutable; a MutableColumnPtr is owned by whoever fills it and becomes a ColumnPtr by
// assignment, after which nobody changes it. Columns know nothing of SQL types: Date is a ColumnUInt16, an Enum8
// a ColumnInt8, and so on (see types/DataType.h). Not thread-safe while mutable; immutable columns may be shared.
//
// Kinds and their storage are in the Column*.h files beside this one. Hot loops downcast once per column
// (columnAs<ColumnUInt64>(column)) and then work on the raw arrays; the virtual per-row calls are the slow path.

#include "base/Exception.h"
#include "base/Types.h"
#include "columns/Field.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mangrove
{

class Column;
using ColumnPtr = std::shared_ptr<const Column>;
using MutableColumnPtr = std::shared_ptr<Column>;
using Columns = std::vector<ColumnPtr>;

/// One byte a row, 0 or 1.
using Filter = PodVector<uint8_t>;
/// Row numbers, for gather and sort.
using Permutation = PodVector<uint32_t>;
/// Cumulative ends: row i of an array spans [offsets[i-1], offsets[i]), offsets[-1] = 0.
using Offsets = PodVector<uint64_t>;

enum class ColumnKind : uint8_t
{
    UInt8, UInt16, UInt32, UInt64, UInt128, Int8, Int16, Int32, Int64, Float32, Float64,
    String, FixedString, Nullable, Array, Tuple, Map, LowCardinality,
    Const,  /// one value repeated
    Lambda, /// argument of a higher-order function
};

class Column : public std::enable_shared_from_this<Column>
{
public:
    virtual ~Column() = default;

    virtual ColumnKind kind() const = 0;
    virtual std::string name() const = 0; /// "UInt64", "Array(String)": for messages
    virtual size_t size() const = 0;
    bool empty() const { return size() == 0; }
    /// Bytes held in memory, by order of magnitude right.
    virtual size_t byteSize() const = 0;

    /// A new column of the same structure (FixedString length, tuple elements) without rows.
    virtual MutableColumnPtr cloneEmpty() const = 0;
    virtual void reserve(size_t rows) { }

    virtual Field get(size_t row) const = 0;
    /// Throws if the field does not fit the kind.
    virtual void insert(const Field & field) = 0;
    virtual void insertDefault() = 0;
    virtual void insertManyDefaults(size_t count)
    {
        for (size_t i = 0; i < count; ++i)
            insertDefault();
    }
    /// `source` is of the same kind and structure (any dictionary for LowCardinality).
    virtual void insertFrom(const Column & source, size_t row) = 0;
    virtual void insertRangeFrom(const Column & source, size_t start, size_t count) = 0;
    virtual void popBack(size_t count) = 0;

    /// Rows where filter[i] != 0. filter.size() == size().
    virtual ColumnPtr filter(const Filter & filter, size_t result_rows_hint) const = 0;
    /// result[i] = this[rows[i]]; rows may repeat.
    virtual ColumnPtr gather(std::span<const uint32_t> rows) const = 0;
    virtual ColumnPtr cut(size_t start, size_t count) const;
    /// Row i repeated offsets[i] - offsets[i-1] times (ARRAY JOIN, lambdas' captured columns).
    virtual ColumnPtr replicate(const Offsets & offsets) const;

    /// <0, 0, >0. nan_direction: NaN and NULL compare as greater (1) or less (-1) than any value.
    virtual int compareAt(size_t row, size_t other_row, const Column & other, int nan_direction) const = 0;
    /// hashes[i] = combineHash(hashes[i], hash(this[i])): equal values, equal hashes, whatever the dictionary.
    /// Floats are equal if their bits are (0.0 and -0.0 are two groups, as in ClickHouse).
    virtual void updateHashes(std::span<uint64_t> hashes) const;
    /// out[i] = hash(this[i]): what updateHashes combines. Not mixed: an integer is its own hash.
    virtual void hashValues(std::span<uint64_t> out) const = 0;

    /// Appends a self-delimiting memcmp-equal encoding of the value: keys of hash tables over several columns.
    virtual void serializeKey(size_t row, std::string & out) const = 0;
    /// Reads back what serializeKey wrote, inserts it, returns the position after it.
    virtual const char * deserializeKey(const char * position) = 0;

    /// Const → full column, LowCardinality → its values; itself otherwise.
    virtual ColumnPtr materialize() const { return shared_from_this(); }

    virtual bool isNullAt(size_t row) const { return false; }
    /// Bytes of a String or FixedString (also LowCardinality or Const of them) value; throws for other kinds.
    virtual std::string_view stringAt(size_t row) const;

protected:
    Column() = default;
    Column(const Column &) = default;

    /// The slow path of a column that is given another kind: takes the values out of Const and LowCardinality,
    /// throws ILLEGAL_COLUMN for anything else.
    void insertRangeUnwrapped(const Column & source, size_t start, size_t count);
    int compareUnwrapped(size_t row, size_t other_row, const Column & other, int nan_direction) const;
};

/// How many rows a filter keeps.
size_t countSelected(const Filter & filter);

template <typename T>
const T & columnAs(const Column & column)
{
    auto * typed = dynamic_cast<const T *>(&column);
    CHECK(typed, "column is {}", column.name());
    return *typed;
}

template <typename T>
const T * tryColumnAs(const Column & column)
{
    return dynamic_cast<const T *>(&column);
}

/// The final mix of a 64-bit hash (MurmurHash3 fmix64) and its combination with the next value.
inline uint64_t mixHash(uint64_t x)
{
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdULL;
    x ^= x >> 33;
    x *= 0xc4ceb9fe1a85ec53ULL;
    x ^= x >> 33;
    return x;
}
inline uint64_t combineHash(uint64_t seed, uint64_t value)
{
    return mixHash(seed * 0x9e3779b97f4a7c15ULL + value);
}

}
