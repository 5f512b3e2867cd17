#pragma once
// Scalar types shared by all modules: 128-bit integers and a vector that does not zero what it grows and keeps large
// contents in huge pages.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace mangrove
{

using UInt128 = unsigned __int128;
using Int128 = __int128;

/// Arrays from this size on are whole columns of large blocks. They are read in the order of a sort key, all over the
/// place: with pages of 4 KiB most reads also miss the TLB, and every page is a fault of its own.
constexpr size_t huge_pages_from_bytes = 4 << 20;
/// Asks the kernel for huge pages within [begin, begin + bytes), or takes it back, so that what the allocator places
/// there later does not become resident in 2 MiB. Advice: failure is ignored.
void adviseHugePages(void * begin, size_t bytes, bool huge) noexcept;

/// std::allocator, except that resize() leaves trivial elements uninitialised (columns are resized, then filled), and
/// for huge pages.
template <typename T>
struct DefaultInitAllocator : std::allocator<T>
{
    template <typename U>
    struct rebind
    {
        using other = DefaultInitAllocator<U>;
    };

    T * allocate(size_t count)
    {
        T * p = std::allocator<T>::allocate(count);
        if (count * sizeof(T) >= huge_pages_from_bytes) [[unlikely]]
            adviseHugePages(p, count * sizeof(T), true);
        return p;
    }
    void deallocate(T * p, size_t count) noexcept
    {
        if (count * sizeof(T) >= huge_pages_from_bytes) [[unlikely]]
            adviseHugePages(p, count * sizeof(T), false);
        std::allocator<T>::deallocate(p, count);
    }

    template <typename U>
    void construct(U * p) noexcept(std::is_nothrow_default_constructible_v<U>)
    {
        ::new (static_cast<void *>(p)) U;
    }
    template <typename U, typename... Args>
    void construct(U * p, Args &&... args)
    {
        ::new (static_cast<void *>(p)) U(std::forward<Args>(args)...);
    }
};

template <typename T>
using PodVector = std::vector<T, DefaultInitAllocator<T>>;

}
