#pragma once
// The right side of IN: distinct rows of one or more columns. Filled once (insert), then immutable and thread-safe.
// NULLs are never members. Integers and fixed-width values of one column are hashed as they are, the rest through
// Column::serializeKey.

#include "types/DataType.h"

#include <memory>

namespace mangrove
{

class Set
{
public:
    explicit Set(DataTypes types); /// without LowCardinality and Nullable
    ~Set();

    /// One column per type, possibly Nullable; rows with a NULL are left out.
    void insert(const Columns & columns);
    /// 1 where the row is a member. Columns may be LowCardinality or Nullable.
    Filter contains(const Columns & columns, size_t rows) const;

    size_t size() const;
    const DataTypes & types() const { return types_; }
    /// The distinct rows, one column per type.
    const Columns & elements() const { return elements_; }

private:
    struct Index;
    DataTypes types_;
    Columns elements_;
    std::unique_ptr<Index> index_;
};

}
