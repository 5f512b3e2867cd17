#pragma once
// A 128-bit identifier of a table, part or database. Plain value; ordered; zero means "none".
// Text form as ClickHouse prints it (8-4-4-4-12, lower case).

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mangrove
{

struct Uuid
{
    uint64_t high = 0;
    uint64_t low = 0;

    auto operator<=>(const Uuid &) const = default;
    explicit operator bool() const { return high != 0 || low != 0; }

    std::string toString() const;
    static std::optional<Uuid> parse(std::string_view text);

    /// Version 4 from two random words.
    static Uuid fromRandom(uint64_t first, uint64_t second)
    {
        return {(first & ~0xf000ULL) | 0x4000ULL, (second & ~(3ULL << 62)) | (1ULL << 63)};
    }
};

}

template <>
struct std::hash<mangrove::Uuid>
{
    size_t operator()(const mangrove::Uuid & id) const noexcept { return id.high * 0x9e3779b97f4a7c15ULL ^ id.low; }
};
