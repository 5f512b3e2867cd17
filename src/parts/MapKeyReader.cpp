#include "parts/MapKeyReader.h"

#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnVector.h"
#include "types/DataTypes.h"

#include <algorithm>

namespace mangrove
{

MapKeyReader::MapKeyReader(std::shared_ptr<const MapReader> map, const std::string & key, bool has_key)
    : map_(std::move(map)), key_(key), has_key_(has_key), uses_(map_->shapes_.size(), 0)
{
    auto found = map_->positions_.find(key_);
    if (found == map_->positions_.end())
        return;
    token_ = found->second + 1;
    for (size_t shape = 0; shape < uses_.size(); ++shape)
        uses_[shape] =
            static_cast<uint32_t>(std::count(map_->shapes_[shape].begin(), map_->shapes_[shape].end(), token_));
}

bool MapKeyReader::mayBeInResidual(PageSource & source) const
{
    ColumnPtr names = map_->residual_keys_->dictionary(source);
    for (size_t i = 0; i < names->size(); ++i)
        if (names->stringAt(i) == key_)
            return !key_.empty() || names->size() > 1 || map_->residual_keys_->hasCodes(source);
    return false;
}

void MapKeyReader::want(PageRange pages, PageSource & source) const
{
    map_->shape_codes_->want(pages, source);
    if (token_ && !has_key_)
        map_->shredded(token_ - 1)->want(pages, source);
    if (!mayBeInResidual(source))
        return;
    map_->residual_keys_->want(pages, source);
    if (!has_key_)
        map_->residual_values_->want(pages, source);
}

MapKeyReader::Places MapKeyReader::places(PageRange pages, PageSource & source) const
{
    PodVector<uint32_t> shapes = map_->shapes(pages, source);
    Places places;
    places.shredded.resize(shapes.size(), absent);
    uint32_t cursor = 0;
    if (token_)
        for (size_t row = 0; row < shapes.size(); ++row)
            if (uint32_t uses = uses_[shapes[row]])
            {
                places.shredded[row] = cursor;
                cursor += uses;
            }
    if (!mayBeInResidual(source))
        return places;
    ColumnPtr keys = map_->residual_keys_->read(pages, source, true);
    const auto & coded = columnAs<ColumnLowCardinality>(*keys);
    uint32_t code = absent;
    for (size_t i = 0; i < coded.dictionary().size(); ++i)
        if (coded.dictionary().stringAt(i) == key_)
            code = static_cast<uint32_t>(i);
    if (std::find(coded.codes().begin(), coded.codes().end(), code) == coded.codes().end())
        return places;
    places.residual.resize(shapes.size(), absent);
    size_t at = 0;
    for (size_t row = 0; row < shapes.size(); ++row)
        for (uint32_t token : map_->shapes_[shapes[row]])
        {
            if (token)
                continue;
            if (at >= coded.size())
                throwCorruptedColumn(source, map_->name_, "there are fewer rare keys than the shapes say");
            if (coded.codes()[at] == code && places.residual[row] == absent)
                places.residual[row] = static_cast<uint32_t>(at);
            ++at;
        }
    return places;
}

ColumnPtr MapKeyReader::make(PageRange pages, const Places & places, PageSource & source, bool keep_dictionary) const
{
    size_t rows = places.shredded.size();
    if (has_key_)
    {
        auto result = ColumnUInt8::create(rows);
        for (size_t row = 0; row < rows; ++row)
            result->data()[row] =
                places.shredded[row] != absent || (!places.residual.empty() && places.residual[row] != absent);
        return result;
    }
    const DataTypePtr & type = map_->value_type_;
    ColumnPtr values = token_ ? map_->shredded(token_ - 1)->read(pages, source, true) : ColumnPtr(type->createColumn());
    for (uint32_t place : places.shredded)
        if (place != absent && place >= values->size())
            throwCorruptedColumn(source, map_->name_, "a key has fewer values than the shapes say");

    auto * coded = tryColumnAs<ColumnLowCardinality>(*values);
    if (coded && places.residual.empty())
    {
        /// Code 0 is the default, which is what an absent key reads as.
        PodVector<uint32_t> codes(rows);
        for (size_t row = 0; row < rows; ++row)
            codes[row] = places.shredded[row] == absent ? 0 : coded->codes()[places.shredded[row]];
        auto result = ColumnLowCardinality::create(coded->dictionaryPtr(), std::move(codes));
        return keep_dictionary || type->isLowCardinality() ? ColumnPtr(result) : result->materialize();
    }
    if (!type->isLowCardinality())
        values = values->materialize();
    MutableColumnPtr all = type->createColumn();
    all->insertDefault();
    all->insertRangeFrom(*values, 0, values->size());
    auto residual_begin = static_cast<uint32_t>(all->size());
    if (!places.residual.empty())
    {
        ColumnPtr residual = map_->residual_values_->read(pages, source, type->isLowCardinality());
        for (uint32_t place : places.residual)
            if (place != absent && place >= residual->size())
                throwCorruptedColumn(source, map_->name_, "there are fewer values of rare keys than the shapes say");
        all->insertRangeFrom(*residual, 0, residual->size());
    }
    PodVector<uint32_t> order(rows);
    for (size_t row = 0; row < rows; ++row)
    {
        if (places.shredded[row] != absent)
            order[row] = 1 + places.shredded[row];
        else
            order[row] =
                places.residual.empty() || places.residual[row] == absent ? 0 : residual_begin + places.residual[row];
    }
    return all->gather(order);
}

ColumnPtr MapKeyReader::read(PageRange pages, PageSource & source, bool keep_dictionary) const
{
    return make(pages, places(pages, source), source, keep_dictionary);
}

ColumnPtr MapKeyReader::readRows(
    size_t page, std::span<const uint32_t> rows, PageSource & source, bool keep_dictionary) const
{
    ColumnPtr all = read({page, page + 1}, source, keep_dictionary);
    if (!rows.empty() && rows.back() >= all->size())
        throwCorruptedColumn(source, map_->name_, "a page has too few rows");
    return all->gather(rows);
}

ColumnPtr MapKeyReader::dictionary(PageSource & source) const
{
    if (has_key_ || mayBeInResidual(source))
        return nullptr;
    if (token_)
        return map_->shredded(token_ - 1)->dictionary(source);
    MutableColumnPtr only_default = removeLowCardinality(map_->value_type_)->createColumn();
    only_default->insertDefault();
    return only_default;
}

void MapKeyReader::wantFilter(PageRange pages, PageSource & source) const
{
    if (token_)
        map_->shredded(token_ - 1)->wantFilter(pages, source);
}

void MapKeyReader::filterByDictionary(PageRange pages, const Filter & matches, PageSource & source, uint8_t * to) const
{
    CHECK(!matches.empty());
    const auto * child = token_ ? &dynamic_cast<const DictionaryReader &>(*map_->shredded(token_ - 1)) : nullptr;
    /// Which rows have the key matters where one of its values matches, or its absence does.
    std::vector<bool> mixed(pages.end - pages.begin);
    for (size_t page = pages.begin; child && page < pages.end; ++page)
        if (matches[0] || child->pageMayMatch(page, matches, source))
        {
            mixed[page - pages.begin] = true;
            map_->shape_codes_->want({page, page + 1}, source);
        }
    source.fetch();
    Filter values;
    for (size_t page = pages.begin; page < pages.end; ++page)
    {
        const PageRange one{page, page + 1};
        uint8_t * const rows_begin = to;
        to += map_->shape_codes_->elements(one, source);
        std::fill(rows_begin, to, matches[0]);
        if (!mixed[page - pages.begin])
            continue;
        values.resize(child->rows(one, source));
        child->filterByDictionary(one, matches, source, values.data());
        if (!matches[0] && std::find(values.begin(), values.end(), 1) == values.end())
            continue;
        spread(page, values, source, rows_begin);
    }
}

void MapKeyReader::spread(size_t page, const Filter & values, PageSource & source, uint8_t * to) const
{
    const PodVector<uint32_t> shapes = map_->shapes({page, page + 1}, source);
    size_t cursor = 0;
    for (size_t row = 0; row < shapes.size(); ++row)
        if (const uint32_t uses = uses_[shapes[row]])
        {
            if (cursor >= values.size())
                throwCorruptedColumn(source, map_->name_, "a key has fewer values than the shapes say");
            to[row] = values[cursor];
            cursor += uses;
        }
}

Filter MapKeyReader::residualCode(PageSource & source) const
{
    ColumnPtr names = map_->residual_keys_->dictionary(source);
    Filter matches(names->size());
    for (size_t i = 0; i < names->size(); ++i)
        matches[i] = names->stringAt(i) == key_;
    return matches;
}

bool MapKeyReader::filterByTest(
    PageRange pages, const ValueTest & test, PageSource & source, Filter & to, TestedPages & tested) const
{
    if (has_key_ || removeLowCardinality(map_->value_type_)->isNullable())
        return false;
    const ColumnReader * child = token_ ? map_->shredded(token_ - 1).get() : nullptr;
    Filter rare;
    if (mayBeInResidual(source))
        rare = residualCode(source);
    map_->shape_codes_->want(pages, source);
    if (child)
        child->want(pages, source);
    if (!rare.empty())
        map_->residual_keys_->want(pages, source);
    source.fetch();
    Filter values;
    for (size_t page = pages.begin; page < pages.end; ++page)
    {
        const PageRange one{page, page + 1};
        const size_t begin = to.size(), rows = map_->shape_codes_->elements(one, source);
        to.resize(begin + rows, 0);
        if (!rare.empty() && map_->residual_keys_->pageMayMatch(page, rare, source))
        {
            want(one, source);
            source.fetch();
            ColumnPtr all = read(one, source, false)->materialize();
            const Filter flags = test.test(all);
            if (flags.size() != rows)
                throwCorruptedColumn(source, map_->name_, "a page has a wrong number of rows");
            std::copy(flags.begin(), flags.end(), to.begin() + begin);
            ++tested.pages;
            tested.bytes += all->byteSize();
            continue;
        }
        values.clear();
        if (child && !child->filterByTest(one, test, source, values, tested))
            return false;
        if (std::find(values.begin(), values.end(), 1) != values.end())
            spread(page, values, source, to.data() + begin);
    }
    return true;
}

}
