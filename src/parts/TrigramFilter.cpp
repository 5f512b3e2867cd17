#include "parts/TrigramFilter.h"

#include "base/Types.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace mangrove
{

namespace
{

constexpr size_t filter_bytes_min = 64;
constexpr size_t filter_bytes_max = 1024;
constexpr unsigned slot_bits = std::bit_width(filter_bytes_max * 8 - 1);

/// A smaller filter uses the low bits: it is the larger one folded.
uint32_t slotOf(uint32_t trigram)
{
    return (trigram & 0xffffff) * 0x9e3779b1U >> (32 - slot_bits);
}

/// False as soon as `visit` is.
template <typename Visit>
bool forEachTrigram(std::string_view chars, Visit && visit)
{
    uint32_t window = 0;
    for (size_t i = 0; i < chars.size(); ++i)
    {
        window = window << 8 | static_cast<uint8_t>(chars[i]);
        if (i >= 2 && !visit(slotOf(window)))
            return false;
    }
    return true;
}

}

std::string makeTrigramFilter(std::string_view chars, size_t bytes_max)
{
    if (bytes_max < filter_bytes_min)
        return {};
    std::array<uint64_t, filter_bytes_max / 8> words{};
    forEachTrigram(chars, [&](uint32_t slot)
    {
        words[slot / 64] |= 1ULL << (slot % 64);
        return true;
    });
    auto countSet = [&](size_t count)
    {
        size_t set = 0;
        for (size_t i = 0; i < count; ++i)
            set += std::popcount(words[i]);
        return set;
    };
    // Folded while it is too large, or so empty that half of it tells as much.
    size_t count = words.size();
    while (count * 8 > bytes_max || (count * 8 > filter_bytes_min && countSet(count) <= count * 64 / 8))
    {
        count /= 2;
        for (size_t i = 0; i < count; ++i)
            words[i] |= words[i + count];
    }
    if (countSet(count) > count * 64 * 3 / 4)
        return {};
    return {reinterpret_cast<const char *>(words.data()), count * 8};
}

/// Letters that Unicode folds to a character of more bytes too (the Kelvin sign, the long s), and what is not ASCII.
static bool hasUnusualCase(char c)
{
    return static_cast<unsigned char>(c) >= 0x80 || (c | 0x20) == 'k' || (c | 0x20) == 's';
}

static bool isLetter(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

bool trigramsMayContain(std::string_view filter, std::string_view bytes, bool any_case)
{
    const uint32_t mask = static_cast<uint32_t>(filter.size() * 8 - 1);
    auto isSet = [&](uint32_t slot)
    {
        slot &= mask;
        return (static_cast<uint8_t>(filter[slot / 8]) >> (slot % 8) & 1) != 0;
    };
    if (!any_case)
        return forEachTrigram(bytes, isSet);
    for (size_t i = 0; i + 3 <= bytes.size(); ++i)
    {
        const std::string_view three = bytes.substr(i, 3);
        if (std::ranges::any_of(three, hasUnusualCase))
            continue;
        bool any = false;
        for (unsigned flips = 0; flips < 8 && !any; ++flips)
        {
            uint32_t trigram = 0;
            bool letters = true;
            for (unsigned at = 0; at < 3; ++at)
            {
                const bool flip = flips >> at & 1;
                letters = letters && (!flip || isLetter(three[at]));
                trigram = trigram << 8 | (static_cast<uint8_t>(three[at]) ^ (flip ? 0x20 : 0));
            }
            any = letters && isSet(slotOf(trigram));
        }
        if (!any)
            return false;
    }
    return true;
}

}
