#include "base/Types.h"

#include <sys/mman.h>

namespace mangrove
{

void adviseHugePages(void * begin, size_t bytes, bool huge) noexcept
{
    constexpr uintptr_t huge_page_bytes = 2 << 20;
    auto first = (reinterpret_cast<uintptr_t>(begin) + huge_page_bytes - 1) & ~(huge_page_bytes - 1);
    auto end = (reinterpret_cast<uintptr_t>(begin) + bytes) & ~(huge_page_bytes - 1);
    if (first < end)
        madvise(reinterpret_cast<void *>(first), end - first, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
}

}
