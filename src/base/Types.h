#pragma once
// Scalar types shared by all modules: 128-bit integers and a vector that does not zero what it grows.

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

/// std::allocator, except that resize() leaves trivial elements uninitialised: columns are resized, then filled.
template <typename T>
struct DefaultInitAllocator : std::allocator<T>
{
    template <typename U>
    struct rebind
    {
        using other = DefaultInitAllocator<U>;
    };

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
