#include "parts/PartWriter.h"

#include "parts/ColumnWriter.h"
#include "parts/IndexWriters.h"
#include "parts/LookupWriter.h"
#include "parts/MapWriter.h"
#include "parts/PartRoot.h"
#include "types/DataTypes.h"

#include <algorithm>

namespace mangrove
{

namespace
{

constexpr uint64_t default_page_rows = 4096;
constexpr uint64_t page_rows_max = 1 << 16;
constexpr uint64_t rows_max = UINT32_MAX;
/// A stream smaller than this stands among the metadata, which a reader fetches as a whole.
constexpr uint64_t small_stream_bytes = 16 << 10;

/// The largest even share of a granule that is not above the default; odd sizes are one page, if that is not too long.
uint64_t choosePageRows(uint64_t granule_rows)
{
    constexpr uint64_t shares_max = 4096;
    for (uint64_t shares = 1; shares <= shares_max; ++shares)
        if (granule_rows % shares == 0 && granule_rows / shares <= default_page_rows)
            return granule_rows / shares;
    return granule_rows;
}

void validate(PartWriteOptions & options)
{
    if (options.page_rows == 0 && options.granule_rows)
        options.page_rows = choosePageRows(options.granule_rows);
    if (options.page_rows == 0 || options.page_rows > page_rows_max || options.granule_rows % options.page_rows)
        throw Exception(ErrorCode::BAD_ARGUMENTS,
            "Granules of {} rows cannot be made of pages of {} rows: choose a multiple, and at most {} rows a page",
            options.granule_rows, options.page_rows, page_rows_max);
    for (const auto & name : options.lookup_columns)
    {
        const PartColumn * column = options.find(name);
        if (!column)
            throw Exception(ErrorCode::NO_SUCH_COLUMN_IN_TABLE, "Lookup column {} is not a column of the part", name);
        DataTypePtr type = removeLowCardinality(column->type);
        if (type->isNullable() || (!type->isStringOrFixed() && fixedWidthOf(*type) == 0))
            throw Exception(
                ErrorCode::BAD_ARGUMENTS, "Column {} of type {} cannot be a lookup column", name, column->type->name());
    }
}

/// write() in an order of its own codes the keys of Map(String, …): two blocks may differ in it.
Block withFullMapKeys(Block block)
{
    for (size_t i = 0; i < block.columnCount(); ++i)
    {
        const ColumnWithType & column = block.at(i);
        if (column.type->id() == TypeId::Map && !typeAs<DataTypeMap>(*column.type).key()->isLowCardinality())
            block.set(i, {withFullKeys(column.column), column.type, column.name});
    }
    return block;
}

}

struct PartWriter::State
{
    struct TableColumn
    {
        PartColumn column;
        ColumnWriterPtr writer;
        std::unique_ptr<MinMaxCollector> min_max;
        uint64_t uncompressed_bytes = 0;
        bool keeps_min_max = false; /// per granule, in the object
    };
    struct IndexValues
    {
        SkipIndex index;
        std::unique_ptr<GranuleValues> values;    /// bloom_filter, set
        std::unique_ptr<MinMaxCollector> min_max; /// minmax over something that is not a column of the part
    };
    struct HiddenColumn
    {
        StoredColumn stored;
        ColumnWriterPtr writer;
    };

    /// What of a page is not sorted yet: these rows of these columns.
    struct Unsorted
    {
        Block block;
        std::span<const uint32_t> rows;
    };

    explicit State(PartWriteOptions options);
    void countBytes(const Block & block);
    /// Columns in whose order nothing but their writer takes an interest, and which are dear to reorder: maps.
    Block takeWriterSorted(Block & block) const;
    void write(const Block & block);
    void writePage(const Block & block, size_t begin, size_t end, const Unsorted * unsorted = nullptr);
    void beginGranule();
    void addKey(const Block & block, size_t row);
    void hide(const std::string & name, const DataTypePtr & type, const ColumnPtr & values, size_t page_rows);
    void hideIndexes();
    void placeStreams(std::string & object, PartRoot & root);
    void placeHeaders(std::string & object, PartRoot & root);
    WrittenPart finish();

