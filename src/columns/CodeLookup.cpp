#include "columns/CodeLookup.h"

#include "columns/ColumnFixedString.h"
#include "columns/ColumnNullable.h"
#include "columns/hashBytes.h"

#include <bit>

namespace mangrove
{

CodeLookup::CodeLookup(const Column & dictionary)
{
    const Column & values
        = dictionary.kind() == ColumnKind::Nullable ? static_cast<const ColumnNullable &>(dictionary).nested() : dictionary;
    holds_strings_ = values.kind() == ColumnKind::String || values.kind() == ColumnKind::FixedString;
    if (values.kind() == ColumnKind::FixedString)
        fixed_length_ = static_cast<const ColumnFixedString &>(values).length();
    slots_.resize(std::bit_ceil(dictionary.size() * 2 + 16));
    for (size_t code = 0; code < dictionary.size(); ++code)
        if (!dictionary.isNullAt(code))
            add(hashOf(keyOf(dictionary, code, buffer_)), static_cast<uint32_t>(code));
}

std::string_view CodeLookup::keyOf(const Column & values, size_t row, std::string & buffer) const
{
    if (holds_strings_)
        return values.stringAt(row);
    buffer.clear();
    values.serializeKey(row, buffer);
    return buffer;
}

uint32_t CodeLookup::hashOf(std::string_view key)
{
    return static_cast<uint32_t>(hashBytes(key));
}

uint32_t CodeLookup::find(const Column & dictionary, std::string_view key, uint32_t hash)
{
    size_t mask = slots_.size() - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask)
    {
        const Slot & slot = slots_[i];
        if (slot.code == no_code || (slot.hash == hash && keyOf(dictionary, slot.code, buffer_) == key))
            return slot.code;
    }
}

void CodeLookup::add(uint32_t hash, uint32_t code)
{
    CHECK(code != no_code, "a dictionary of more than {} values", no_code);
    if (++count_ * 2 > slots_.size())
    {
        std::vector<Slot> old(slots_.size() * 2);
        old.swap(slots_);
        for (const Slot & slot : old)
            if (slot.code != no_code)
                place(slot);
    }
    place({code, hash});
}

void CodeLookup::place(Slot slot)
{
    size_t mask = slots_.size() - 1;
    size_t i = slot.hash & mask;
    while (slots_[i].code != no_code)
        i = (i + 1) & mask;
    slots_[i] = slot;
}

}
