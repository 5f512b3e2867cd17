#include "io/CityHash.h"

#include <bit>
#include <cstring>

namespace mangrove
{

namespace
{

constexpr uint64_t k0 = 0xc3a5c85c97cb3127ULL;
constexpr uint64_t k1 = 0xb492b66fbe98f273ULL;
constexpr uint64_t k2 = 0x9ae16a3b2f90404fULL;
constexpr uint64_t k3 = 0xc949d7c7509e6557ULL;

using Pair = std::pair<uint64_t, uint64_t>;

uint64_t fetch64(const char * p)
{
    uint64_t x;
    std::memcpy(&x, p, 8);
    return x;
}

uint64_t fetch32(const char * p)
{
    uint32_t x;
    std::memcpy(&x, p, 4);
    return x;
}

uint64_t rotate(uint64_t x, int shift)
{
    return std::rotr(x, shift);
}

uint64_t shiftMix(uint64_t x)
{
    return x ^ (x >> 47);
}

uint64_t hash16(uint64_t u, uint64_t v)
{
    return cityHash128to64(u, v);
}

uint64_t hash0to16(const char * s, size_t length)
{
    if (length > 8)
    {
        uint64_t a = fetch64(s);
        uint64_t b = fetch64(s + length - 8);
        return hash16(a, rotate(b + length, static_cast<int>(length))) ^ b;
    }
    if (length >= 4)
        return hash16(length + (fetch32(s) << 3), fetch32(s + length - 4));
    if (length > 0)
    {
        uint8_t a = s[0];
        uint8_t b = s[length >> 1];
        uint8_t c = s[length - 1];
        uint32_t y = a + (uint32_t{b} << 8);
        uint32_t z = static_cast<uint32_t>(length) + (uint32_t{c} << 2);
        return shiftMix(y * k2 ^ z * k3) * k2;
    }
    return k2;
}

uint64_t hash17to32(const char * s, size_t length)
{
    uint64_t a = fetch64(s) * k1;
    uint64_t b = fetch64(s + 8);
    uint64_t c = fetch64(s + length - 8) * k2;
    uint64_t d = fetch64(s + length - 16) * k0;
    return hash16(rotate(a - b, 43) + rotate(c, 30) + d, a + rotate(b ^ k3, 20) - c + length);
}

Pair weakHash32(uint64_t w, uint64_t x, uint64_t y, uint64_t z, uint64_t a, uint64_t b)
{
    a += w;
    b = rotate(b + a + z, 21);
    uint64_t c = a;
    a += x;
    a += y;
    b += rotate(a, 44);
    return {a + z, b + c};
}

Pair weakHash32(const char * s, uint64_t a, uint64_t b)
{
    return weakHash32(fetch64(s), fetch64(s + 8), fetch64(s + 16), fetch64(s + 24), a, b);
}

uint64_t hash33to64(const char * s, size_t length)
{
    uint64_t z = fetch64(s + 24);
    uint64_t a = fetch64(s) + (length + fetch64(s + length - 16)) * k0;
    uint64_t b = rotate(a + z, 52);
    uint64_t c = rotate(a, 37);
    a += fetch64(s + 8);
    c += rotate(a, 7);
    a += fetch64(s + 16);
    uint64_t vf = a + z;
    uint64_t vs = b + rotate(a, 31) + c;
    a = fetch64(s + 16) + fetch64(s + length - 32);
    z = fetch64(s + length - 8);
    b = rotate(a + z, 52);
    c = rotate(a, 37);
    a += fetch64(s + length - 24);
    c += rotate(a, 7);
    a += fetch64(s + length - 16);
    uint64_t wf = a + z;
    uint64_t ws = b + rotate(a, 31) + c;
    uint64_t r = shiftMix((vf + ws) * k2 + (wf + vs) * k0);
    return shiftMix(r * k0 + vs) * k2;
}

/// For inputs of fewer than 128 bytes.
Pair cityMurmur(const char * s, size_t length, Pair seed)
{
    uint64_t a = seed.first;
    uint64_t b = seed.second;
    uint64_t c = 0;
    uint64_t d = 0;
    int64_t left = static_cast<int64_t>(length) - 16;
    if (left <= 0)
    {
        a = shiftMix(a * k1) * k1;
        c = b * k1 + hash0to16(s, length);
        d = shiftMix(a + (length >= 8 ? fetch64(s) : c));
    }
    else
    {
        c = hash16(fetch64(s + length - 8) + k1, a);
        d = hash16(b + length, c + fetch64(s + length - 16));
        a += d;
        do
        {
            a ^= shiftMix(fetch64(s) * k1) * k1;
            a *= k1;
            b ^= a;
            c ^= shiftMix(fetch64(s + 8) * k1) * k1;
            c *= k1;
            d ^= c;
            s += 16;
            left -= 16;
        } while (left > 0);
    }
    a = hash16(a, c);
    b = hash16(d, b);
    return {a ^ b, hash16(b, a)};
}

Pair cityHash128WithSeed(const char * s, size_t length, Pair seed)
{
    if (length < 128)
        return cityMurmur(s, length, seed);
    Pair v;
    Pair w;
    uint64_t x = seed.first;
    uint64_t y = seed.second;
    uint64_t z = length * k1;
    v.first = rotate(y ^ k1, 49) * k1 + fetch64(s);
    v.second = rotate(v.first, 42) * k1 + fetch64(s + 8);
    w.first = rotate(y + z, 35) * k1 + x;
    w.second = rotate(x + fetch64(s + 88), 53) * k1;
    do
    {
        for (int half = 0; half < 2; ++half)
        {
            x = rotate(x + y + v.first + fetch64(s + 16), 37) * k1;
            y = rotate(y + v.second + fetch64(s + 48), 42) * k1;
            x ^= w.second;
            y ^= v.first;
            z = rotate(z ^ w.first, 33);
            v = weakHash32(s, v.second * k1, x + w.first);
            w = weakHash32(s + 32, z + w.second, y);
            std::swap(z, x);
            s += 64;
        }
        length -= 128;
    } while (length >= 128);
    y += rotate(w.first, 37) * k0 + z;
    x += rotate(v.first + z, 49) * k0;
    for (size_t tail = 0; tail < length;)
    {
        tail += 32;
        y = rotate(y - x, 42) * k0 + v.second;
        w.first += fetch64(s + length - tail + 16);
        x = rotate(x, 49) * k0 + w.first;
        w.first += v.first;
        v = weakHash32(s + length - tail, v.first, v.second);
    }
    x = hash16(x, v.first);
    y = hash16(y, w.first);
    return {hash16(x + v.second, w.second) + y, hash16(x + w.second, y + v.second)};
}

}

uint64_t cityHash128to64(uint64_t low, uint64_t high)
{
    constexpr uint64_t multiplier = 0x9ddfea08eb382d69ULL;
    uint64_t a = (low ^ high) * multiplier;
    a ^= a >> 47;
    uint64_t b = (high ^ a) * multiplier;
    b ^= b >> 47;
    return b * multiplier;
}

uint64_t cityHash64(std::string_view bytes)
{
    const char * s = bytes.data();
    size_t length = bytes.size();
    if (length <= 16)
        return hash0to16(s, length);
    if (length <= 32)
        return hash17to32(s, length);
    if (length <= 64)
        return hash33to64(s, length);
    uint64_t x = fetch64(s);
    uint64_t y = fetch64(s + length - 16) ^ k1;
    uint64_t z = fetch64(s + length - 56) ^ k0;
    Pair v = weakHash32(s + length - 64, length, y);
    Pair w = weakHash32(s + length - 32, length * k1, k0);
    z += shiftMix(v.second) * k1;
    x = rotate(z + x, 39) * k1;
    y = rotate(y, 33) * k1;
    length = (length - 1) & ~size_t{63};
    do
    {
        x = rotate(x + y + v.first + fetch64(s + 16), 37) * k1;
        y = rotate(y + v.second + fetch64(s + 48), 42) * k1;
        x ^= w.second;
        y ^= v.first;
        z = rotate(z ^ w.first, 33);
        v = weakHash32(s, v.second * k1, x + w.first);
        w = weakHash32(s + 32, z + w.second, y);
        std::swap(z, x);
        s += 64;
        length -= 64;
    } while (length != 0);
    return hash16(hash16(v.first, w.first) + shiftMix(y) * k1 + z, hash16(v.second, w.second) + x);
}

std::pair<uint64_t, uint64_t> cityHash128(std::string_view bytes)
{
    const char * s = bytes.data();
    size_t length = bytes.size();
    if (length >= 16)
        return cityHash128WithSeed(s + 16, length - 16, {fetch64(s) ^ k3, fetch64(s + 8)});
    if (length >= 8)
        return cityHash128WithSeed(nullptr, 0, {fetch64(s) ^ (length * k0), fetch64(s + length - 8) ^ k1});
    return cityHash128WithSeed(s, length, {k0, k1});
}

uint32_t intHash32(uint64_t key)
{
    key = ~key + (key << 18);
    key ^= std::rotr(key, 31);
    key *= 21;
    key ^= std::rotr(key, 11);
    key += key << 6;
    key ^= std::rotr(key, 22);
    return static_cast<uint32_t>(key);
}

}
