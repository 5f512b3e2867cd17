#pragma once
// One dictionary for a column of several parts, so that merged rows are codes and never strings. Built from the parts'
// own dictionaries before the merge; sorted if the column is a sort key, so that codes compare as values do.

#include "parts/PartReader.h"

#include <map>

namespace mangrove
{

class SharedDictionaries
{
public:
    /// For every dictionary-coded column among `columns` that all parts have.
    SharedDictionaries(const std::vector<PartReaderPtr> & parts, const std::vector<PartColumn> & columns,
        const std::vector<std::string> & sorted);

    /// Columns of a block read from part number `part` with keep_dictionary: codes translated where the dictionary is
    /// shared, full values where the type is not LowCardinality.
    Block translate(Block block, size_t part) const;

private:
    struct Shared
    {
        ColumnPtr values;
        std::vector<ColumnPtr> part_dictionaries; /// held: their addresses identify them
        std::vector<PodVector<uint32_t>> codes;   /// by part, by the part's code
    };
    static Shared share(std::vector<ColumnPtr> dictionaries, bool sorted);

    std::map<std::string, Shared> shared_;
};

}
