#include "parts/MapWriter.h"

#include "columns/ColumnLowCardinality.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace mangrove
{

namespace
{

constexpr size_t shredded_keys_max = 1024;
/// More different shapes than this: the pairs of further new ones go to the residual as a whole.
constexpr size_t shapes_max = 1 << 14;
constexpr size_t shape_tokens_max = 1 << 20;
/// Key lists remembered between promotions, as many again as shapes.
constexpr size_t seen_rows_max = 1 << 15;
constexpr size_t known_keys_max = 1 << 16;

/// A key is frequent if at least one row in 256 of a page has it.
size_t frequentFrom(size_t rows)
{
    return std::max<size_t>(4, rows / 256);
}

uint64_t hashOf(std::span<const uint32_t> keys)
{
    uint64_t hash = keys.size();
    for (uint32_t key : keys)
        hash = (hash ^ key) * 0x9e3779b97f4a7c15ULL;
    return mixHash(hash);
}

}

MapWriter::MapWriter(const DataTypePtr & key, const DataTypePtr & value, const ColumnWriteSettings & settings)
    : key_type_(removeLowCardinality(key)),
      value_type_(value),
      settings_(settings),
      key_codes_(key_type_, false),
      shape_stream_(sizeof(uint32_t), false, settings.compression.withoutForced()),
      residual_keys_(key_type_, false, false, settings.compression.withoutForced()),
      residual_values_(makeColumnWriter(value, settings))
{
    seen_slots_.resize(1024, 0);
}

void MapWriter::collectKeys(const ColumnMap & map, const RowChoice & rows)
{
    const auto & pairs = map.pairs();
    constexpr size_t ahead = 16; // rows from all over a large column: each is a cache miss
    const uint64_t * offsets = pairs.offsets().data();
    page_pairs_.clear();
    for (size_t i = 0; i < rows.count; ++i)
    {
        if (i + ahead < rows.count)
            __builtin_prefetch(offsets + rows[i + ahead]);
        size_t begin = pairs.beginOf(rows[i]);
        size_t at = page_pairs_.size();
        page_pairs_.resize(at + pairs.endOf(rows[i]) - begin);
        std::iota(page_pairs_.begin() + static_cast<ptrdiff_t>(at), page_pairs_.end(), static_cast<uint32_t>(begin));
    }
    key_codes_.encode(map.keysPtr(), RowChoice::of(page_pairs_), page_keys_);
    keys_.resize(key_codes_.size());
    for (auto & key : keys_)
        key.count_in_page = 0;
    for (uint32_t key : page_keys_)
        ++keys_[key].count_in_page;
}

void MapWriter::promoteFrequentKeys(size_t rows)
{
    bool promoted = false;
    for (uint32_t code = 0; code < keys_.size(); ++code)
    {
        Key & key = keys_[code];
        if (key.shredded != UINT32_MAX || key.count_in_page < frequentFrom(rows)
            || shredded_.size() >= shredded_keys_max)
            continue;
        key.shredded = static_cast<uint32_t>(shredded_.size());
        auto writer = makeColumnWriter(value_type_, settings_);
        writer->writeEmptyPages(pages_, value_type_);
        shredded_.push_back({std::string(key_codes_.valueBytes(code)), std::move(writer), {}});
        promoted = true;
    }
    if (promoted || seen_.size() > seen_rows_max)
        forgetSeen();
}

uint32_t MapWriter::shapeOf(std::span<const uint32_t> keys)
{
    uint64_t hash = hashOf(keys);
    size_t mask = seen_slots_.size() - 1;
    for (size_t slot = hash & mask; seen_slots_[slot]; slot = (slot + 1) & mask)
    {
        const SeenRow & seen = seen_[seen_slots_[slot] - 1];
        if (seen.hash == hash && seen.size == keys.size()
            && std::equal(keys.begin(), keys.end(), seen_keys_.begin() + seen.begin))
            return seen.shape;
    }
    return addShape(keys, hash);
}

uint32_t MapWriter::addShape(std::span<const uint32_t> keys, uint64_t hash)
{
    bool full = shapes_.size() >= shapes_max || keys.size() > shape_tokens_max / 16;
    std::vector<uint32_t> tokens;
    for (uint32_t key : keys)
        tokens.push_back(full || keys_[key].shredded == UINT32_MAX ? 0 : keys_[key].shredded + 1);
    std::string text(reinterpret_cast<const char *>(tokens.data()), tokens.size() * sizeof(uint32_t));
    auto [place, is_new] = shape_codes_.emplace(text, shapes_.size());
    if (is_new)
        shapes_.push_back(std::move(tokens));
    if (seen_.size() <= seen_rows_max)
    {
        seen_.push_back(
            {hash, static_cast<uint32_t>(seen_keys_.size()), static_cast<uint32_t>(keys.size()), place->second});
        seen_keys_.insert(seen_keys_.end(), keys.begin(), keys.end());
        placeSeen();
    }
    return place->second;
}

void MapWriter::placeSeen()
{
    size_t first = seen_.size() - 1;
    if (seen_.size() * 2 > seen_slots_.size())
    {
        seen_slots_.assign(seen_slots_.size() * 2, 0);
        first = 0;
    }
    size_t mask = seen_slots_.size() - 1;
    for (size_t i = first; i < seen_.size(); ++i)
    {
        size_t slot = seen_[i].hash & mask;
        while (seen_slots_[slot])
            slot = (slot + 1) & mask;
        seen_slots_[slot] = static_cast<uint32_t>(i + 1);
    }
}

void MapWriter::forgetSeen()
{
    seen_.clear();
    seen_keys_.clear();
    std::fill(seen_slots_.begin(), seen_slots_.end(), 0);
}

void MapWriter::forgetRareKeys()
{
    PartDictionary fresh(key_type_, false);
    auto names = key_type_->createColumn();
    for (const auto & key : shredded_)
        appendValueBytes(*names, key.name);
    PodVector<uint32_t> codes;
    fresh.encode(names, RowChoice::range(0, names->size()), codes);
    keys_.assign(fresh.size(), Key{});
    for (size_t i = 0; i < codes.size(); ++i)
        keys_[codes[i]].shredded = static_cast<uint32_t>(i);
    key_codes_ = std::move(fresh);
    forgetSeen();
}

void MapWriter::writePage(const ColumnPtr & column, size_t begin, size_t end)
{
    writeChosen(column, RowChoice::range(begin, end));
}

void MapWriter::writeRows(const ColumnPtr & column, std::span<const uint32_t> rows)
{
    writeChosen(column, RowChoice::of(rows));
}

void MapWriter::writeChosen(const ColumnPtr & column, const RowChoice & rows)
{
    ColumnPtr full = column->materialize();
    const auto & map = columnAs<ColumnMap>(*full);
    const auto & pairs = map.pairs();
    collectKeys(map, rows);
    promoteFrequentKeys(rows.count);

    PodVector<uint32_t> row_shapes(rows.count);
    size_t at = 0;
    for (size_t i = 0; i < rows.count; ++i)
    {
        size_t size = pairs.endOf(rows[i]) - pairs.beginOf(rows[i]);
        uint32_t shape = row_shapes[i] = shapeOf(std::span(page_keys_.data() + at, size));
        for (uint32_t token : shapes_[shape])
            (token ? shredded_[token - 1].rows : residual_rows_).push_back(page_pairs_[at++]);
    }

    shape_stream_.writeValues(std::span<const uint32_t>(row_shapes));
    for (auto & key : shredded_)
    {
        key.values->writeRows(map.valuesPtr(), key.rows);
        key.rows.clear();
    }
    residual_keys_.writeRows(map.keysPtr(), residual_rows_);
    residual_values_->writeRows(map.valuesPtr(), residual_rows_);
    residual_rows_.clear();
    ++pages_;
    if (key_codes_.size() > known_keys_max)
        forgetRareKeys();
}

void MapWriter::finish()
{
    for (auto & key : shredded_)
        key.values->finish();
    residual_keys_.finish();
    residual_values_->finish();
}

void MapWriter::collectStreams(std::vector<StreamToPlace> & to)
{
    shape_stream_.collectStreams(to);
    for (auto & key : shredded_)
        key.values->collectStreams(to);
    residual_keys_.collectStreams(to);
    residual_values_->collectStreams(to);
}

void MapWriter::writeHeader(WriteBuffer & out) const
{
    out.writeByte(static_cast<char>(NodeKind::Map));
    shape_stream_.writeHeader(out);
    out.writeVarUInt(shredded_.size());
    for (const auto & key : shredded_)
        out.writeString(key.name);
    out.writeString(encodeShapes(shapes_));
    /// Behind their sizes: a reader of one key skips the others.
    for (const auto & key : shredded_)
    {
        WriteBuffer header;
        key.values->writeHeader(header);
        out.writeString(header.str());
    }
    residual_keys_.writeHeader(out);
    residual_values_->writeHeader(out);
}

uint64_t MapWriter::bytes() const
{
    uint64_t total = shape_stream_.bytes() + residual_keys_.bytes() + residual_values_->bytes();
    for (const auto & key : shredded_)
        total += key.values->bytes();
    return total;
}

ColumnPtr withCodedKeys(const ColumnPtr & column)
{
    auto * map = tryColumnAs<ColumnMap>(*column);
    auto * keys = map ? tryColumnAs<ColumnString>(*map->keysPtr()) : nullptr;
    if (!keys)
        return column;
    ValueDictionary dictionary;
    dictionary.codeOf("");
    PodVector<uint32_t> codes(keys->size());
    for (size_t i = 0; i < codes.size(); ++i)
    {
        codes[i] = dictionary.codeOf(keys->at(i));
        if (dictionary.size() > known_keys_max)
            return column;
    }
    auto values = ColumnString::create();
    for (uint32_t code = 0; code < dictionary.size(); ++code)
        values->append(dictionary.at(code));
    return ColumnMap::create(
        ColumnLowCardinality::create(values, std::move(codes)), map->valuesPtr(), map->pairs().offsetsPtr());
}

ColumnPtr withFullKeys(const ColumnPtr & column)
{
    auto * map = tryColumnAs<ColumnMap>(*column);
    if (!map || map->keysPtr()->kind() != ColumnKind::LowCardinality)
        return column;
    return ColumnMap::create(map->keysPtr()->materialize(), map->valuesPtr(), map->pairs().offsetsPtr());
}

std::string encodeShapes(const std::vector<std::vector<uint32_t>> & shapes)
{
    WriteBuffer out;
    out.writeVarUInt(shapes.size());
    for (const auto & tokens : shapes)
    {
        out.writeVarUInt(tokens.size());
        for (size_t i = 0; i < tokens.size();)
        {
            out.writeVarUInt(tokens[i]);
            if (tokens[i])
            {
                ++i;
                continue;
            }
            size_t run = 1;
            while (i + run < tokens.size() && tokens[i + run] == 0)
                ++run;
            out.writeVarUInt(run);
            i += run;
        }
    }
    return out.take();
}

std::vector<std::vector<uint32_t>> decodeShapes(std::string_view bytes, size_t shredded_keys)
{
    ReadBuffer in(bytes);
    uint64_t count = in.readVarUInt();
    if (count > in.available())
        throwCorrupted("more map shapes than bytes");
    std::vector<std::vector<uint32_t>> shapes(count);
    constexpr uint64_t all_tokens_max = 1ULL << 28;
    uint64_t all_tokens = 0;
    for (auto & tokens : shapes)
    {
        uint64_t size = in.readVarUInt();
        all_tokens += size;
        if (size > page_elements_max || all_tokens > all_tokens_max)
            throwCorrupted("map shape is too long");
        while (tokens.size() < size)
        {
            uint64_t token = in.readVarUInt();
            if (token > shredded_keys)
                throwCorrupted("map shape names a key that is not there");
            uint64_t run = token ? 1 : in.readVarUInt();
            if (run == 0 || run > size - tokens.size())
                throwCorrupted("map shape with a wrong run");
            tokens.insert(tokens.end(), run, static_cast<uint32_t>(token));
        }
    }
    return shapes;
}

}
