#include "formats/Native.h"

#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnMap.h"
#include "columns/ColumnNullable.h"
#include "columns/ColumnString.h"
#include "types/DataTypes.h"

namespace mangrove
{

namespace
{

constexpr uint64_t columns_max = 100000;
constexpr size_t name_bytes_max = 1 << 16;
constexpr size_t type_bytes_max = 1 << 20;

void readBlockInfo(ReadBuffer & in)
{
    while (uint64_t field = in.readVarUInt())
    {
        if (field == 1) // is_overflows
            in.skip(1);
        else if (field == 2) // bucket_num
            in.skip(4);
        else if (field == 3) // out_of_order_buckets
        {
            uint64_t count = in.readVarUInt();
            if (count > columns_max)
                throw Exception(ErrorCode::INCORRECT_DATA, "BlockInfo names {} out-of-order buckets", count);
            in.skip(count * 4);
        }
        else
            throw Exception(ErrorCode::INCORRECT_DATA, "Unknown BlockInfo field number: {}", field);
    }
}

void writeBlockInfo(WriteBuffer & out)
{
    out.writeVarUInt(1);
    out.writeByte(0);
    out.writeVarUInt(2);
    out.writePod<int32_t>(-1);
    out.writeVarUInt(0);
}

/// Room for `factor` times what the column holds.
void reserveTimes(Column & column, double factor)
{
    auto times = [&](size_t size) { return static_cast<size_t>(static_cast<double>(size) * factor); };
    switch (column.kind())
    {
        case ColumnKind::String:
            static_cast<ColumnString &>(column).chars().reserve(times(static_cast<ColumnString &>(column).chars().size()));
            return column.reserve(times(column.size()));
        case ColumnKind::Map: return reserveTimes(static_cast<ColumnMap &>(column).pairsMutable(), factor);
        case ColumnKind::Array:
        {
            auto & array = static_cast<ColumnArray &>(column);
            array.offsetsMutable().reserve(times(array.size()));
            return reserveTimes(array.dataMutable(), factor);
        }
        case ColumnKind::Tuple:
            for (size_t i = 0; i < static_cast<ColumnTuple &>(column).elements().size(); ++i)
                reserveTimes(static_cast<ColumnTuple &>(column).elementMutable(i), factor);
            return;
        default: return column.reserve(times(column.size()));
    }
}

/// Types whose values are the same bytes: the zone is only a matter of text.
bool sameValues(const DataType & a, const DataType & b)
{
    if (a.id() == TypeId::DateTime64 && b.id() == TypeId::DateTime64)
        return typeAs<DataTypeDateTime64>(a).precision() == typeAs<DataTypeDateTime64>(b).precision();
    return (a.id() == TypeId::DateTime && b.id() == TypeId::DateTime) || a.equals(b);
}

/// Older clients do not know the zone in the name of DateTime, and plain HTTP counts as old.
std::string typeNameFor(uint64_t revision, const DataType & type)
{
    constexpr uint64_t revision_with_time_zone = 54337;
    return type.id() == TypeId::DateTime && revision < revision_with_time_zone ? "DateTime" : type.name();
}

/// Between types that differ only in LowCardinality or Nullable, or else through their text.
ColumnPtr convertColumn(const ColumnPtr & column, const DataTypePtr & from, const DataTypePtr & to, const FormatSettings & settings)
{
    auto plain_from = removeLowCardinality(from);
    auto plain_to = removeLowCardinality(to);
    ColumnPtr plain = from->isLowCardinality() ? column->materialize() : column;
    if (sameValues(*plain_from, *plain_to))
        return to->isLowCardinality() ? ColumnPtr(ColumnLowCardinality::encode(*plain)) : plain;
    if (plain_to->isNullable() && removeNullable(plain_to)->equals(*plain_from))
    {
        auto null_map = ColumnUInt8::create();
        null_map->data().resize(plain->size(), 0);
        ColumnPtr nullable = ColumnNullable::create(plain, null_map);
        return to->isLowCardinality() ? ColumnPtr(ColumnLowCardinality::encode(*nullable)) : nullable;
    }
    auto result = to->createColumn();
    auto writer = serializationOf(plain_from);
    auto reader = serializationOf(to);
    for (size_t row = 0; row < plain->size(); ++row)
    {
        if (plain->isNullAt(row))
        {
            result->insert(to->defaultValue());
            continue;
        }
        WriteBuffer text;
        writer->writeRaw(*plain, row, text, settings);
        reader->readRaw(*result, text.str(), settings);
    }
    return result;
}

}

std::optional<Block> NativeBlocks::append(ReadBuffer & in)
{
    if (revision_)
        readBlockInfo(in);
    uint64_t columns = in.readVarUInt();
    uint64_t rows = in.readVarUInt();
    if (columns > columns_max)
        throw Exception(ErrorCode::INCORRECT_DATA, "Suspiciously many columns in Native format: {}, at byte {}", columns, in.consumed());
    if (!columns && rows)
        throw Exception(ErrorCode::INCORRECT_DATA, "Zero columns but {} rows in Native format", rows);
    if (rows > settings_.array_elements_max)
        throw Exception(ErrorCode::TOO_LARGE_ARRAY_SIZE, "A block of {} rows in Native format is over the limit", rows);
    if (rows_ == 0)
        columns_.clear();
    std::vector<Received> other; // of this block, where it is not like those before
    bool alike = rows_ == 0 || columns == columns_.size();
    for (uint64_t i = 0; i < columns; ++i)
    {
        std::string name = in.readString(name_bytes_max);
        std::string type_name = in.readString(type_bytes_max);
        if (revision_ >= revision_with_custom_serialization && in.readByte() != 0)
            throw Exception(
                ErrorCode::NOT_IMPLEMENTED, "Column {} comes in a custom serialization (sparse?): send it in the default one", name);
        if (alike && rows_ && (columns_[i].name != name || columns_[i].type_name != type_name))
        {
            alike = false;
            takeBack(i, rows, other);
        }
        if (!alike || rows_ == 0)
        {
            auto & to = alike ? columns_ : other;
            DataTypePtr type = parseDataType(type_name);
            DataTypePtr type_read = codes_keys_ && codes_keys_(name, *type) ? withCodedMapKeys(type) : type;
            to.push_back({name, type_name, type, type_read, type_read->createColumn()});
        }
        auto & column = alike ? columns_[i] : other.back();
        try
        {
            serializationOf(column.type)->readBulk(*column.values, rows, in, settings_);
        }
        catch (Exception & exception)
        {
            exception.addContext(fmt::format("(while reading column {}, type {}, of {} rows)", name, column.type->name(), rows));
            throw;
        }
    }
    if (!alike)
        return blockOf(std::move(other));
    rows_ += rows;
    return std::nullopt;
}

void NativeBlocks::takeBack(size_t columns, size_t rows, std::vector<Received> & to)
{
    for (size_t i = 0; i < columns; ++i)
    {
        auto & column = columns_[i];
        auto taken = column.values->cloneEmpty();
        taken->insertRangeFrom(*column.values, rows_, rows);
        column.values->popBack(rows);
        to.push_back({column.name, column.type_name, column.type, column.type_read, std::move(taken)});
    }
}

Block NativeBlocks::blockOf(std::vector<Received> columns)
{
    std::vector<ColumnWithType> result;
    for (auto & column : columns)
        result.push_back({std::move(column.values), std::move(column.type_read), std::move(column.name)});
    return Block(std::move(result));
}

Block NativeBlocks::take()
{
    rows_ = 0;
    return blockOf(std::exchange(columns_, {}));
}

size_t NativeBlocks::byteSize() const
{
    size_t bytes = 0;
    for (const auto & column : columns_)
        bytes += column.values->byteSize();
    return bytes;
}

void NativeBlocks::reserve(double factor)
{
    for (auto & column : columns_)
        reserveTimes(*column.values, factor);
}

void writeNativeBlock(const Block & block, WriteBuffer & out, uint64_t revision)
{
    if (revision)
        writeBlockInfo(out);
    out.writeVarUInt(block.columnCount());
    out.writeVarUInt(block.rows());
    for (const auto & column : block.columns())
    {
        out.writeString(column.name);
        out.writeString(typeNameFor(revision, *column.type));
        if (revision >= revision_with_custom_serialization)
            out.writeByte(0);
        if (!block.rows())
            continue;
        ColumnPtr full = column.column->kind() == ColumnKind::Const ? column.column->materialize() : column.column;
        serializationOf(column.type)->writeBulk(*full, 0, block.rows(), out);
    }
}

Block alignToHeader(
    const Block & block,
    const NamesAndTypes & header,
    const FormatSettings & settings,
    const InputOptions & options,
    std::vector<Filter> & missing)
{
    missing.assign(header.size(), {});
    std::vector<ColumnWithType> result;
    size_t known = 0;
    for (size_t i = 0; i < header.size(); ++i)
    {
        const auto & [name, type] = header[i];
        auto position = block.find(name);
        if (!position)
        {
            missing[i].resize(block.rows(), 1);
            result.push_back({type->createDefaultConst(block.rows())->materialize(), type, name});
            continue;
        }
        ++known;
        const auto & source = block.at(*position);
        ColumnPtr column = source.column;
        if (options.coded_maps.contains(name) && source.type->equals(*withCodedMapKeys(type)))
        {
            result.push_back(source);
            continue;
        }
        if (!sameValues(*source.type, *type))
        {
            // Where the source is NULL and the column cannot be, the column's default expression takes over.
            if (settings.input_format_null_as_default && source.type->isNullable() && !makeNullable(type)->equals(*type))
                if (const auto * nullable = tryColumnAs<ColumnNullable>(*column))
                    missing[i].assign(nullable->nullMap().begin(), nullable->nullMap().end());
            column = options.convert ? options.convert(column, source.type, type) : convertColumn(column, source.type, type, settings);
        }
        result.push_back({std::move(column), type, name});
    }
    if (known < block.columnCount() && !settings.input_format_skip_unknown_fields)
        for (const auto & column : block.columns())
            if (std::none_of(header.begin(), header.end(), [&](const auto & known_column) { return known_column.name == column.name; }))
                throw Exception(ErrorCode::INCORRECT_DATA, "Unknown column with name {} found while reading data in Native format", column.name);
    return Block(std::move(result));
}

NativeReader::NativeReader(ReadBuffer & in, NamesAndTypes header, const FormatSettings & settings, const InputOptions & options)
    : InputFormat(std::move(header)), in_(in), settings_(settings), options_(options),
      blocks_(options_.revision, settings_, [this](const std::string & name, const DataType & type)
      {
          return options_.coded_maps.contains(name)
              && std::any_of(header_.begin(), header_.end(), [&](const auto & column) { return column.name == name && column.type->equals(type); });
      })
{
}

Block NativeReader::read()
{
    Block block = other_ ? *std::exchange(other_, std::nullopt) : readAlike();
    return block.rows() ? alignToHeader(block, header_, settings_, options_, missing_) : Block();
}

Block NativeReader::readAlike()
{
    uint64_t begin = in_.consumed();
    while (!other_ && blocks_.rows() < options_.block_rows_max && blocks_.byteSize() < options_.block_bytes_max && !in_.eof())
    {
        bool first = blocks_.rows() == 0;
        other_ = blocks_.append(in_);
        if (other_ && other_->rows() == 0)
            other_.reset();
        if (first && blocks_.rows())
            reserveForRest(in_.consumed() - begin);
    }
    return blocks_.take();
}

void NativeReader::reserveForRest(uint64_t block_bytes)
{
    constexpr double margin = 1.05;
    constexpr double factor_max = 64; // what is announced may not come
    if (options_.input_bytes <= in_.consumed())
        return;
    double rest = margin * static_cast<double>(options_.input_bytes - in_.consumed());
    double factor = std::min(factor_max, 1 + rest / static_cast<double>(block_bytes));
    for (auto [now, most] : {std::pair(blocks_.rows(), options_.block_rows_max), {blocks_.byteSize(), options_.block_bytes_max}})
        factor = std::min(factor, margin * static_cast<double>(most) / static_cast<double>(std::max<size_t>(now, 1)));
    if (factor > 1)
        blocks_.reserve(factor);
}

}
