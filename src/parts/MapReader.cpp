#include "parts/MapReader.h"

#include "columns/ColumnArray.h"
#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnMap.h"
#include "parts/ColumnWriter.h"
#include "parts/MapKeyReader.h"
#include "parts/MapMatchReader.h"
#include "parts/MapWriter.h"
#include "types/DataTypes.h"

namespace mangrove
{

namespace
{

constexpr uint64_t shredded_keys_limit = 1 << 16;

}

/// Pairs of the rows read, by where they are stored: position i of child c is the i-th pair that c gives.
struct MapReader::Selected
{
    PageRange pages;
    bool whole = true; /// all rows of the pages; else `positions` of one page
    PodVector<uint32_t> row_shapes;
    PodVector<uint64_t> offsets;
    /// By child (residual last): how many pairs, and which of the page's if not whole.
    std::vector<uint64_t> counts;
    std::vector<PodVector<uint32_t>> positions;
};

MapReader::MapReader(const DataTypePtr & type, ReadBuffer & in, const std::string & name) : name_(name)
{
    const auto & map = typeAs<DataTypeMap>(*type);
    key_type_ = map.key();
    value_type_ = map.value();
    if (!removeLowCardinality(key_type_)->isString())
        throwCorrupted(fmt::format("{} is a shredded map without string keys", name));
    expectNode(in, static_cast<uint8_t>(NodeKind::Map), name);
    shape_codes_ = std::make_unique<NumberReader>(makeType(TypeId::UInt32), in, name + " (shapes)");
    uint64_t keys = in.readVarUInt();
    if (keys > shredded_keys_limit || keys > in.available())
        throwCorrupted(fmt::format("{} has {} shredded keys", name, keys));
    for (uint64_t i = 0; i < keys; ++i)
    {
        names_.push_back(in.readString());
        if (!positions_.emplace(names_.back(), i).second)
            throwCorrupted(fmt::format("{} has the key {} twice", name, names_.back()));
    }
    shapes_ = decodeShapes(in.readString(), keys);
    for (uint64_t i = 0; i < keys; ++i)
        headers_.push_back(in.readString());
    shredded_.resize(keys);
    residual_keys_ = std::make_unique<DictionaryReader>(removeLowCardinality(key_type_), in, name + " (rare keys)");
    residual_values_ = makeColumnReader(value_type_, in, name + " (values of rare keys)");
}

const ColumnReaderPtr & MapReader::shredded(size_t index) const
{
    std::lock_guard lock(shredded_mutex_);
    if (!shredded_[index])
    {
        ReadBuffer in(headers_[index]);
        shredded_[index] = makeColumnReader(value_type_, in, fmt::format("{}['{}']", name_, names_[index]));
    }
    return shredded_[index];
}

void MapReader::want(PageRange pages, PageSource & source) const
{
    shape_codes_->want(pages, source);
    for (size_t i = 0; i < shredded_.size(); ++i)
        shredded(i)->want(pages, source);
    residual_keys_->want(pages, source);
    residual_values_->want(pages, source);
}

PodVector<uint32_t> MapReader::shapes(PageRange pages, PageSource & source) const
{
    PodVector<uint32_t> codes;
    shape_codes_->readInto(pages, source, codes);
    uint32_t greatest = 0;
    for (uint32_t code : codes)
        greatest = std::max(greatest, code);
    if (!codes.empty() && greatest >= shapes_.size())
        throwCorruptedColumn(source, name_, "a row has a shape that is not there");
    return codes;
}

MapReader::Selected MapReader::selectAll(PageRange pages, PageSource & source) const
{
    Selected selected;
    selected.pages = pages;
    selected.row_shapes = shapes(pages, source);
    selected.counts.resize(names_.size() + 1);
    std::vector<uint32_t> uses(shapes_.size(), 0);
    selected.offsets.resize(selected.row_shapes.size());
    uint64_t total = 0;
    for (size_t row = 0; row < selected.row_shapes.size(); ++row)
    {
        uint32_t shape = selected.row_shapes[row];
        ++uses[shape];
        selected.offsets[row] = total += shapes_[shape].size();
    }
    if (total > page_elements_max * (pages.end - pages.begin))
        throwCorruptedColumn(source, name_, "the shapes claim too many pairs");
    for (size_t shape = 0; shape < shapes_.size(); ++shape)
        if (uses[shape])
            for (uint32_t token : shapes_[shape])
                selected.counts[token ? token - 1 : names_.size()] += uses[shape];
    return selected;
}

MapReader::Selected MapReader::selectRows(size_t page, std::span<const uint32_t> rows, PageSource & source) const
{
    PodVector<uint32_t> all = shapes({page, page + 1}, source);
    Selected selected;
    selected.pages = {page, page + 1};
    selected.whole = false;
    selected.counts.resize(names_.size() + 1);
    selected.positions.resize(names_.size() + 1);
    std::vector<uint32_t> cursors(names_.size() + 1, 0);
    size_t next = 0;
    uint64_t total = 0;
    for (size_t row = 0; row < all.size() && next < rows.size(); ++row)
    {
        bool taken = rows[next] == row;
        for (uint32_t token : shapes_[all[row]])
        {
            size_t child = token ? token - 1 : names_.size();
            if (taken)
                selected.positions[child].push_back(cursors[child]);
            ++cursors[child];
        }
        if (!taken)
            continue;
        total += shapes_[all[row]].size();
        for (; next < rows.size() && rows[next] == row; ++next)
        {
            selected.row_shapes.push_back(all[row]);
            selected.offsets.push_back(total);
        }
    }
    if (selected.row_shapes.size() != rows.size())
        throwCorruptedColumn(source, name_, "a page has too few rows");
    for (size_t child = 0; child < selected.counts.size(); ++child)
        selected.counts[child] = selected.positions[child].size();
    return selected;
}

ColumnPtr MapReader::readChild(
    const ColumnReader & child, size_t index, const Selected & selected, PageSource & source) const
{
    /// Dictionary codes are cheaper to assemble from than copies of values, but not for a few of very many.
    ColumnPtr column = selected.whole ? child.read(selected.pages, source, true)
                                      : child.readRows(selected.pages.begin, selected.positions[index], source, !child.hasLargeDictionary());
    if (column->size() != selected.counts[index])
        throwCorruptedColumn(source, name_, "a key has a wrong number of values");
    return column;
}

ColumnPtr MapReader::assembleKeys(const Selected & selected, PageSource & source) const
{
    size_t total = selected.offsets.empty() ? 0 : selected.offsets.back();
    ColumnPtr residual;
    if (selected.counts.back())
        residual = readChild(*residual_keys_, names_.size(), selected, source);
    if (key_type_->isLowCardinality())
    {
        auto dictionary = std::make_shared<ColumnLowCardinality>(*removeLowCardinality(key_type_)->createColumn());
        std::vector<uint32_t> codes(names_.size());
        for (size_t i = 0; i < names_.size(); ++i)
            codes[i] = dictionary->codeOf(names_[i]);
        std::vector<uint32_t> residual_codes;
        if (residual)
        {
            const Column & names = columnAs<ColumnLowCardinality>(*residual).dictionary();
            for (size_t i = 0; i < names.size(); ++i)
                residual_codes.push_back(dictionary->codeOf(names.stringAt(i)));
        }
        PodVector<uint32_t> result(total);
        size_t at = 0;
        const uint32_t * next_residual = residual ? columnAs<ColumnLowCardinality>(*residual).codes().data() : nullptr;
        for (uint32_t shape : selected.row_shapes)
            for (uint32_t token : shapes_[shape])
                result[at++] = token ? codes[token - 1] : residual_codes[*next_residual++];
        return ColumnLowCardinality::create(dictionary->dictionaryPtr(), std::move(result));
    }
    auto result = ColumnString::create();
    result->offsets().reserve(total);
    size_t residual_at = 0;
    for (uint32_t shape : selected.row_shapes)
        for (uint32_t token : shapes_[shape])
            result->append(token ? std::string_view(names_[token - 1]) : residual->stringAt(residual_at++));
    return result;
}

ColumnPtr MapReader::assembleValues(const Selected & selected, PageSource & source) const
{
    size_t total = selected.offsets.empty() ? 0 : selected.offsets.back();
    std::vector<ColumnPtr> children(names_.size() + 1);
    for (size_t i = 0; i < children.size(); ++i)
        if (selected.counts[i])
            children[i] = readChild(i < names_.size() ? *shredded(i) : *residual_values_, i, selected, source);

    if (value_type_->isString())
    {
        struct Cursor
        {
            const ColumnString * strings = nullptr;
            const uint32_t * codes = nullptr;
            uint32_t at = 0;
        };
        std::vector<Cursor> cursors(children.size());
        for (size_t i = 0; i < children.size(); ++i)
            if (children[i])
            {
                auto * coded = tryColumnAs<ColumnLowCardinality>(*children[i]);
                cursors[i] = {&columnAs<ColumnString>(coded ? coded->dictionary() : *children[i]),
                    coded ? coded->codes().data() : nullptr, 0};
            }
        /// Lengths first: then every value is copied once, to where it stays.
        auto result = ColumnString::create();
        result->offsets().resize(total);
        std::vector<std::string_view> values(total);
        uint64_t bytes = 0;
        size_t at = 0;
        for (uint32_t shape : selected.row_shapes)
            for (uint32_t token : shapes_[shape])
            {
                Cursor & cursor = cursors[token ? token - 1 : names_.size()];
                uint32_t row = cursor.at++;
                values[at] = cursor.strings->at(cursor.codes ? cursor.codes[row] : row);
                result->offsets()[at] = bytes += values[at].size();
                ++at;
            }
        result->chars().resize(bytes);
        char * to = result->chars().data();
        for (std::string_view value : values)
        {
            if (value.empty())
                continue;
            std::memcpy(to, value.data(), value.size());
            to += value.size();
        }
        return result;
    }

    /// Any other type: all children one after another, then gathered into the order of rows.
    MutableColumnPtr all = value_type_->createColumn();
    std::vector<uint32_t> cursors(children.size(), 0);
    for (size_t i = 0; i < children.size(); ++i)
    {
        cursors[i] = static_cast<uint32_t>(all->size());
        if (children[i])
        {
            ColumnPtr child = value_type_->isLowCardinality() ? children[i] : children[i]->materialize();
            all->insertRangeFrom(*child, 0, child->size());
        }
    }
    PodVector<uint32_t> order(total);
    size_t at = 0;
    for (uint32_t shape : selected.row_shapes)
        for (uint32_t token : shapes_[shape])
            order[at++] = cursors[token ? token - 1 : names_.size()]++;
    return all->gather(order);
}

bool MapReader::hasLargeDictionary() const
{
    for (size_t i = 0; i < names_.size(); ++i)
        if (shredded(i)->hasLargeDictionary())
            return true;
    return residual_values_->hasLargeDictionary();
}

void MapReader::wantValues(size_t page, std::span<const uint32_t> rows, PageSource & source) const
{
    Selected selected = selectRows(page, rows, source);
    for (size_t i = 0; i < names_.size(); ++i)
        if (selected.counts[i])
            shredded(i)->wantValues(page, selected.positions[i], source);
    if (selected.counts.back())
        residual_values_->wantValues(page, selected.positions.back(), source);
}

ColumnPtr MapReader::read(PageRange pages, PageSource & source, bool) const
{
    Selected selected = selectAll(pages, source);
    auto offsets = ColumnUInt64::create();
    offsets->data() = selected.offsets;
    return ColumnMap::create(assembleKeys(selected, source), assembleValues(selected, source), offsets);
}

ColumnPtr MapReader::readRows(size_t page, std::span<const uint32_t> rows, PageSource & source, bool) const
{
    Selected selected = selectRows(page, rows, source);
    auto offsets = ColumnUInt64::create();
    offsets->data() = selected.offsets;
    return ColumnMap::create(assembleKeys(selected, source), assembleValues(selected, source), offsets);
}

/// map.keys, map.values, map.size0.
class MapViewReader final : public ColumnReader
{
public:
    MapViewReader(std::shared_ptr<const MapReader> map, MapReader::View view) : map_(std::move(map)), view_(view) { }

