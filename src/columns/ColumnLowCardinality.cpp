#include "columns/ColumnLowCardinality.h"

#include "columns/CodeLookup.h"
#include "columns/ColumnConst.h"
#include "columns/ColumnFixedString.h"
#include "columns/ColumnNullable.h"
#include "columns/ColumnString.h"
#include "columns/FilterMask.h"
#include "columns/equalBytes.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace mangrove
{

namespace
{

void appendString(Column & dictionary, std::string_view value)
{
    switch (dictionary.kind())
    {
        case ColumnKind::String: static_cast<ColumnString &>(dictionary).append(value); break;
        case ColumnKind::FixedString: static_cast<ColumnFixedString &>(dictionary).append(value); break;
        case ColumnKind::Nullable:
        {
            auto & nullable = static_cast<ColumnNullable &>(dictionary);
            appendString(nullable.nestedMutable(), value);
            nullable.nullMapMutable().push_back(0);
            break;
        }
        default: throw Exception(ErrorCode::ILLEGAL_COLUMN, "A dictionary of {} has no string values", dictionary.name());
    }
}

constexpr unsigned recent_bits = 9;
constexpr size_t recent_values = 1 << recent_bits;

/// Of the length, the first and the last bytes: names that recur rarely agree in all of them.
size_t recentSlot(std::string_view value)
{
    uint64_t first = 0, last = 0;
    if (value.size() >= sizeof(first))
    {
        std::memcpy(&first, value.data(), sizeof(first));
        std::memcpy(&last, value.data() + value.size() - sizeof(last), sizeof(last));
    }
    else
        for (char byte : value)
            first = first << 8 | static_cast<uint8_t>(byte);
    return ((first ^ std::rotl(last, 23)) + value.size()) * 0x9e3779b97f4a7c15ULL >> (64 - recent_bits);
}

}

ColumnLowCardinality::ColumnLowCardinality(const Column & value_prototype)
{
    auto dictionary = value_prototype.cloneEmpty();
    dictionary->insertDefault();
    if (dictionary->kind() == ColumnKind::Nullable)
    {
        auto & nullable = static_cast<ColumnNullable &>(*dictionary);
        nullable.nestedMutable().insertDefault();
        nullable.nullMapMutable().push_back(0);
    }
    dictionary_ = std::move(dictionary);
}

ColumnLowCardinality::ColumnLowCardinality(ColumnPtr dictionary, PodVector<uint32_t> codes)
    : dictionary_(std::move(dictionary)), codes_(std::move(codes))
{
    uint32_t code_max = 0;
    for (uint32_t code : codes_)
        code_max = std::max(code_max, code);
    CHECK(code_max < dictionary_->size(), "code {} in a dictionary of {} values", code_max, dictionary_->size());
}

std::shared_ptr<ColumnLowCardinality> ColumnLowCardinality::encode(const Column & values)
{
    if (values.kind() == ColumnKind::LowCardinality)
        return std::make_shared<ColumnLowCardinality>(static_cast<const ColumnLowCardinality &>(values));
    auto result = std::make_shared<ColumnLowCardinality>(*values.cloneEmpty()->materialize());
    result->insertRangeFrom(values, 0, values.size());
    return result;
}

void ColumnLowCardinality::own()
{
    // A use count of one cannot rise meanwhile: nobody else has a reference to copy.
    if (lookup_ && dictionary_.use_count() == 1 && lookup_.use_count() == 1) [[likely]]
        return;
    if (dictionary_.use_count() != 1)
    {
        auto copy = dictionary_->cloneEmpty();
        copy->insertRangeFrom(*dictionary_, 0, dictionary_->size());
        dictionary_ = std::move(copy);
    }
    lookup_ = lookup_ ? std::make_shared<CodeLookup>(*lookup_) : std::make_shared<CodeLookup>(*dictionary_);
}

uint32_t ColumnLowCardinality::codeOf(std::string_view value)
{
    own();
    std::string padded;
    if (value.size() < lookup_->fixedLength())
    {
        padded.assign(value);
        padded.resize(lookup_->fixedLength());
        value = padded;
    }
    uint32_t hash = CodeLookup::hashOf(value);
    uint32_t code = lookup_->find(*dictionary_, value, hash);
    if (code != CodeLookup::no_code)
        return code;
    code = static_cast<uint32_t>(dictionary_->size());
    appendString(dictionaryMutable(), value);
    lookup_->add(hash, code);
    return code;
}

void ColumnLowCardinality::appendRecurring(std::string_view value)
{
    if (recent_.empty()) [[unlikely]]
        recent_.resize(recent_values, codeOf(""));
    uint32_t & recent = recent_[recentSlot(value)];
    if (!equalBytes(dictionary_->kind() == ColumnKind::String ? static_cast<const ColumnString &>(*dictionary_).at(recent) : dictionary_->stringAt(recent), value))
        recent = codeOf(value);
    codes_.push_back(recent);
}

uint32_t ColumnLowCardinality::codeOfRow(const Column & values, size_t row)
{
    if (dictionary_->kind() == ColumnKind::Nullable && values.isNullAt(row))
        return 0;
    own();
    std::string buffer;
    auto key = lookup_->keyOf(values, row, buffer);
    uint32_t hash = CodeLookup::hashOf(key);
    uint32_t code = lookup_->find(*dictionary_, key, hash);
    if (code != CodeLookup::no_code)
        return code;
    code = static_cast<uint32_t>(dictionary_->size());
    dictionaryMutable().insertFrom(values, row);
    lookup_->add(hash, code);
    return code;
}

std::shared_ptr<ColumnLowCardinality> ColumnLowCardinality::compact() const
{
    PodVector<uint32_t> new_codes(dictionary_->size(), CodeLookup::no_code);
    size_t kept_always = dictionary_->kind() == ColumnKind::Nullable ? 2 : 1;
    std::fill_n(new_codes.begin(), kept_always, 0);
    for (uint32_t code : codes_)
        new_codes[code] = 0;
    PodVector<uint32_t> used;
    for (size_t code = 0; code < new_codes.size(); ++code)
        if (new_codes[code] == 0)
        {
            new_codes[code] = static_cast<uint32_t>(used.size());
            used.push_back(static_cast<uint32_t>(code));
        }
    PodVector<uint32_t> codes(codes_.size());
    for (size_t i = 0; i < codes.size(); ++i)
        codes[i] = new_codes[codes_[i]];
    return create(dictionary_->gather(used), std::move(codes));
}

std::string ColumnLowCardinality::name() const
{
    return "LowCardinality(" + dictionary_->name() + ")";
}

size_t ColumnLowCardinality::size() const
{
    return codes_.size();
}

size_t ColumnLowCardinality::byteSize() const
{
    return codes_.size() * sizeof(uint32_t) + dictionary_->byteSize();
}

MutableColumnPtr ColumnLowCardinality::cloneEmpty() const
{
    return std::make_shared<ColumnLowCardinality>(*dictionary_);
}

void ColumnLowCardinality::reserve(size_t rows)
{
    codes_.reserve(rows);
}

Field ColumnLowCardinality::get(size_t row) const
{
    return dictionary_->get(codes_[row]);
}

void ColumnLowCardinality::insert(const Field & field)
{
    auto value = dictionary_->cloneEmpty();
    value->insert(field);
    codes_.push_back(codeOfRow(*value, 0));
}

void ColumnLowCardinality::insertFrom(const Column & source, size_t row)
{
    if (source.kind() == ColumnKind::LowCardinality)
    {
        const auto & from = static_cast<const ColumnLowCardinality &>(source);
        if (from.dictionary_ == dictionary_)
            codes_.push_back(from.codes_[row]);
        else
            codes_.push_back(codeOfRow(from.dictionary(), from.codes_[row]));
    }
    else if (source.kind() == ColumnKind::Const)
        insertFrom(static_cast<const ColumnConst &>(source).value(), 0);
    else
        codes_.push_back(codeOfRow(source, row));
}

void ColumnLowCardinality::insertRangeFrom(const Column & source, size_t start, size_t count)
{
    CHECK(start <= source.size() && count <= source.size() - start, "rows {}+{} of {}", start, count, source.size());
    if (!count)
        return;
    if (source.kind() == ColumnKind::Const)
    {
        insertFrom(static_cast<const ColumnConst &>(source).value(), 0);
        codes_.resize(codes_.size() + count - 1, codes_.back());
        return;
    }
    const auto * from = tryColumnAs<ColumnLowCardinality>(source);
    if (!from)
    {
        for (size_t i = 0; i < count; ++i)
            codes_.push_back(codeOfRow(source, start + i));
        return;
    }

    size_t values = from->dictionary().size();
    bool adopts = codes_.empty() && !lookup_ && count * 2 >= values;
    if (adopts)
    {
        dictionary_ = from->dictionary_;
        recent_.clear();
    }
    if (from->dictionary_ == dictionary_)
    {
        size_t old_rows = codes_.size();
        codes_.resize(old_rows + count);
        std::copy_n(from->codes_.data() + start, count, codes_.data() + old_rows);
    }
    else if (count * 8 < values)
    {
        // A table for the whole dictionary would cost more than looking up these rows.
        for (size_t i = 0; i < count; ++i)
            codes_.push_back(codeOfRow(from->dictionary(), from->codes_[start + i]));
    }
    else
    {
        PodVector<uint32_t> new_codes(values, CodeLookup::no_code);
        for (size_t i = 0; i < count; ++i)
        {
            uint32_t & code = new_codes[from->codes_[start + i]];
            if (code == CodeLookup::no_code)
                code = codeOfRow(from->dictionary(), from->codes_[start + i]);
            codes_.push_back(code);
        }
    }
}

void ColumnLowCardinality::popBack(size_t count)
{
    codes_.resize(codes_.size() - count);
}

ColumnPtr ColumnLowCardinality::filter(const Filter & filter, size_t) const
{
    return create(dictionary_, filterVector(codes_, filter));
}

ColumnPtr ColumnLowCardinality::gather(std::span<const uint32_t> rows) const
{
    PodVector<uint32_t> codes(rows.size());
    for (size_t i = 0; i < rows.size(); ++i)
        codes[i] = codes_[rows[i]];
    return create(dictionary_, std::move(codes));
}

ColumnPtr ColumnLowCardinality::cut(size_t start, size_t count) const
{
    CHECK(start <= size() && count <= size() - start, "rows {}+{} of {}", start, count, size());
    return create(dictionary_, PodVector<uint32_t>(codes_.begin() + start, codes_.begin() + start + count));
}

int ColumnLowCardinality::compareAt(size_t row, size_t other_row, const Column & other, int nan_direction) const
{
    if (other.kind() != ColumnKind::LowCardinality)
        return dictionary_->compareAt(codes_[row], other_row, other, nan_direction);
    const auto & right = static_cast<const ColumnLowCardinality &>(other);
    if (dictionary_ == right.dictionary_ && codes_[row] == right.codes_[other_row])
        return 0;
    return dictionary_->compareAt(codes_[row], right.codes_[other_row], right.dictionary(), nan_direction);
}

void ColumnLowCardinality::updateHashes(std::span<uint64_t> hashes) const
{
    CHECK(hashes.size() == size(), "{} hashes for {} rows", hashes.size(), size());
    if (size() * 2 < dictionary_->size())
        return dictionary_->gather(codes_)->updateHashes(hashes);
    PodVector<uint64_t> values(dictionary_->size());
    dictionary_->hashValues(values);
    for (size_t i = 0; i < hashes.size(); ++i)
        hashes[i] = combineHash(hashes[i], values[codes_[i]]);
}

void ColumnLowCardinality::hashValues(std::span<uint64_t> out) const
{
    CHECK(out.size() == size(), "{} hashes for {} rows", out.size(), size());
    if (size() * 2 < dictionary_->size())
        return dictionary_->gather(codes_)->hashValues(out);
    PodVector<uint64_t> values(dictionary_->size());
    dictionary_->hashValues(values);
    for (size_t i = 0; i < out.size(); ++i)
        out[i] = values[codes_[i]];
}

void ColumnLowCardinality::serializeKey(size_t row, std::string & out) const
{
    dictionary_->serializeKey(codes_[row], out);
}

const char * ColumnLowCardinality::deserializeKey(const char * position)
{
    auto value = dictionary_->cloneEmpty();
    position = value->deserializeKey(position);
    codes_.push_back(codeOfRow(*value, 0));
    return position;
}

}
