#include "functions/Set.h"

#include "columns/ColumnConst.h"
#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnNullable.h"

#include <boost/unordered/unordered_flat_set.hpp>

#include <functional>
#include <string>

namespace mangrove
{

namespace
{

const Column & withoutNullable(const Column & column)
{
    auto * nullable = tryColumnAs<ColumnNullable>(column);
    return nullable ? nullable->nested() : column;
}

}

/// The keys one after another, and a hash table of their numbers: a string of its own for each would take several times
/// as much in a set of a million.
struct Set::Index
{
    struct Hash
    {
        using is_transparent = void;
        const Index * index;
        size_t operator()(std::string_view key) const { return mixHash(std::hash<std::string_view>()(key)); }
        size_t operator()(uint32_t number) const { return (*this)(index->keyAt(number)); }
    };
    struct Equal
    {
        using is_transparent = void;
        const Index * index;
        bool operator()(uint32_t a, uint32_t b) const { return a == b; } // keys are distinct
        bool operator()(std::string_view key, uint32_t number) const { return key == index->keyAt(number); }
        bool operator()(uint32_t number, std::string_view key) const { return key == index->keyAt(number); }
    };

    std::string_view keyAt(uint32_t number) const
    {
        uint64_t begin = number ? ends[number - 1] : 0;
        return {bytes.data() + begin, ends[number] - begin};
    }
    bool contains(std::string_view key) const { return numbers.contains(key); }
    /// False if it is there.
    bool insert(std::string_view key)
    {
        if (contains(key))
            return false;
        CHECK(ends.size() < UINT32_MAX, "a set of {} rows", ends.size());
        bytes.insert(bytes.end(), key.begin(), key.end());
        ends.push_back(bytes.size());
        numbers.insert(static_cast<uint32_t>(ends.size() - 1));
        return true;
    }

    PodVector<char> bytes;
    Offsets ends;
    boost::unordered_flat_set<uint32_t, Hash, Equal> numbers{0, Hash{this}, Equal{this}};
};

Set::Set(DataTypes types) : types_(std::move(types)), index_(std::make_unique<Index>())
{
    for (const auto & type : types_)
        elements_.push_back(type->createColumn());
}

Set::~Set() = default;

void Set::insert(const Columns & columns)
{
    CHECK(columns.size() == types_.size());
    Columns full;
    for (const auto & column : columns)
        full.push_back(column->materialize());
    std::vector<MutableColumnPtr> grown;
    for (const auto & element : elements_)
    {
        auto copy = element->cloneEmpty();
        copy->insertRangeFrom(*element, 0, element->size());
        grown.push_back(copy);
    }
    std::string key;
    size_t rows = full.empty() ? 0 : full[0]->size();
    for (size_t row = 0; row < rows; ++row)
    {
        key.clear();
        bool null = false;
        for (const auto & column : full)
        {
            null = null || column->isNullAt(row);
            withoutNullable(*column).serializeKey(row, key);
        }
        if (null || !index_->insert(key))
            continue;
        for (size_t i = 0; i < full.size(); ++i)
            grown[i]->insertFrom(withoutNullable(*full[i]), row);
    }
    elements_.assign(grown.begin(), grown.end());
}

Filter Set::contains(const Columns & columns, size_t rows) const
{
    CHECK(columns.size() == types_.size());
    Filter result(rows, 0);
    if (index_->ends.empty() || rows == 0)
        return result;
    // Over one dictionary: test its values, then look up codes.
    if (auto * low = columns.size() == 1 ? tryColumnAs<ColumnLowCardinality>(*columns[0]) : nullptr; low
        && low->dictionary().size() <= rows)
    {
        auto matches = contains({low->dictionaryPtr()}, low->dictionary().size());
        for (size_t row = 0; row < rows; ++row)
            result[row] = matches[low->codes()[row]];
        return result;
    }
    Columns full;
    for (const auto & column : columns)
        full.push_back(column->materialize());
    std::string key;
    for (size_t row = 0; row < rows; ++row)
    {
        key.clear();
        bool null = false;
        for (const auto & column : full)
        {
            null = null || column->isNullAt(row);
            withoutNullable(*column).serializeKey(row, key);
        }
        result[row] = !null && index_->contains(key);
    }
    return result;
}

size_t Set::size() const
{
    return index_->ends.size();
}

}