    PartWriteOptions options;
    std::vector<TableColumn> columns;
    std::vector<IndexValues> indexes;
    std::vector<MutableColumnPtr> key; /// at the first row of each granule
    Tuple last_key;
    std::vector<HiddenColumn> hidden;
    uint64_t rows = 0;
    std::optional<Block> pending; /// fewer rows than a page
};

PartWriter::State::State(PartWriteOptions options_) : options(std::move(options_))
{
    validate(options);
    for (const auto & column : options.columns)
    {
        TableColumn table_column{column, nullptr, MinMaxCollector::make(column.type), 0, false};
        CompressionChoice compression = compressionOf(column.codec, column.type, options.effort);
        if (std::count(options.lookup_columns.begin(), options.lookup_columns.end(), column.name))
            table_column.writer = std::make_unique<LookupWriter>(removeLowCardinality(column.type), compression);
        else
        {
            // Strings and the values of maps are searched. Parts of inserts are not read for long.
            const bool searchable = options.effort > 1
                && (column.type->id() == TypeId::Map || removeLowCardinalityAndNullable(column.type)->isString());
            table_column.writer = makeColumnWriter(column.type, {compression, true, searchable});
        }
        table_column.keeps_min_max =
            table_column.min_max && fixedWidthOf(*removeLowCardinalityAndNullable(column.type)) > 0;
        columns.push_back(std::move(table_column));
    }
    for (const auto & index : options.skip_indexes)
    {
        IndexValues values{index, nullptr, nullptr};
        if (index.kind != SkipIndexKind::MinMax)
            values.values = std::make_unique<GranuleValues>(index);
        else
        {
            auto own = std::find_if(
                columns.begin(), columns.end(), [&](const TableColumn & c) { return c.column.name == index.column; });
            if (own != columns.end() && own->min_max)
                own->keeps_min_max = true;
            else if (own == columns.end())
                values.min_max = MinMaxCollector::make(index.type);
            if (!values.min_max && (own == columns.end() || !own->min_max))
                throw Exception(
                    ErrorCode::BAD_ARGUMENTS, "Index {}: no minmax over type {}", index.name, index.type->name());
        }
        indexes.push_back(std::move(values));
    }
    for (const auto & name : options.sort_key)
        key.push_back(name.type->createColumn());
}

void PartWriter::State::beginGranule()
{
    for (auto & column : columns)
        if (column.min_max)
            column.min_max->beginGranule();
    for (auto & index : indexes)
    {
        if (index.values)
            index.values->beginGranule();
        if (index.min_max)
            index.min_max->beginGranule();
    }
}

void PartWriter::State::addKey(const Block & block, size_t row)
{
    for (size_t i = 0; i < key.size(); ++i)
        key[i]->insert(block.byName(options.sort_key[i].name).column->get(row));
}

void PartWriter::State::countBytes(const Block & block)
{
    for (auto & column : columns)
        column.uncompressed_bytes += block.byName(column.column.name).column->byteSize();
}

Block PartWriter::State::takeWriterSorted(Block & block) const
{
    Block taken, rest;
    for (const auto & column : block.columns())
    {
        bool indexed = std::any_of(
            indexes.begin(), indexes.end(), [&](const auto & index) { return index.index.column == column.name; });
        (column.column->kind() == ColumnKind::Map && !indexed ? taken : rest).add(column);
    }
    block = std::move(rest);
    return taken;
}

void PartWriter::State::write(const Block & more)
{
    Block block = more;
    if (pending)
    {
        block = Block::concat({withFullMapKeys(*pending), withFullMapKeys(block)});
        pending.reset();
    }
    size_t begin = 0;
    for (; begin + options.page_rows <= block.rows(); begin += options.page_rows)
        writePage(block, begin, begin + options.page_rows);
    if (begin < block.rows())
        pending = block.cut(begin, block.rows() - begin);
}

void PartWriter::State::writePage(const Block & block, size_t begin, size_t end, const Unsorted * unsorted)
{
    if (rows % options.granule_rows == 0)
    {
        beginGranule();
        addKey(block, begin);
    }
    if (rows + (end - begin) > rows_max)
        throw Exception(ErrorCode::TOO_MANY_ROWS, "A part holds at most {} rows", rows_max);
    for (auto & column : columns)
    {
        if (unsorted && unsorted->block.find(column.column.name))
        {
            column.writer->writeRows(unsorted->block.byName(column.column.name).column, unsorted->rows);
            continue;
        }
        const ColumnPtr & values = block.byName(column.column.name).column;
        column.writer->writePage(values, begin, end);
        if (column.min_max)
            column.min_max->add(*values, begin, end);
    }
    for (auto & index : indexes)
    {
        const ColumnPtr & values = index.values || index.min_max ? block.byName(index.index.column).column : nullptr;
        if (index.values)
            index.values->add(values, begin, end);
        if (index.min_max)
            index.min_max->add(*values, begin, end);
    }
    rows += end - begin;
    last_key.clear();
    for (const auto & name : options.sort_key)
        last_key.push_back(block.byName(name.name).column->get(end - 1));
}

void PartWriter::State::hide(
    const std::string & name, const DataTypePtr & type, const ColumnPtr & values, size_t page_rows)
{
    HiddenColumn column{{name, type, {}}, makeColumnWriter(type, {{GeneralCodec::Zstd, 1, {}}, false})};
    for (size_t begin = 0; begin < values->size(); begin += page_rows)
        column.writer->writePage(values, begin, std::min(values->size(), begin + page_rows));
    column.writer->finish();
    hidden.push_back(std::move(column));
}

void PartWriter::State::hideIndexes()
{
    constexpr size_t one_page = SIZE_MAX / 2;
    DataTypePtr string = parseDataType("String");
    for (size_t i = 0; i < key.size(); ++i)
    {
        if (rows)
            key[i]->insert(last_key[i]);
        hide(primaryIndexName(i), options.sort_key[i].type, key[i], one_page);
    }
    auto hideMinMax = [&](const std::string & name, const MinMaxCollector & collector)
    {
        hide(minName(name), collector.valueType(), collector.mins(), one_page);
        hide(maxName(name), collector.valueType(), collector.maxs(), one_page);
    };
    for (auto & column : columns)
    {
        if (column.min_max)
            column.min_max->finish();
        if (column.keeps_min_max)
            hideMinMax(column.column.name, *column.min_max);
    }
    for (auto & index : indexes)
    {
        if (index.min_max)
        {
            index.min_max->finish();
            hideMinMax(index.index.column, *index.min_max);
        }
        if (!index.values)
            continue;
        index.values->finish();
        if (index.index.kind == SkipIndexKind::BloomFilter)
            hide(bloomName(index.index.name), string, index.values->filters(), 1);
        else
        {
            DataTypePtr set = parseDataType(fmt::format("Array({})", index.values->elementType()->name()));
            hide(setName(index.index.name), set, index.values->sets(), one_page);
            hide(setOverflowName(index.index.name), parseDataType("UInt8"), index.values->overflows(), one_page);
        }
    }
}

void PartWriter::State::placeStreams(std::string & object, PartRoot & root)
{
    struct Placement
    {
        StreamToPlace stream;
        uint64_t * compressed_bytes;
    };
    std::vector<Placement> placements;
    uint64_t expected = 0;
    uint64_t hidden_bytes = 0;
    auto collect = [&](ColumnWriter & writer, uint64_t & compressed_bytes)
    {
        std::vector<StreamToPlace> streams;
        writer.collectStreams(streams);
        for (auto & stream : streams)
        {
            placements.push_back({stream, &compressed_bytes});
            expected += stream.stream->bytes();
        }
    };
    root.summary.columns.resize(columns.size());
    for (size_t i = 0; i < columns.size(); ++i)
        collect(*columns[i].writer, root.summary.columns[i].compressed_bytes);
    for (auto & column : hidden)
        collect(*column.writer, hidden_bytes);
    object.reserve(expected + expected / 16 + (64 << 10));

    /// Large streams first, then all that is small: a reader fetches the latter as a whole.
    auto small = std::stable_partition(placements.begin(), placements.end(),
        [](const Placement & placement) { return placement.stream.stream->bytes() >= small_stream_bytes; });
    for (auto placement = placements.begin(); placement != placements.end(); ++placement)
    {
        if (placement == small)
            root.metadata_begin = object.size();
        *placement->compressed_bytes += placement->stream.stream->bytes();
        placement->stream.stream->placePages(object);
    }
    if (small == placements.end())
        root.metadata_begin = object.size();
    for (auto & placement : placements)
    {
        uint64_t before = object.size();
        placement.stream.stream->placeDirectory(object, placement.stream.zstd_dictionary);
        *placement.compressed_bytes += object.size() - before;
    }
}

void PartWriter::State::placeHeaders(std::string & object, PartRoot & root)
{
    auto placeHeader = [&](const ColumnWriter & writer)
    {
        WriteBuffer header;
        writer.writeHeader(header);
        return placeBlob(object, header.str());
    };
    for (size_t i = 0; i < columns.size(); ++i)
    {
        root.columns.push_back({columns[i].column.name, columns[i].column.type, placeHeader(*columns[i].writer)});
        ColumnSummary & summary = root.summary.columns[i];
        summary.name = columns[i].column.name;
        summary.compressed_bytes += root.columns.back().header.size;
        summary.uncompressed_bytes = columns[i].uncompressed_bytes;
        if (columns[i].min_max)
        {
            summary.min = columns[i].min_max->least();
            summary.max = columns[i].min_max->greatest();
        }
        root.summary.uncompressed_bytes += summary.uncompressed_bytes;
    }
    for (auto & column : hidden)
    {
        column.stored.header = placeHeader(*column.writer);
        root.index_columns.push_back(column.stored);
    }
}

WrittenPart PartWriter::State::finish()
{
    if (pending && pending->rows())
        writePage(*pending, 0, pending->rows());
    pending.reset();
    for (auto & column : columns)
        column.writer->finish();
    hideIndexes();

    PartRoot root;
    root.description = options;
    root.page_rows = options.page_rows;
    root.summary.rows = rows;
    if (rows)
    {
        for (const auto & column : key)
            root.summary.first_key.push_back(column->get(0));
        root.summary.last_key = last_key;
    }
    WrittenPart part;
    std::string & object = part.bytes;
    object += part_magic;
    placeStreams(object, root);
    placeHeaders(object, root);
    WriteBuffer root_bytes;
    root.write(root_bytes);
    PartTail tail{placeBlob(object, root_bytes.str())};
    WriteBuffer tail_bytes;
    tail.write(tail_bytes);
    object += tail_bytes.str();
    root.summary.bytes = object.size();
    part.summary = std::move(root.summary);
    return part;
}

PartWriter::PartWriter(PartWriteOptions options) : state_(std::make_unique<State>(std::move(options))) { }
PartWriter::~PartWriter() = default;

void PartWriter::write(const Block & block_with_constants)
{
    if (block_with_constants.rows() == 0)
        return;
    Block block = block_with_constants.materialize();
    state_->countBytes(block);
    state_->write(block);
}

void PartWriter::write(const Block & unsorted, std::span<const uint32_t> order)
{
    Block block = unsorted.materialize();
    for (size_t i = 0; i < block.columnCount(); ++i)
        block.set(i, {withCodedKeys(block.at(i).column), block.at(i).type, block.at(i).name});
    state_->countBytes(block);
    Block sorted_here = block;
    State::Unsorted page{state_->takeWriterSorted(sorted_here), {}};
    bool direct = sorted_here.columnCount() > 0;
    size_t page_rows = state_->options.page_rows;
    size_t count = 0;
    for (size_t begin = 0; begin < order.size(); begin += count)
    {
        count = std::min(order.size() - begin, page_rows - (state_->pending ? state_->pending->rows() : 0));
        page.rows = order.subspan(begin, count);
        if (direct && count == page_rows)
            state_->writePage(sorted_here.gather(page.rows), 0, count, &page);
        else
            state_->write(block.gather(page.rows));
    }
}

uint64_t PartWriter::rows() const
{
    return state_->rows + (state_->pending ? state_->pending->rows() : 0);
}

uint64_t PartWriter::bytes() const
{
    uint64_t total = 0;
    for (const auto & column : state_->columns)
        total += column.writer->bytes();
    return total;
}

WrittenPart PartWriter::finish()
{
    return state_->finish();
}

}
