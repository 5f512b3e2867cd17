#include "functions/aggregates/UniquesHashSet.h"

#include "base/Exception.h"

#include <cmath>

#include <nmmintrin.h>

namespace mangrove
{

void UniquesHashSet::rebuild(size_t degree)
{
    std::vector<uint32_t> old(1ULL << degree, 0);
    old.swap(cells_);
    degree_ = degree;
    size_ = has_zero_;
    for (uint32_t hash : old)
        if (hash && good(hash))
            size_ += placeHash(hash);
}

void UniquesHashSet::shrink()
{
    if (size_ <= elements_max)
        rebuild(degree_ + 1);
    while (size_ > elements_max)
    {
        ++skip_degree_;
        rebuild(degree_);
    }
}

void UniquesHashSet::merge(const UniquesHashSet & other)
{
    if (other.skip_degree_ > skip_degree_)
    {
        skip_degree_ = other.skip_degree_;
        rebuild(degree_);
    }
    if (other.has_zero_)
    {
        insertHash(0);
        shrinkIfNeeded();
    }
    for (uint32_t hash : other.cells_)
    {
        if (hash && good(hash))
        {
            insertHash(hash);
            shrinkIfNeeded();
        }
    }
}

uint64_t UniquesHashSet::estimate() const
{
    if (skip_degree_ == 0)
        return size_;
    uint64_t estimate = uint64_t{size_} << skip_degree_;
    /// Not a visible power of two.
    estimate += _mm_crc32_u64(~0ULL, size_) & ((1ULL << skip_degree_) - 1);
    /// Different values with the same 32-bit hash.
    const uint64_t p32 = 1ULL << 32;
    return static_cast<uint64_t>(
        std::round(static_cast<double>(p32) * (std::log(static_cast<double>(p32)) - std::log(static_cast<double>(p32 - estimate)))));
}

void UniquesHashSet::write(WriteBuffer & out) const
{
    out.writePod<uint8_t>(skip_degree_);
    out.writeVarUInt(size_);
    if (has_zero_)
        out.writePod<uint32_t>(0);
    for (uint32_t hash : cells_)
        if (hash)
            out.writePod(hash);
}

void UniquesHashSet::read(ReadBuffer & in)
{
    *this = UniquesHashSet{};
    skip_degree_ = in.readPod<uint8_t>();
    uint64_t size = in.readVarUInt();
    if (size > elements_max || skip_degree_ > 32)
        throw Exception(ErrorCode::INCORRECT_DATA, "A uniq state of {} elements is broken", size);
    for (uint64_t i = 0; i < size; ++i)
    {
        insertHash(in.readPod<uint32_t>());
        shrinkIfNeeded();
    }
}

}
