#include "parts/ValueDictionary.h"

#include "columns/equalBytes.h"
#include "columns/hashBytes.h"

namespace mangrove
{

ValueDictionary::ValueDictionary()
{
    slots_.resize(64, Slot{0, 0});
}

uint32_t ValueDictionary::codeOf(std::string_view value)
{
    return codeOf(Hashed{value, hashBytes(value)});
}

uint32_t ValueDictionary::codeOf(const Hashed & hashed)
{
    auto [value, hash] = hashed;
    auto upper = static_cast<uint32_t>(hash >> 32);
    size_t mask = slots_.size() - 1;
    size_t slot = hash & mask;
    while (slots_[slot].code_plus_one)
    {
        if (slots_[slot].hash == upper && equalBytes(at(slots_[slot].code_plus_one - 1), value))
            return slots_[slot].code_plus_one - 1;
        slot = (slot + 1) & mask;
    }
    chars_.insert(chars_.end(), value.begin(), value.end());
    ends_.push_back(chars_.size());
    hashes_.push_back(hash);
    slots_[slot] = {static_cast<uint32_t>(ends_.size()), upper};
    if (ends_.size() * 2 > slots_.size())
        grow();
    return static_cast<uint32_t>(ends_.size() - 1);
}

void ValueDictionary::codesOf(std::span<Hashed> batch, uint32_t * codes)
{
    for (auto & hashed : batch)
    {
        hashed.hash = hashBytes(hashed.value);
        __builtin_prefetch(&slots_[hashed.hash & (slots_.size() - 1)]);
    }
    for (size_t i = 0; i < batch.size(); ++i)
        codes[i] = codeOf(batch[i]);
}

uint32_t ValueDictionary::find(std::string_view value) const
{
    uint64_t hash = hashBytes(value);
    auto upper = static_cast<uint32_t>(hash >> 32);
    size_t mask = slots_.size() - 1;
    for (size_t slot = hash & mask; slots_[slot].code_plus_one; slot = (slot + 1) & mask)
        if (slots_[slot].hash == upper && equalBytes(at(slots_[slot].code_plus_one - 1), value))
            return slots_[slot].code_plus_one - 1;
    return not_found;
}

void ValueDictionary::grow()
{
    size_t capacity = slots_.size() * 2;
    slots_.assign(capacity, Slot{0, 0});
    for (size_t code = 0; code < hashes_.size(); ++code)
    {
        size_t slot = hashes_[code] & (capacity - 1);
        while (slots_[slot].code_plus_one)
            slot = (slot + 1) & (capacity - 1);
        slots_[slot] = {static_cast<uint32_t>(code + 1), static_cast<uint32_t>(hashes_[code] >> 32)};
    }
}

void ValueDictionary::truncate(size_t size)
{
    /// Newest first: nothing was placed after an entry because of it, so its slot can simply be emptied. grow()
    /// places in the order of codes, which keeps this true.
    size_t mask = slots_.size() - 1;
    for (size_t code = ends_.size(); code-- > size;)
    {
        size_t slot = hashes_[code] & mask;
        while (slots_[slot].code_plus_one != code + 1)
            slot = (slot + 1) & mask;
        slots_[slot] = {0, 0};
    }
    ends_.resize(size);
    hashes_.resize(size);
    chars_.resize(size ? ends_[size - 1] : 0);
}

}
