#pragma once
// Conversion of whole columns between types, by the rules of ClickHouse's CAST. Called by castColumn() (and so by the
// analyzer, INSERT and the set operations), by the toX() functions and by functions that need a common type.
//
// castColumn() with rules peels Const, LowCardinality and Nullable and then calls one of the castX() below with plain
// columns. `failed` decides what a value does that cannot be converted: null → throw; else the row is marked and
// holds the default (toXOrNull, toXOrZero, accurateCastOrNull).

#include "functions/FunctionSpec.h"

namespace mangrove
{

struct CastRules
{
    bool accurate = false;                /// a number that does not fit fails instead of wrapping
    PodVector<uint8_t> * failed = nullptr; /// one byte a row, zeroed by the caller
};

ColumnPtr castColumn(const ColumnWithType & from, const DataTypePtr & to, bool accurate);
/// Never throws for a bad value: rows that cannot be converted are set in `failed` and hold the default.
ColumnPtr tryCastColumn(const ColumnWithType & from, const DataTypePtr & to, bool accurate,
    PodVector<uint8_t> & failed);

// The parts. `column` is full; neither type is Nullable or LowCardinality.
ColumnPtr castPlain(const ColumnPtr & column, const DataTypePtr & from, const DataTypePtr & to,
    const CastRules & rules);
/// Numbers, dates, enums and intervals to a number, Bool, Date, DateTime, DateTime64 or enum.
ColumnPtr castNumber(const ColumnPtr & column, const DataTypePtr & from, const DataTypePtr & to,
    const CastRules & rules);
ColumnPtr castFromString(const ColumnPtr & column, const DataTypePtr & from, const DataTypePtr & to,
    const CastRules & rules);
ColumnPtr castToString(const ColumnPtr & column, const DataTypePtr & from);
ColumnPtr castContainer(const ColumnPtr & column, const DataTypePtr & from, const DataTypePtr & to,
    const CastRules & rules);

[[noreturn]] void throwCannotCast(const DataType & from, const DataType & to);

}
