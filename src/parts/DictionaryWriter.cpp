#include "parts/DictionaryWriter.h"

#include "columns/ColumnFixedString.h"
#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnNullable.h"
#include "parts/NumberKinds.h"

#include <algorithm>
#include <cstring>

namespace mangrove
{

namespace
{

constexpr size_t adaptive_values_max = 1 << 20;
constexpr size_t adaptive_bytes_max = 32 << 20;
/// So few values never hurt, however small the page.
constexpr size_t harmless_values = 64;
constexpr uint32_t tentative_pages = 4;
constexpr uint32_t not_translated = UINT32_MAX;
/// Translations of dictionaries of finished blocks are of no more use.
constexpr size_t translations_max = 64;

}

std::string_view bytesOfValue(const Column & column, size_t row)
{
    if (isNumberKind(column.kind()))
        return withNumberArray(column, [&](const auto & values)
        {
            return std::string_view(reinterpret_cast<const char *>(&values[row]), sizeof(values[row]));
        });
    return column.stringAt(row);
}

/// Calls visit(append), where append(bytes) appends the value whose bytes these are.
template <typename Visit>
static void withAppend(Column & column, Visit && visit)
{
    if (auto * strings = dynamic_cast<ColumnString *>(&column))
        visit([strings](std::string_view bytes) { strings->append(bytes); });
    else if (auto * fixed = dynamic_cast<ColumnFixedString *>(&column))
        visit([fixed](std::string_view bytes) { fixed->append(bytes); });
    else
        withNumberArray(column, [&](auto & values)
        {
            visit([&](std::string_view bytes)
            {
                typename std::decay_t<decltype(values)>::value_type value;
                CHECK(bytes.size() == sizeof(value));
                std::memcpy(&value, bytes.data(), sizeof(value));
                values.push_back(value);
            });
        });
}

void appendValueBytes(Column & column, std::string_view bytes)
{
    withAppend(column, [bytes](auto && append) { append(bytes); });
}

PartDictionary::PartDictionary(DataTypePtr value_type, bool nullable)
    : value_type_(std::move(value_type)), nullable_(nullable)
{
    auto prototype = value_type_->createColumn();
    prototype->insertDefault();
    values_.codeOf(bytesOfValue(*prototype, 0));
}

void PartDictionary::encode(const ColumnPtr & column, const RowChoice & rows, PodVector<uint32_t> & codes)
{
    codes.resize(rows.count);
    if (column->kind() == ColumnKind::LowCardinality)
        encodeCoded(column, rows, codes);
    else
        encodeFull(*column, rows, codes);
}

void PartDictionary::encodeCoded(const ColumnPtr & column, const RowChoice & rows, PodVector<uint32_t> & codes)
{
    const auto & coded = columnAs<ColumnLowCardinality>(*column);
    const Column * dictionary = coded.dictionaryPtr().get();
    auto found = translations_.find(dictionary);
    if (found == translations_.end())
    {
        if (translations_.size() >= translations_max)
            translations_.clear();
        found = translations_.emplace(dictionary, Translation{coded.dictionaryPtr(), {}}).first;
        found->second.codes.resize(dictionary->size(), not_translated);
    }
    auto & translation = found->second.codes;
    const Column * nested = dictionary;
    if (auto * with_nulls = tryColumnAs<ColumnNullable>(*dictionary))
        nested = &with_nulls->nested();
    constexpr size_t ahead = 32; // rows from all over a large column: each may be a cache miss
    const uint32_t * coded_values = coded.codes().data();
    for (size_t i = 0; i < rows.count; ++i)
    {
        if (i + ahead < rows.count)
            __builtin_prefetch(coded_values + rows[i + ahead]);
        uint32_t from = coded_values[rows[i]];
        if (translation[from] == not_translated) [[unlikely]]
        {
            CHECK(nullable_ || !dictionary->isNullAt(from), "NULL in a column that is not Nullable");
            translation[from] = nullable_ && dictionary->isNullAt(from) ? 0 : add(bytesOfValue(*nested, from));
        }
        codes[i] = translation[from];
    }
}

template <typename At, typename Approach>
void PartDictionary::addAll(size_t count, At && at, Approach && approach, PodVector<uint32_t> & codes)
{
    values_.codesOf(count, at, approach, codes.data());
    if (nullable_)
        for (size_t i = 0; i < count; ++i)
            ++codes[i];
}

void PartDictionary::encodeFull(const Column & column, const RowChoice & rows, PodVector<uint32_t> & codes)
{
    if (auto * with_nulls = tryColumnAs<ColumnNullable>(column))
    {
        encodeFull(with_nulls->nested(), rows, codes);
        for (size_t i = 0; i < rows.count; ++i)
            if (with_nulls->nullMap()[rows[i]])
            {
                CHECK(nullable_, "NULL in a column that is not Nullable");
                codes[i] = 0;
            }
    }
    else if (auto * strings = tryColumnAs<ColumnString>(column))
        addAll(
            rows.count, [&](size_t i) { return strings->at(rows[i]); },
            [offsets = strings->offsets().data(), &rows](size_t i) { __builtin_prefetch(offsets + rows[i]); }, codes);
    else if (auto * fixed = tryColumnAs<ColumnFixedString>(column))
        addAll(rows.count, [&](size_t i) { return fixed->at(rows[i]); }, [](size_t) {}, codes);
    else
        withNumberArray(column, [&](const auto & values)
        {
            addAll(rows.count, [&](size_t i)
            {
                return std::string_view(reinterpret_cast<const char *>(&values[rows[i]]), sizeof(values[rows[i]]));
            }, [](size_t) {}, codes);
        });
}

void PartDictionary::truncate(size_t size)
{
    values_.truncate(size - (nullable_ ? 1 : 0));
    for (auto & [dictionary, translation] : translations_)
        for (auto & code : translation.codes)
            if (code != not_translated && code >= size)
                code = not_translated;
}

MutableColumnPtr PartDictionary::values() const
{
    auto column = value_type_->createColumn();
    column->reserve(values_.size());
    withAppend(*column, [&](auto && append)
    {
        for (size_t i = 0; i < values_.size(); ++i)
            append(values_.at(static_cast<uint32_t>(i)));
    });
    return column;
}

DictionaryWriter::DictionaryWriter(
    DataTypePtr value_type, bool nullable, bool adaptive, const CompressionChoice & compression, bool searchable)
    : dictionary_(value_type, nullable),
      adaptive_(adaptive),
      used_size_(dictionary_.size()),
      codes_(sizeof(uint32_t), false, compression.withoutForced())
{
    ColumnWriteSettings plain{compression.withoutForced(), false};
    values_ = makeColumnWriter(value_type, plain);
    if (adaptive_)
        raw_ = makeColumnWriter(value_type, {compression, false, searchable});
}

void DictionaryWriter::writePage(const ColumnPtr & column, size_t begin, size_t end)
{
    bool coded = writeCodes(column, RowChoice::range(begin, end));
    if (raw_)
        raw_->writePage(column, coded ? end : begin, end);
}

void DictionaryWriter::writeRows(const ColumnPtr & column, std::span<const uint32_t> rows)
{
    bool coded = writeCodes(column, RowChoice::of(rows));
    if (raw_ && coded)
        raw_->writePage(column, 0, 0);
    else if (raw_)
        raw_->writePage(column->gather(rows), 0, rows.size());
}

bool DictionaryWriter::writeCodes(const ColumnPtr & column, const RowChoice & rows)
{
    PodVector<uint32_t> codes;
    if (!adaptive_)
    {
        dictionary_.encode(column, rows, codes);
        used_size_ = dictionary_.size();
    }
    else if (rows.count == 0 || !tryDictionary(column, rows, codes))
        codes.clear();
    codes_.writeValues(std::span<const uint32_t>(codes));
    return codes.size() == rows.count && rows.count;
}

bool DictionaryWriter::tryDictionary(const ColumnPtr & column, const RowChoice & rows, PodVector<uint32_t> & codes)
{
    if (pages_to_skip_)
    {
        --pages_to_skip_;
        return false;
    }
    size_t before = dictionary_.size();
    dictionary_.encode(column, rows, codes);
    bool suits = ((dictionary_.size() - before) * 2 <= rows.count || dictionary_.size() <= harmless_values)
        && dictionary_.size() <= adaptive_values_max && dictionary_.bytes() <= adaptive_bytes_max;
    if (suits)
    {
        misses_ = 0;
        used_size_ = dictionary_.size();
        return true;
    }
    /// The values stay for a few pages: perhaps the next ones repeat them.
    ++misses_;
    if (misses_ % tentative_pages == 0 || dictionary_.bytes() > adaptive_bytes_max)
    {
        dictionary_.truncate(used_size_);
        pages_to_skip_ = 4u << std::min(misses_, 10u);
    }
    return false;
}

void DictionaryWriter::finish()
{
    dictionary_.truncate(used_size_);
    ColumnPtr values = dictionary_.values();
    for (size_t begin = 0; begin < values->size(); begin += dictionary_page_rows)
        values_->writePage(values, begin, std::min(values->size(), begin + dictionary_page_rows));
}

void DictionaryWriter::collectStreams(std::vector<StreamToPlace> & to)
{
    values_->collectStreams(to);
    codes_.collectStreams(to);
    if (raw_)
        raw_->collectStreams(to);
}

void DictionaryWriter::writeHeader(WriteBuffer & out) const
{
    out.writeByte(static_cast<char>(NodeKind::Dictionary));
    out.writeByte(dictionary_.nullable() ? 1 : 0);
    out.writeVarUInt(dictionary_.size());
    codes_.writeHeader(out);
    values_->writeHeader(out);
    out.writeByte(raw_ ? 1 : 0);
    if (raw_)
        raw_->writeHeader(out);
}

uint64_t DictionaryWriter::bytes() const
{
    return codes_.bytes() + dictionary_.bytes() + (raw_ ? raw_->bytes() : 0);
}

}
