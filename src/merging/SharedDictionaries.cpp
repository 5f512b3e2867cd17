#include "merging/SharedDictionaries.h"

#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnNullable.h"

#include <algorithm>
#include <numeric>

namespace mangrove
{

namespace
{

/// Beyond this many values in all dictionaries together, building a shared one costs more than it saves.
constexpr size_t values_max = 64 << 20;

bool sameKind(const Column & a, const Column & b)
{
    return a.kind() == b.kind() && a.name() == b.name();
}

}

SharedDictionaries::SharedDictionaries(const std::vector<PartReaderPtr> & parts,
    const std::vector<PartColumn> & columns, const std::vector<std::string> & sorted)
{
    for (const auto & column : columns)
    {
        std::vector<ColumnPtr> dictionaries;
        size_t values = 0;
        for (const auto & part : parts)
        {
            if (!part->hasColumn(column.name) || !part->typeOf(column.name)->equals(*column.type))
                break;
            ColumnPtr dictionary = part->dictionary(column.name);
            if (!dictionary || (!dictionaries.empty() && !sameKind(*dictionaries[0], *dictionary)))
                break;
            values += dictionary->size();
            dictionaries.push_back(std::move(dictionary));
        }
        if (dictionaries.size() != parts.size() || values > values_max)
            continue;
        bool sort = std::count(sorted.begin(), sorted.end(), column.name) > 0;
        shared_.emplace(column.name, share(std::move(dictionaries), sort));
    }
}

SharedDictionaries::Shared SharedDictionaries::share(std::vector<ColumnPtr> dictionaries, bool sorted)
{
    Shared shared;
    auto * nullable = tryColumnAs<ColumnNullable>(*dictionaries[0]);
    ColumnLowCardinality all(nullable ? static_cast<const Column &>(*nullable) : *dictionaries[0]);
    std::vector<PodVector<uint32_t>> codes;
    for (const auto & dictionary : dictionaries)
    {
        size_t begin = all.size();
        for (size_t i = 0; i < dictionary->size(); ++i)
            all.insertFrom(*ColumnLowCardinality::create(dictionary, {static_cast<uint32_t>(i)}), 0);
        codes.emplace_back(all.codes().begin() + begin, all.codes().end());
    }
    ColumnPtr values = all.dictionaryPtr();
    if (sorted && !nullable)
    {
        /// The default value is the least of strings and unsigned numbers, so row 0 stays where it must be.
        PodVector<uint32_t> order(values->size());
        std::iota(order.begin(), order.end(), 0);
        std::sort(order.begin() + 1, order.end(),
            [&](uint32_t a, uint32_t b) { return values->compareAt(a, b, *values, 1) < 0; });
        PodVector<uint32_t> rank(order.size());
        for (size_t i = 0; i < order.size(); ++i)
            rank[order[i]] = static_cast<uint32_t>(i);
        values = values->gather(order);
        for (auto & part_codes : codes)
            for (auto & code : part_codes)
                code = rank[code];
    }
    shared.values = std::move(values);
    shared.codes = std::move(codes);
    shared.part_dictionaries = std::move(dictionaries);
    return shared;
}

Block SharedDictionaries::translate(Block block, size_t part) const
{
    for (size_t i = 0; i < block.columnCount(); ++i)
    {
        ColumnWithType column = block.at(i);
        auto * coded = tryColumnAs<ColumnLowCardinality>(*column.column);
        if (!coded)
            continue;
        auto found = shared_.find(column.name);
        if (found == shared_.end() || found->second.codes[part].size() != coded->dictionary().size())
        {
            if (!column.type->isLowCardinality())
                column.column = column.column->materialize();
        }
        else
        {
            const auto & translation = found->second.codes[part];
            PodVector<uint32_t> codes(coded->size());
            for (size_t row = 0; row < codes.size(); ++row)
                codes[row] = translation[coded->codes()[row]];
            column.column = ColumnLowCardinality::create(found->second.values, std::move(codes));
        }
        block.set(i, std::move(column));
    }
    return block;
}

}
