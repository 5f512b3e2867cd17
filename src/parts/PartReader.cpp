#include "parts/PartReader.h"

#include "columns/ColumnArray.h"
#include "columns/ColumnLowCardinality.h"
#include "io/Checksum.h"
#include "parts/BloomFilter.h"
#include "parts/DictionaryWriter.h"
#include "parts/IndexWriters.h"
#include "parts/MapMatchReader.h"
#include "parts/NestedReaders.h"
#include "parts/PartRoot.h"
#include "types/DataTypes.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace mangrove
{

namespace
{

/// Readers of parts of columns that are kept between calls.
constexpr size_t resolved_max = 1024;

[[noreturn]] void throwNoSubcolumn(const ReadColumn & column, const DataType & type)
{
    throw Exception(ErrorCode::NOT_IMPLEMENTED,
        "Column {} of type {} has no part '{}' that can be read alone: read it whole", column.column, type.name(),
        column.key);
}

/// Pages of one column, one after another. Chunks with the same dictionary keep it.
ColumnPtr concatChunks(const DataTypePtr & type, std::vector<ColumnPtr> chunks)
{
    if (chunks.size() == 1)
        return chunks[0];
    auto * first = chunks.empty() ? nullptr : tryColumnAs<ColumnLowCardinality>(*chunks[0]);
    bool same_dictionary = first != nullptr;
    for (const auto & chunk : chunks)
    {
        auto * coded = tryColumnAs<ColumnLowCardinality>(*chunk);
        same_dictionary = same_dictionary && coded && coded->dictionaryPtr() == first->dictionaryPtr();
    }
    if (same_dictionary)
    {
        PodVector<uint32_t> codes;
        for (const auto & chunk : chunks)
        {
            const auto & some = columnAs<ColumnLowCardinality>(*chunk).codes();
            codes.insert(codes.end(), some.begin(), some.end());
        }
        return ColumnLowCardinality::create(first->dictionaryPtr(), std::move(codes));
    }
    MutableColumnPtr result = type->createColumn();
    for (const auto & chunk : chunks)
    {
        ColumnPtr full = type->isLowCardinality() ? chunk : chunk->materialize();
        result->insertRangeFrom(*full, 0, full->size());
    }
    return result;
}

}

struct PartReader::State
{
    struct Resolved
    {
        ColumnReaderPtr reader;
        DataTypePtr type;
    };

    State(ObjectStorePtr store, std::string key, uint64_t size, PartCachePtr cache);

    const StoredColumn * findColumn(std::string_view name) const;
    const StoredColumn * findIndexColumn(std::string_view name) const;
    ColumnReaderPtr columnReader(const StoredColumn & column) const;
    Resolved resolve(const ReadColumn & column) const;
    Resolved makeResolved(const ReadColumn & column) const;
    /// The column behind an index, all of its rows; null if it is not there.
    ColumnPtr indexColumn(const std::string & name, size_t pages) const;
    size_t pageCount() const { return (root.summary.rows + root.page_rows - 1) / root.page_rows; }
    PageRange pagesOf(RowRange rows) const
    {
        return {rows.begin / root.page_rows, (rows.end + root.page_rows - 1) / root.page_rows};
    }
    RowRange rowsOf(PageRange pages) const
    {
        return {pages.begin * root.page_rows, std::min<uint64_t>(root.summary.rows, pages.end * root.page_rows)};
    }
    void checkRange(RowRange rows) const
    {
        CHECK(rows.begin <= rows.end && rows.end <= root.summary.rows, "rows [{}, {}) of a part with {}", rows.begin,
            rows.end, root.summary.rows);
    }

    mutable PartFile file;
    PartTail tail;
    PartRoot root;
    mutable std::mutex mutex;
    mutable std::map<uint64_t, ColumnReaderPtr> readers; /// by offset of the header
    mutable std::map<std::tuple<std::string, ReadColumn::Kind, std::string>, Resolved> resolved;
};

PartReader::State::State(ObjectStorePtr store, std::string key, uint64_t size, PartCachePtr cache)
    : file(std::move(store), std::move(key), std::move(cache))
{
    try
    {
        auto suffix = file.openSuffix(size);
        tail = PartTail::read(*suffix, file.size());
        auto bytes = file.readBlob(tail.root, "the root");
        root = PartRoot::read(*bytes);
        checkUuidOrder(tail, root);
        root.summary.bytes = file.size();
        if (root.metadata_begin > tail.root.offset)
            throwCorrupted("the metadata begins behind the root");
        file.setMetadataBegin(root.metadata_begin);
    }
    catch (Exception & e)
    {
        e.addContext(fmt::format("while opening part {}", file.key()));
        throw;
    }
}

const StoredColumn * PartReader::State::findColumn(std::string_view name) const
{
    for (const auto & column : root.columns)
        if (column.name == name)
            return &column;
    return nullptr;
}

const StoredColumn * PartReader::State::findIndexColumn(std::string_view name) const
{
    for (const auto & column : root.index_columns)
        if (column.name == name)
            return &column;
    return nullptr;
}

ColumnReaderPtr PartReader::State::columnReader(const StoredColumn & column) const
{
    {
        std::lock_guard lock(mutex);
        auto found = readers.find(column.header.offset);
        if (found != readers.end())
            return found->second;
    }
    auto header = file.readBlob(column.header, fmt::format("the header of column {}", column.name));
    ReadBuffer in(*header);
    ColumnReaderPtr reader;
    try
    {
        reader = makeColumnReader(column.type, in, column.name);
    }
    catch (const Exception & e)
    {
        throwCorrupted(
            fmt::format("Part {}: the header of column {} is damaged: {}", file.key(), column.name, e.message()));
    }
    std::lock_guard lock(mutex);
    return readers.emplace(column.header.offset, std::move(reader)).first->second;
}

PartReader::State::Resolved PartReader::State::resolve(const ReadColumn & column) const
{
    if (column.test)
        return makeResolved(column); /// belongs to a query
    auto key = std::tuple(column.column, column.kind, column.key);
    {
        std::lock_guard lock(mutex);
        auto found = resolved.find(key);
        if (found != resolved.end())
            return found->second;
    }
    Resolved made = makeResolved(column);
    std::lock_guard lock(mutex);
    if (resolved.size() >= resolved_max)
        resolved.clear();
    resolved.emplace(std::move(key), made);
    return made;
}

PartReader::State::Resolved PartReader::State::makeResolved(const ReadColumn & column) const
{
    const StoredColumn * stored = findColumn(column.column);
    if (!stored)
        throw Exception(ErrorCode::NO_SUCH_COLUMN_IN_TABLE, "Part {} has no column {}", file.key(), column.column);
    ColumnReaderPtr reader = columnReader(*stored);
    const DataTypePtr & type = stored->type;
    auto * map = dynamic_cast<const MapReader *>(reader.get());
    auto * map_type = dynamic_cast<const DataTypeMap *>(type.get());
    auto * array = dynamic_cast<const ArrayReader *>(reader.get());
    switch (column.kind)
    {
        case ReadColumn::Kind::Whole:
            return {reader, type};
        case ReadColumn::Kind::MapKey:
            if (map)
                return {map->key(column.key, false), map_type->value()};
            break;
        case ReadColumn::Kind::MapHasKey:
            if (map)
                return {map->key(column.key, true), makeType(TypeId::UInt8)};
            break;
        case ReadColumn::Kind::MapKeys:
            if (map)
                return {map->view(MapReader::View::Keys), std::make_shared<DataTypeArray>(map_type->key())};
            break;
        case ReadColumn::Kind::MapValues:
            if (map)
                return {map->view(MapReader::View::Values), std::make_shared<DataTypeArray>(map_type->value())};
            break;
        case ReadColumn::Kind::MapKeyMatches:
        case ReadColumn::Kind::MapValueMatches:
            CHECK(column.test);
            if (map)
                return {map->matches(
                            column.kind == ReadColumn::Kind::MapKeyMatches ? MapReader::View::Keys : MapReader::View::Values,
                            column.test),
                    makeType(TypeId::UInt64)};
            break;
        case ReadColumn::Kind::Size:
            if (map)
                return {map->view(MapReader::View::Size), makeType(TypeId::UInt64)};
            if (array)
                return {array->sizes(), makeType(TypeId::UInt64)};
            break;
        case ReadColumn::Kind::Null:
            if (auto * nullable = dynamic_cast<const NullableReader *>(reader.get()))
                return {nullable->nulls(), makeType(TypeId::UInt8)};
            break;
        case ReadColumn::Kind::Element:
            if (auto * tuple = dynamic_cast<const TupleReader *>(reader.get()))
            {
                const auto & tuple_type = typeAs<DataTypeTuple>(*type);
                if (auto position = tuple_type.positionOf(column.key))
                    return {tuple->element(*position), tuple_type.elements()[*position]};
            }
            break;
    }
    throwNoSubcolumn(column, *type);
}

ColumnPtr PartReader::State::indexColumn(const std::string & name, size_t pages) const
{
    const StoredColumn * stored = findIndexColumn(name);
    if (!stored)
        return nullptr;
    return file.cached<Column>(stored->header.offset, CachedForm::Index, [&]
    {
        PageSource source(file);
        ColumnReaderPtr reader = columnReader(*stored);
        reader->want({0, pages}, source);
        source.fetch();
        ColumnPtr column = reader->read({0, pages}, source, false);
        return std::pair(column, column->byteSize());
    });
}

PartReader::PartReader(std::unique_ptr<State> state) : state_(std::move(state)) { }
PartReader::~PartReader() = default;

std::shared_ptr<const PartReader> PartReader::open(
    ObjectStorePtr store, std::string key, uint64_t size, PartCachePtr cache)
{
    auto state = std::make_unique<State>(std::move(store), std::move(key), size, std::move(cache));
    return std::shared_ptr<const PartReader>(new PartReader(std::move(state)));
}

const std::string & PartReader::key() const { return state_->file.key(); }
const PartDescription & PartReader::description() const { return state_->root.description; }
const PartSummary & PartReader::summary() const { return state_->root.summary; }
uint64_t PartReader::rows() const { return state_->root.summary.rows; }
uint64_t PartReader::granuleRows() const { return state_->root.description.granule_rows; }
size_t PartReader::granuleCount() const { return (rows() + granuleRows() - 1) / granuleRows(); }

RowRange PartReader::granule(size_t index) const
{
    return {index * granuleRows(), std::min(rows(), (index + 1) * granuleRows())};
}

bool PartReader::hasColumn(std::string_view name) const
{
    return state_->findColumn(name) != nullptr;
}

DataTypePtr PartReader::typeOf(const ReadColumn & column) const
{
    return state_->resolve(column).type;
}

Block PartReader::primaryIndex() const
{
    Block block;
    const auto & sort_key = state_->root.description.sort_key;
    for (size_t i = 0; i < sort_key.size(); ++i)
    {
        ColumnPtr column = state_->indexColumn(primaryIndexName(i), rows() ? 1 : 0);
        if (!column || column->size() != (rows() ? granuleCount() + 1 : 0))
            throwCorrupted(fmt::format("Part {}: the primary index has a wrong length", key()));
        block.add({column, sort_key[i].type, sort_key[i].name});
    }
    return block;
}

std::optional<MinMaxColumns> PartReader::minMax(const std::string & column) const
{
    ColumnPtr min = state_->indexColumn(minName(column), rows() ? 1 : 0);
    ColumnPtr max = state_->indexColumn(maxName(column), rows() ? 1 : 0);
    if (!min || !max)
        return std::nullopt;
    if (min->size() != granuleCount() || max->size() != granuleCount())
        throwCorrupted(fmt::format("Part {}: the minmax index of {} has a wrong length", key(), column));
    return MinMaxColumns{min, max};
}

Filter PartReader::granulesThatMayContain(const std::string & index_name, const std::vector<Field> & values) const
{
    const SkipIndex * index = nullptr;
    for (const auto & one : state_->root.description.skip_indexes)
        if (one.name == index_name)
            index = &one;
    Filter result(granuleCount(), 1);
    if (!index || index->kind == SkipIndexKind::MinMax || rows() == 0)
        return result;
    MutableColumnPtr wanted = indexedType(index->type)->createColumn();
    for (const auto & value : values)
        if (!value.isNull())
            wanted->insert(value);
    auto checkLength = [&](const ColumnPtr & column)
    {
        if (!column || column->size() != granuleCount())
            throwCorrupted(fmt::format("Part {}: the index {} has a wrong length", key(), index_name));
    };
    if (index->kind == SkipIndexKind::BloomFilter)
    {
        ColumnPtr filters = state_->indexColumn(bloomName(index_name), granuleCount());
        checkLength(filters);
        std::vector<uint64_t> hashes;
        for (size_t i = 0; i < wanted->size(); ++i)
            hashes.push_back(xxh3(bytesOfValue(*wanted, i)));
        for (size_t granule = 0; granule < result.size(); ++granule)
            result[granule] = std::any_of(hashes.begin(), hashes.end(),
                [&](uint64_t hash) { return bloomMayContain(filters->stringAt(granule), hash); });
        return result;
    }
    ColumnPtr sets = state_->indexColumn(setName(index_name), 1);
    ColumnPtr overflows = state_->indexColumn(setOverflowName(index_name), 1);
    checkLength(sets);
    checkLength(overflows);
    const auto & array = columnAs<ColumnArray>(*sets);
    for (size_t granule = 0; granule < result.size(); ++granule)
    {
        if (columnAs<ColumnUInt8>(*overflows).data()[granule])
            continue;
        result[granule] = 0;
        for (uint64_t i = array.beginOf(granule); i < array.endOf(granule) && !result[granule]; ++i)
            for (size_t w = 0; w < wanted->size(); ++w)
                if (array.data().compareAt(i, w, *wanted, 1) == 0)
                    result[granule] = 1;
    }
    return result;
}

std::optional<PodVector<uint32_t>>
PartReader::findRows(const std::string & column, const Field & value, const ReadColumns & also) const
{
    const StoredColumn * stored = state_->findColumn(column);
    if (!stored)
        return std::nullopt;
    ColumnReaderPtr reader = state_->columnReader(*stored);
    auto * lookup = dynamic_cast<const LookupReader *>(reader.get());
    if (!lookup)
        return std::nullopt;
    MutableColumnPtr wanted = removeLowCardinality(stored->type)->createColumn();
    wanted->insert(value);
    PageSource source(state_->file);
    std::vector<ColumnReaderPtr> readers;
    for (const auto & one : also)
        readers.push_back(state_->resolve(one).reader);
    auto found = lookup->findRows(bytesOfValue(*wanted, 0), state_->root.page_rows, state_->pageCount(), readers, source);
    if (!found.empty() && found.back() >= rows())
        throwCorruptedColumn(source, column, "a row behind the last one");
    return found;
}

ColumnPtr PartReader::dictionary(const ReadColumn & column) const
{
    PageSource source(state_->file);
    return state_->resolve(column).reader->dictionary(source);
}

Filter PartReader::filterByDictionary(const ReadColumn & column, RowRange rows, const Filter & matches) const
{
    state_->checkRange(rows);
    PageSource source(state_->file);
    auto resolved = state_->resolve(column);
    if (!resolved.reader->dictionary(source))
        throw Exception(
            ErrorCode::LOGICAL_ERROR, "Column {} of part {} is not dictionary-coded throughout", column.name, key());
    PageRange pages = state_->pagesOf(rows);
    resolved.reader->wantFilter(pages, source);
    source.fetch();
    RowRange read_rows = state_->rowsOf(pages);
    Filter result(read_rows.size());
    resolved.reader->filterByDictionary(pages, matches, source, result.data());
    if (read_rows == rows)
        return result;
    return Filter(result.begin() + (rows.begin - read_rows.begin), result.begin() + (rows.end - read_rows.begin));
}

std::optional<Filter>
PartReader::filterByTest(const ReadColumn & column, RowRange rows, const ValueTest & test, TestedPages & tested) const
{
    state_->checkRange(rows);
    CHECK(!test.contained().empty());
    PageSource source(state_->file);
    PageRange pages = state_->pagesOf(rows);
    Filter result;
    if (!state_->resolve(column).reader->filterByTest(pages, test, source, result, tested))
        return std::nullopt;
    RowRange read_rows = state_->rowsOf(pages);
    if (result.size() != read_rows.size())
        throwCorruptedColumn(source, column.name, "pages have a wrong number of rows");
    if (read_rows == rows)
        return result;
    return Filter(result.begin() + (rows.begin - read_rows.begin), result.begin() + (rows.end - read_rows.begin));
}

Block PartReader::read(const ReadColumns & columns, RowRange rows, ReadOptions options) const
{
    state_->checkRange(rows);
    PageSource source(state_->file, options.scan_rows);
    PageRange pages = state_->pagesOf(rows);
    if (rows.begin == rows.end)
        pages.end = pages.begin;
    std::vector<State::Resolved> resolved;
    for (const auto & column : columns)
    {
        resolved.push_back(state_->resolve(column));
        resolved.back().reader->want(pages, source);
    }
    source.fetch();
    RowRange read_rows = state_->rowsOf(pages);
    Block block;
    for (size_t i = 0; i < columns.size(); ++i)
    {
        ColumnPtr column = resolved[i].reader->read(pages, source, options.keep_dictionary || columns[i].keep_dictionary);
        if (column->size() != (pages.begin == pages.end ? 0 : read_rows.size()))
            throwCorruptedColumn(source, columns[i].name, "pages have a wrong number of rows");
        if (column->size() != rows.size())
            column = column->cut(rows.begin - read_rows.begin, rows.size());
        block.add({column, resolved[i].type, columns[i].name});
    }
    if (columns.empty())
        block.setRowsWithoutColumns(rows.size());
    return block;
}

Block PartReader::readRows(const ReadColumns & columns, std::span<const uint32_t> rows, ReadOptions options) const
{
    PageSource source(state_->file, options.scan_rows);
    struct PageRows
    {
        size_t page;
        std::vector<uint32_t> rows;
    };
    std::vector<PageRows> pages;
    for (uint32_t row : rows)
    {
        state_->checkRange({row, row + 1ull});
        size_t page = row / state_->root.page_rows;
        if (pages.empty() || pages.back().page != page)
            pages.push_back({page, {}});
        CHECK(pages.size() < 2 || pages[pages.size() - 2].page < page, "rows must ascend");
        pages.back().rows.push_back(static_cast<uint32_t>(row - page * state_->root.page_rows));
    }
    std::vector<State::Resolved> resolved;
    for (const auto & column : columns)
    {
        resolved.push_back(state_->resolve(column));
        for (const auto & page : pages)
            resolved.back().reader->want({page.page, page.page + 1}, source);
    }
    source.fetch();
    if (resolved.size() * pages.size() > 1)
    {
        for (const auto & one : resolved)
            if (one.reader->hasLargeDictionary())
                for (const auto & page : pages)
                    one.reader->wantValues(page.page, page.rows, source);
        source.fetch();
    }
    Block block;
    for (size_t i = 0; i < columns.size(); ++i)
    {
        std::vector<ColumnPtr> chunks;
        for (const auto & page : pages)
        {
            chunks.push_back(resolved[i].reader->readRows(
                page.page, page.rows, source, options.keep_dictionary || columns[i].keep_dictionary));
            if (chunks.back()->size() != page.rows.size())
                throwCorruptedColumn(source, columns[i].name, "a page has a wrong number of rows");
        }
        block.add({concatChunks(resolved[i].type, std::move(chunks)), resolved[i].type, columns[i].name});
    }
    if (columns.empty())
        block.setRowsWithoutColumns(rows.size());
    return block;
}

ReadCosts PartReader::readCosts() const
{
    return state_->file.readCosts();
}

uint64_t PartReader::estimateBytes(const ReadColumns & columns, const std::vector<RowRange> & rows) const
{
    uint64_t read_rows = 0;
    for (const auto & range : rows)
        read_rows += range.size();
    uint64_t bytes = 0;
    auto isIn = [&](const ReadColumn & column) // what is read with the whole column
    {
        return column.kind != ReadColumn::Kind::Whole && std::ranges::any_of(columns, [&](const auto & other)
            { return other.kind == ReadColumn::Kind::Whole && other.column == column.column; });
    };
    for (const auto & column : columns)
        if (const auto * summary = isIn(column) ? nullptr : state_->root.summary.find(column.column))
            bytes += summary->compressed_bytes;
    return this->rows() ? bytes * read_rows / this->rows() : 0;
}

void PartReader::prefetch(const ReadColumns & columns, const std::vector<RowRange> & rows) const
{
    PageSource source(state_->file);
    for (const auto & column : columns)
        for (const auto & range : rows)
        {
            state_->checkRange(range);
            state_->resolve(column).reader->want(state_->pagesOf(range), source);
        }
    source.fetch();
}

void PartReader::verify() const
{
    for (const auto & column : state_->root.columns)
    {
        PageSource source(state_->file);
        state_->columnReader(column)->verify(source, state_->pageCount());
    }
    primaryIndex();
    for (const auto & column : state_->root.columns)
        minMax(column.name);
    for (const auto & index : state_->root.description.skip_indexes)
    {
        minMax(index.column);
        granulesThatMayContain(index.name, {});
    }
    state_->file.readBlob(state_->tail.commit, "the commit section");
}

}
