#pragma once
// Collects, granule by granule, what lets a query skip granules: min and max, sets, bloom filters, and min and max of
// the whole part. Used by PartWriter; read back by PartReader. The results are columns with one row a granule.

#include "parts/PartDescription.h"
#include "types/Block.h"

#include <memory>
#include <unordered_set>

namespace mangrove
{

/// Least and greatest value per granule and over all, NULL and NaN left out. Numbers, dates, enums, strings and
/// LowCardinality or Nullable of these.
class MinMaxCollector
{
public:
    /// null if the type has no order that helps (arrays, maps, UUID…).
    static std::unique_ptr<MinMaxCollector> make(const DataTypePtr & type);

    void beginGranule();
    void add(const Column & column, size_t begin, size_t end);
    /// One row a granule, of valueType(). A granule without values: min > max.
    ColumnPtr mins() const { return mins_; }
    ColumnPtr maxs() const { return maxs_; }
    const DataTypePtr & valueType() const { return value_type_; }
    void finish() { finishGranule(); }
    /// Over the whole part; Null if there is no value. Strings are cut to 64 bytes, the greatest rounded up.
    Field least() const;
    Field greatest() const;

private:
    explicit MinMaxCollector(DataTypePtr value_type);
    void addStrings(const Column & column, size_t begin, size_t end);
    void finishGranule();
    template <typename Better>
    Field extreme(const Column & values, Better && better) const;

    DataTypePtr value_type_;
    MutableColumnPtr mins_;
    MutableColumnPtr maxs_;
    std::vector<uint8_t> has_values_; /// by granule
    std::string least_string_;
    std::string greatest_string_;
};

/// Hashes or values of the elements of one granule, for bloom_filter and set.
class GranuleValues
{
public:
    GranuleValues(const SkipIndex & index);
    void beginGranule();
    void add(const ColumnPtr & column, size_t begin, size_t end);
    void finish() { endGranule(); }

    ColumnPtr filters() const;  /// String: bloom filters
    ColumnPtr sets() const;     /// Array(element)
    ColumnPtr overflows() const; /// UInt8: the granule has more values than the set may hold
    const DataTypePtr & elementType() const { return element_type_; }

private:
    void addElements(const Column & column, size_t begin, size_t end);
    void endGranule();

    SkipIndex index_;
    DataTypePtr element_type_; /// without LowCardinality, Nullable
    bool open_ = false;
    std::unordered_set<uint64_t> hashes_;
    bool overflow_ = false;
    MutableColumnPtr filters_;
    MutableColumnPtr set_values_;
    MutableColumnPtr set_ends_;
    MutableColumnPtr overflows_;
};

/// The type of what a skip index over `type` holds: the element of an array, the value of a map; then without
/// LowCardinality and Nullable.
DataTypePtr indexedType(const DataTypePtr & type);

}
