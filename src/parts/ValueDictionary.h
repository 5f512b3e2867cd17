#pragma once
// Distinct byte strings numbered in the order they come: the writer's side of dictionaries. truncate() forgets the
// newest, which is how a page that does not suit the dictionary is undone. Not thread-safe.

#include "base/Types.h"

#include <string_view>

namespace mangrove
{

class ValueDictionary
{
public:
    ValueDictionary();

    /// The number of `value`, added if new.
    uint32_t codeOf(std::string_view value);
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
    struct Slot
    {
        uint32_t code_plus_one;
        uint32_t hash; /// the upper half: spares most comparisons of strings
    };
    void grow();

    PodVector<char> chars_;
    PodVector<uint64_t> ends_;
    PodVector<uint64_t> hashes_;
    PodVector<Slot> slots_; /// a power of two, at most half full, linear probing
};

}
