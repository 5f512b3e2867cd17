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

struct StringHash
{
    using is_transparent = void;
    size_t operator()(std::string_view value) const { return mixHash(std::hash<std::string_view>()(value)); }
};

const Column & withoutNullable(const Column & column)
{
    auto * nullable = tryColumnAs<ColumnNullable>(column);
    return nullable ? nullable->nested() : column;
}

}

struct Set::Index
{
    boost::unordered_flat_set<std::string, StringHash, std::equal_to<>> keys;
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
        if (null || !index_->keys.insert(key).second)
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
    if (index_->keys.empty() || rows == 0)
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
        result[row] = !null && index_->keys.contains(std::string_view(key));
    }
    return result;
}

size_t Set::size() const
{
    return index_->keys.size();
}

}
