#pragma once
// What the conjuncts of a filter say about single columns: bounds and sets of values. Used to leave out parts (by
// the ranges in the catalog) and granules (by primary index, min-max, skip indexes). Conservative: "may match" when
// in doubt. Immutable after construction; thread-safe.

#include "planner/Plan.h"

namespace mangrove
{

/// column OP value(s); values are of the column's type without LowCardinality and Nullable, one row each.
struct ColumnAtom
{
    enum class Op : uint8_t { Less, LessOrEqual, Greater, GreaterOrEqual, AnyOf };
    std::string column; /// in the table
    Op op;
    ColumnPtr values;   /// AnyOf: the set; otherwise one row

    /// Can a value of [min, max] (rows of columns) satisfy the atom?
    bool mayMatch(const Column & min, size_t min_row, const Column & max, size_t max_row) const;
};

class KeyCondition
{
public:
    /// `filters` over ids of `read`.
    explicit KeyCondition(const ReadPartsStep & read);

    const std::vector<ColumnAtom> & atoms() const { return atoms_; }
    /// Values that map['key'] must be one of: for skip indexes over mapValues(map).
    struct MapAtom
    {
        std::string map;
        ColumnPtr values;
    };
    const std::vector<MapAtom> & mapAtoms() const { return map_atoms_; }

    /// By the ranges that the catalog keeps of the part.
    bool partMayMatch(const PartInfo & part) const;
    /// Granules (as row ranges, neighbours joined) that may hold matching rows. `schema_version`: the part's.
    std::vector<RowRange> selectGranules(const PartReader & part, uint32_t schema_version) const;

private:
    void addAtom(const ReadPartsStep & read, const ExpressionPtr & conjunct);
    void selectByPrimaryKey(const PartReader & part, Filter & keep) const;
    void selectByMinMax(const PartReader & part, uint32_t schema_version, Filter & keep) const;
    void selectBySkipIndexes(const PartReader & part, uint32_t schema_version, Filter & keep) const;

    const PartsTable & table_;
    std::vector<ColumnAtom> atoms_;
    std::vector<MapAtom> map_atoms_;
    /// Per primary key column, the atoms on its values: those of the column, or carried through its expression.
    std::vector<std::vector<ColumnAtom>> key_atoms_;
};

/// The value of one column as PartInfo::ranges keeps it (Column::serializeKey), and back.
std::string encodeRangeValue(const Column & column, size_t row);
ColumnPtr decodeRangeValue(const std::string & bytes, const DataTypePtr & type);

}
