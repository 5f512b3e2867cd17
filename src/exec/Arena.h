#pragma once
// Memory that is given out in pieces and given back all at once: aggregate states and serialized keys. Chunks double
// up to a bound; what they take is charged to the query. Not thread-safe.

#include "exec/QueryContext.h"

#include <cstdlib>
#include <memory>
#include <vector>

namespace mangrove
{

class Arena
{
public:
    explicit Arena(QueryContext & context) : charge_(context) { }

    char * allocate(size_t bytes, size_t alignment = 1)
    {
        size_t start = (used_ + alignment - 1) / alignment * alignment;
        if (chunks_.empty() || start + bytes > chunk_bytes_)
        {
            grow(bytes);
            start = 0;
        }
        used_ = start + bytes;
        return chunks_.back().get() + start;
    }

private:
    void grow(size_t bytes)
    {
        chunk_bytes_ = std::max(bytes, std::min<size_t>(chunk_bytes_ ? chunk_bytes_ * 2 : 4096, 4 << 20));
        charge_.grow(chunk_bytes_);
        chunks_.emplace_back(static_cast<char *>(std::malloc(chunk_bytes_)));
        if (!chunks_.back())
            throw std::bad_alloc();
    }

    struct Free
    {
        void operator()(char * p) const { std::free(p); }
    };
    MemoryCharge charge_;
    std::vector<std::unique_ptr<char, Free>> chunks_;
    size_t chunk_bytes_ = 0;
    size_t used_ = 0;
};

}