    void want(PageRange pages, PageSource & source) const override
    {
        if (view_ == MapReader::View::Values)
            return map_->want(pages, source);
        map_->shape_codes_->want(pages, source);
        if (view_ == MapReader::View::Keys)
            map_->residual_keys_->want(pages, source);
    }
    ColumnPtr read(PageRange pages, PageSource & source, bool) const override
    {
        return make(map_->selectAll(pages, source), source);
    }
    bool hasLargeDictionary() const override { return view_ == MapReader::View::Values && map_->hasLargeDictionary(); }
    void wantValues(size_t page, std::span<const uint32_t> rows, PageSource & source) const override
    {
        if (view_ == MapReader::View::Values)
            map_->wantValues(page, rows, source);
    }
    ColumnPtr readRows(size_t page, std::span<const uint32_t> rows, PageSource & source, bool) const override
    {
        return make(map_->selectRows(page, rows, source), source);
    }

private:
    ColumnPtr make(const MapReader::Selected & selected, PageSource & source) const
    {
        auto numbers = ColumnUInt64::create();
        numbers->data() = selected.offsets;
        if (view_ == MapReader::View::Keys)
            return std::make_shared<ColumnArray>(map_->assembleKeys(selected, source), ColumnPtr(numbers));
        if (view_ == MapReader::View::Values)
            return std::make_shared<ColumnArray>(map_->assembleValues(selected, source), ColumnPtr(numbers));
        for (size_t row = selected.offsets.size(); row-- > 1;)
            numbers->data()[row] -= numbers->data()[row - 1];
        return numbers;
    }

    std::shared_ptr<const MapReader> map_;
    MapReader::View view_;
};

ColumnReaderPtr MapReader::view(View view) const
{
    return std::make_shared<const MapViewReader>(shared_from_this(), view);
}

ColumnReaderPtr MapReader::matches(View view, ValueTestPtr test) const
{
    return std::make_shared<const MapMatchReader>(shared_from_this(), view, std::move(test));
}

ColumnReaderPtr MapReader::key(const std::string & key, bool has_key) const
{
    return std::make_shared<const MapKeyReader>(shared_from_this(), key, has_key);
}

}
