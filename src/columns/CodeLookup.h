#pragma once
// From a value to its code in a dictionary, for ColumnLowCardinality only. Open addressing over the dictionary's
// rows: a slot holds a code and the hash of its value, so growing does not read the values; a probe compares them in
// the dictionary itself. NULL is not in the table: its code is 0.

#include "columns/Column.h"

namespace mangrove
{

class CodeLookup
{
public:
    static constexpr uint32_t no_code = UINT32_MAX;

    /// Of all rows of `dictionary`; later rows are told with add().
    explicit CodeLookup(const Column & dictionary);

    /// What identifies a value: the bytes of a string, the serialized key of anything else (in `buffer`).
    std::string_view keyOf(const Column & values, size_t row, std::string & buffer) const;
    static uint32_t hashOf(std::string_view key);

    uint32_t find(const Column & dictionary, std::string_view key, uint32_t hash);
    void add(uint32_t hash, uint32_t code);

    bool holdsStrings() const { return holds_strings_; }
    /// Of FixedString; 0 for others.
    size_t fixedLength() const { return fixed_length_; }

private:
    struct Slot
    {
        uint32_t code = no_code;
        uint32_t hash = 0;
    };
    void place(Slot slot);

    std::vector<Slot> slots_; /// a power of two, at most half full
    size_t count_ = 0;
    bool holds_strings_ = false;
    size_t fixed_length_ = 0;
    std::string buffer_;
};

}
