// operator new of the program: jemalloc's malloc, except that a large allocation must fit the limits of its query and of
// the node. operator delete is jemalloc's own. Sanitizers bring theirs.

#include "base/Memory.h"

#include <cstdlib>
#include <new>

#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)

static void * allocate(std::size_t bytes)
{
    if (void * p = std::malloc(bytes)) [[likely]]
        return p;
    throw std::bad_alloc();
}

void * operator new(std::size_t bytes)
{
    if (bytes < mangrove::NodeMemory::large_allocation_bytes) [[likely]]
        return allocate(bytes);
    mangrove::LargeAllocation allocation(bytes);
    return allocate(bytes);
}

void * operator new[](std::size_t bytes)
{
    return operator new(bytes);
}

#endif
