#include "exec/GroupKeys.h"

#include "columns/ColumnFixedString.h"
#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnNullable.h"
#include "columns/ColumnVector.h"
#include "types/DataTypes.h"

#include <cstring>

namespace mangrove
{

DictionaryIds::DictionaryIds(const DataTypePtr & type)
{
    auto empty = type->createColumn();
    const auto & dictionary = columnAs<ColumnLowCardinality>(*empty).dictionary();
    values_ = dictionary.cloneEmpty();
    std::string key;
    for (size_t i = 0; i < dictionary.size(); ++i)
    {
        values_->insertFrom(dictionary, i);
        key.clear();
        dictionary.serializeKey(i, key);
        ids_.emplace(key, static_cast<uint32_t>(i));
    }
}

void DictionaryIds::assign(const Column & dictionary, const Filter & wanted, PodVector<uint32_t> & ids)
{
    std::lock_guard lock(mutex_);
    std::string key;
    for (size_t i = 0; i < wanted.size(); ++i)
    {
        if (!wanted[i])
            continue;
        key.clear();
        dictionary.serializeKey(i, key);
        auto [it, inserted] = ids_.try_emplace(key, static_cast<uint32_t>(values_->size()));
        if (inserted)
            values_->insertFrom(dictionary, i);
        ids[i] = it->second;
    }
}

ColumnPtr DictionaryIds::makeColumn(PodVector<uint32_t> ids) const
{
    return ColumnLowCardinality::create(values_, std::move(ids));
}

namespace
{

size_t fixedBytes(const DataType & type)
{
    switch (type.id())
    {
        case TypeId::UInt8:
        case TypeId::Int8:
        case TypeId::Bool:
        case TypeId::Enum8:
            return 1;
        case TypeId::UInt16:
        case TypeId::Int16:
        case TypeId::Enum16:
        case TypeId::Date:
            return 2;
        case TypeId::UInt32:
        case TypeId::Int32:
        case TypeId::DateTime:
            return 4;
        case TypeId::UInt64:
        case TypeId::Int64:
        case TypeId::DateTime64:
        case TypeId::Interval:
            return 8;
        case TypeId::UInt128:
        case TypeId::UUID:
            return 16;
        case TypeId::FixedString:
            return typeAs<DataTypeFixedString>(type).length();
        default:
            return 0; // floats too: -0.0 and 0.0 are equal, NaNs are one group
    }
}

const char * rawBytes(const Column & column)
{
    switch (column.kind())
    {
#define CASE(name) \
    case ColumnKind::name: \
        return reinterpret_cast<const char *>(static_cast<const Column##name &>(column).data().data());
        CASE(UInt8) CASE(UInt16) CASE(UInt32) CASE(UInt64) CASE(UInt128) CASE(Int8) CASE(Int16) CASE(Int32) CASE(Int64)
#undef CASE
        case ColumnKind::FixedString:
            return static_cast<const ColumnFixedString &>(column).chars().data();
        default:
            CHECK(false, "column {} has no fixed width", column.name());
    }
}

template <typename Key, size_t width>
void packFixed(const char * source, size_t offset, PodVector<Key> & packed)
{
    for (size_t row = 0; row < packed.size(); ++row)
        std::memcpy(reinterpret_cast<char *>(&packed[row]) + offset, source + row * width, width);
}

template <typename Key>
void packBytes(const char * source, size_t width, size_t offset, PodVector<Key> & packed)
{
    switch (width)
    {
        case 1:
            return packFixed<Key, 1>(source, offset, packed);
        case 2:
            return packFixed<Key, 2>(source, offset, packed);
        case 4:
            return packFixed<Key, 4>(source, offset, packed);
        case 8:
            return packFixed<Key, 8>(source, offset, packed);
        default:
            for (size_t row = 0; row < packed.size(); ++row)
                std::memcpy(reinterpret_cast<char *>(&packed[row]) + offset, source + row * width, width);
    }
}

}

GroupKeyLayout::GroupKeyLayout(NamesAndTypes keys) : keys_(std::move(keys))
{
    size_t offset = 0;
    bool fixed = true;
    for (const auto & key : keys_)
    {
        Part part;
        part.offset = offset;
        if (key.type->isLowCardinality())
            part.bytes = 4;
        else
        {
            part.nullable = key.type->isNullable();
            part.bytes = fixedBytes(*removeNullable(key.type));
        }
        fixed = fixed && part.bytes;
        offset += part.bytes + part.nullable;
        parts_.push_back(std::move(part));
    }
    if (keys_.empty())
        method_ = GroupMethod::None;
    else if (!fixed || offset > sizeof(UInt128))
        method_ = GroupMethod::Serialized;
    else if (keys_.size() == 1 && !parts_[0].nullable && (keys_[0].type->isLowCardinality() || parts_[0].bytes <= 2))
        method_ = GroupMethod::Direct;
    else
        method_ = offset <= sizeof(uint64_t) ? GroupMethod::Packed8 : GroupMethod::Packed16;
    if (method_ != GroupMethod::Serialized)
        for (size_t i = 0; i < keys_.size(); ++i)
            if (keys_[i].type->isLowCardinality())
                parts_[i].dictionary = std::make_shared<DictionaryIds>(keys_[i].type);
}

const PodVector<uint32_t> & GroupKeyPacker::idsOf(size_t key, const Column & column, PodVector<uint32_t> & row_ids)
{
    const auto & low = columnAs<ColumnLowCardinality>(column);
    auto & remap = remaps_[key];
    size_t size = low.dictionary().size();
    if (remap.dictionary != low.dictionaryPtr())
    {
        remap.dictionary = low.dictionaryPtr();
        remap.ids.assign(size, 0);
        remap.known.assign(size, 0);
    }
    Filter wanted(size, 0);
    bool any = false;
    for (auto code : low.codes())
    {
        wanted[code] = !remap.known[code];
        any = any || wanted[code];
    }
    if (any)
    {
        layout_.parts()[key].dictionary->assign(low.dictionary(), wanted, remap.ids);
        for (size_t i = 0; i < size; ++i)
            remap.known[i] |= wanted[i];
    }
    row_ids.resize(low.size());
    for (size_t row = 0; row < low.size(); ++row)
        row_ids[row] = remap.ids[low.codes()[row]];
    return row_ids;
}

template <typename Key>
void GroupKeyPacker::pack(const Columns & keys, size_t rows, PodVector<Key> & packed)
{
    packed.assign(rows, 0);
    PodVector<uint32_t> row_ids;
    for (size_t i = 0; i < keys.size(); ++i)
    {
        const auto & part = layout_.parts()[i];
        if (part.dictionary)
        {
            const auto & ids = idsOf(i, *keys[i], row_ids);
            packBytes(reinterpret_cast<const char *>(ids.data()), 4, part.offset, packed);
        }
        else if (part.nullable)
        {
            const auto & nullable = columnAs<ColumnNullable>(*keys[i]);
            packBytes(rawBytes(nullable.nested()), part.bytes, part.offset, packed);
            for (size_t row = 0; row < rows; ++row)
                if (nullable.nullMap()[row])
                {
                    auto * bytes = reinterpret_cast<char *>(&packed[row]) + part.offset;
                    std::memset(bytes, 0, part.bytes);
                    bytes[part.bytes] = 1;
                }
        }
        else
            packBytes(rawBytes(*keys[i]), part.bytes, part.offset, packed);
    }
}

template <typename Key>
Columns GroupKeyLayout::unpack(const Key * packed, size_t count) const
{
    Columns columns;
    for (size_t i = 0; i < keys_.size(); ++i)
    {
        const auto & part = parts_[i];
        auto bytesOf = [&](size_t row) { return reinterpret_cast<const char *>(&packed[row]) + part.offset; };
        if (part.dictionary)
        {
            PodVector<uint32_t> ids(count);
            for (size_t row = 0; row < count; ++row)
                std::memcpy(&ids[row], bytesOf(row), 4);
            columns.push_back(part.dictionary->makeColumn(std::move(ids)));
            continue;
        }
        auto type = removeNullable(keys_[i].type);
        auto column = type->createColumn();
        if (column->kind() == ColumnKind::FixedString)
            static_cast<ColumnFixedString &>(*column).chars().resize(count * part.bytes);
        else
            column->insertManyDefaults(count);
        auto * target = const_cast<char *>(rawBytes(*column));
        for (size_t row = 0; row < count; ++row)
            std::memcpy(target + row * part.bytes, bytesOf(row), part.bytes);
        if (!part.nullable)
        {
            columns.push_back(column);
            continue;
        }
        auto nulls = ColumnUInt8::create(count);
        for (size_t row = 0; row < count; ++row)
            nulls->data()[row] = bytesOf(row)[part.bytes];
        columns.push_back(ColumnNullable::create(column, nulls));
    }
    return columns;
}

Columns GroupKeyLayout::deserialize(const std::string_view * keys, size_t count) const
{
    std::vector<MutableColumnPtr> columns;
    for (const auto & key : keys_)
        columns.push_back(key.type->createColumn());
    for (size_t row = 0; row < count; ++row)
    {
        const char * position = keys[row].data();
        for (auto & column : columns)
            position = column->deserializeKey(position);
    }
    return {columns.begin(), columns.end()};
}

template void GroupKeyPacker::pack(const Columns &, size_t, PodVector<uint64_t> &);
template void GroupKeyPacker::pack(const Columns &, size_t, PodVector<UInt128> &);
template Columns GroupKeyLayout::unpack(const uint64_t *, size_t) const;
template Columns GroupKeyLayout::unpack(const UInt128 *, size_t) const;

}
