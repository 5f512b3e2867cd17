#include "parts/MapMatchReader.h"

#include "columns/ColumnArray.h"
#include "columns/ColumnLowCardinality.h"
#include "types/DataTypes.h"

#include <algorithm>

namespace mangrove
{

MapMatchReader::MapMatchReader(std::shared_ptr<const MapReader> map, MapReader::View view, ValueTestPtr test)
    : map_(std::move(map)), view_(view), test_(std::move(test))
{
}

bool MapMatchReader::Child::mayMatch(size_t page, PageSource & source) const
{
    return !coded || !coded->isCoded(page, source) || matches->any;
}

std::optional<std::vector<MapMatchReader::Child>> MapMatchReader::children(PageSource & source) const
{
    std::vector<Child> result;
    auto add = [&](const ColumnReader & reader)
    { result.push_back({&reader, dynamic_cast<const DictionaryReader *>(&reader), nullptr}); };
    if (view_ == MapReader::View::Keys)
        add(*map_->residual_keys_);
    else
    {
        add(*map_->residual_values_);
        for (size_t i = 0; i < map_->names_.size(); ++i)
            add(*map_->shredded(i));
    }
    /// All dictionaries in one step, should they not be in memory.
    for (const auto & child : result)
        if (child.coded)
            child.coded->wantDictionary(source);
    source.fetch();
    for (auto & child : result)
    {
        if (!child.coded)
            continue;
        child.matches = test_->testDictionary(child.coded->wholeDictionary(source));
        if (!child.matches)
            return std::nullopt;
    }
    return result;
}

void MapMatchReader::want(PageRange pages, PageSource & source) const
{
    map_->shape_codes_->want(pages, source);
    auto all = children(source);
    if (!all)
        return map_->view(view_)->want(pages, source);
    for (const auto & child : *all)
    {
        if (child.coded)
            child.coded->wantPages(pages, child.matches->any, source);
        else
            child.reader->want(pages, source);
    }
}

bool MapMatchReader::testPage(const Child & child, size_t page, PageSource & source, Filter & flags) const
{
    PageRange one{page, page + 1};
    if (child.coded && child.coded->isCoded(page, source))
    {
        if (!child.coded->pageMayMatch(page, child.matches->by_code, source))
            return false;
        PodVector<uint32_t> codes = child.coded->codes(one, source);
        flags.resize(codes.size());
        for (size_t i = 0; i < codes.size(); ++i)
            flags[i] = child.matches->by_code[codes[i]];
    }
    else if (auto * raw = child.coded ? child.coded->rawStrings() : nullptr)
        return raw->testPage(page, source, *test_, flags);
    else
        flags = test_->test(child.reader->read(one, source, false)->materialize());
    return std::find(flags.begin(), flags.end(), 1) != flags.end();
}

std::optional<PodVector<uint32_t>> MapMatchReader::matchingNames() const
{
    PodVector<uint32_t> result;
    if (view_ == MapReader::View::Values)
        return result;
    auto names = ColumnString::create();
    for (const auto & name : map_->names_)
        names->append(name);
    Filter passed;
    try
    {
        passed = test_->test(names);
    }
    catch (const Exception &)
    {
        return std::nullopt; /// of a key that none of these rows may have
    }
    for (const auto & shape : map_->shapes_)
        result.push_back(static_cast<uint32_t>(std::count_if(
            shape.begin(), shape.end(), [&](uint32_t token) { return token && passed[token - 1]; })));
    if (std::count(result.begin(), result.end(), 0u) == static_cast<ptrdiff_t>(result.size()))
        result.clear();
    return result;
}

PodVector<uint32_t> MapMatchReader::usesOf(uint32_t token) const
{
    PodVector<uint32_t> result;
    for (const auto & shape : map_->shapes_)
        result.push_back(static_cast<uint32_t>(std::count(shape.begin(), shape.end(), token)));
    return result;
}

ColumnPtr MapMatchReader::countInArrays(const Column & arrays) const
{
    const auto & array = columnAs<ColumnArray>(arrays);
    const Filter flags = test_->test(array.data().materialize());
    auto counts = ColumnUInt64::create(array.size());
    for (size_t row = 0; row < array.size(); ++row)
    {
        counts->data()[row] = 0;
        for (size_t i = array.beginOf(row); i < array.endOf(row); ++i)
            counts->data()[row] += flags[i];
    }
    return counts;
}

ColumnPtr MapMatchReader::read(PageRange pages, PageSource & source, bool) const
{
    auto all = children(source);
    auto names = matchingNames();
    if (!all || !names)
    {
        auto arrays = map_->view(view_);
        arrays->want(pages, source);
        source.fetch();
        return countInArrays(*arrays->read(pages, source, false));
    }
    auto result = ColumnUInt64::create();
    auto & counts = result->data();
    std::vector<PodVector<uint32_t>> uses(all->size()); /// by token, made when needed
    for (size_t page = pages.begin; page < pages.end; ++page)
    {
        const PageRange one{page, page + 1};
        const size_t begin = counts.size();
        counts.resize(begin + map_->shape_codes_->elements(one, source));
        std::fill(counts.begin() + begin, counts.end(), 0);
        PodVector<uint32_t> shapes;
        auto addMatching = [&](const PodVector<uint32_t> & of_shape, auto && matching)
        {
            if (shapes.empty())
                shapes = map_->shapes(one, source);
            for (size_t row = 0; row < shapes.size(); ++row)
                counts[begin + row] += matching(of_shape[shapes[row]]);
        };
        if (!names->empty())
            addMatching(*names, [](uint32_t keys) { return keys; });
        for (uint32_t token = 0; token < all->size(); ++token)
        {
            const Child & child = (*all)[token];
            Filter flags;
            if (!child.mayMatch(page, source) || !testPage(child, page, source, flags))
                continue;
            if (uses[token].empty())
                uses[token] = usesOf(token);
            size_t at = 0;
            addMatching(uses[token], [&](uint32_t values)
            {
                if (values > flags.size() - at)
                    throwCorruptedColumn(source, map_->name_, "a key has fewer values than the shapes say");
                uint32_t matching = 0;
                for (size_t end = at + values; at < end; ++at)
                    matching += flags[at];
                return matching;
            });
        }
    }
    return result;
}

ColumnPtr MapMatchReader::readRows(size_t page, std::span<const uint32_t> rows, PageSource & source, bool) const
{
    auto arrays = map_->view(view_);
    arrays->want({page, page + 1}, source);
    source.fetch();
    return countInArrays(*arrays->readRows(page, rows, source, false));
}

}
