#pragma once
// Distinct byte strings numbered in the order they come: the writer's side of dictionaries. truncate() forgets the
// newest, which is how a page that does not suit the dictionary is undone. Not thread-safe.

#include "base/Types.h"

#include <algorithm>
#include <span>
#include <string_view>

namespace mangrove
{

class ValueDictionary
{
public:
    ValueDictionary();

    /// The number of `value`, added if new.
    uint32_t codeOf(std::string_view value);
    /// The numbers of values at(0) … at(count - 1). Values from all over a large column are each a cache miss: these
    /// are fetched side by side, some ahead of their turn. approach(i) fetches what at(i) will read, further ahead.
    template <typename At, typename Approach>
    void codesOf(size_t count, At && at, Approach && approach, uint32_t * codes);
    /// The number of `value`, or not_found.
    uint32_t find(std::string_view value) const;
    static constexpr uint32_t not_found = UINT32_MAX;

    size_t size() const { return ends_.size(); }
    size_t bytes() const { return chars_.size(); }
    std::string_view at(uint32_t code) const
    {
        uint64_t begin = code ? ends_[code - 1] : 0;
        return {chars_.data() + begin, ends_[code] - begin};
    }
    void truncate(size_t size);

private:
    static constexpr size_t batch_values = 32;
    struct Hashed
    {
        std::string_view value;
        uint64_t hash;
    };

    struct Slot
    {
        uint32_t code_plus_one;
        uint32_t hash; /// the upper half: spares most comparisons of strings
    };
    static void prefetch(std::string_view value)
    {
        __builtin_prefetch(value.data());
        __builtin_prefetch(value.data() + value.size());
    }
    uint32_t codeOf(const Hashed & hashed);
    void codesOf(std::span<Hashed> batch, uint32_t * codes);
    void grow();

    PodVector<char> chars_;
    PodVector<uint64_t> ends_;
    PodVector<uint64_t> hashes_;
    PodVector<Slot> slots_; /// a power of two, at most half full, linear probing
};

template <typename At, typename Approach>
void ValueDictionary::codesOf(size_t count, At && at, Approach && approach, uint32_t * codes)
{
    Hashed batches[2][batch_values];
    auto load = [&](size_t begin)
    {
        Hashed * batch = batches[begin / batch_values % 2];
        for (size_t i = std::min(count, begin + batch_values); i < std::min(count, begin + 2 * batch_values); ++i)
            approach(i);
        for (size_t i = begin; i < std::min(count, begin + batch_values); ++i)
            prefetch(batch[i - begin].value = at(i));
    };
    load(0);
    for (size_t begin = 0; begin < count; begin += batch_values)
    {
        load(begin + batch_values);
        codesOf({batches[begin / batch_values % 2], std::min(batch_values, count - begin)}, codes + begin);
    }
}

}
