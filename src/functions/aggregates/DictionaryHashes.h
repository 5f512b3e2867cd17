#pragma once
// 32-bit hashes of dictionary values, each computed when a row first has its code and then shared by all blocks and
// workers of a query that have the dictionary. Used by uniq. Thread-safe.

#include "columns/Column.h"

#include <atomic>
#include <cstdlib>
#include <list>
#include <mutex>

namespace mangrove
{

class DictionaryHashes
{
public:
    /// Of one dictionary.
    class Hashes
    {
    public:
        explicit Hashes(size_t size) : values_(static_cast<std::atomic<uint32_t> *>(std::calloc(size, sizeof(uint32_t))))
        {
            if (!values_)
                throw std::bad_alloc();
        }
        /// `compute` gives the hash of the value; all threads would compute the same.
        template <typename Compute>
        uint32_t of(uint32_t code, Compute && compute) const
        {
            uint32_t hash = values_[code].load(std::memory_order_relaxed);
            if (!hash) [[unlikely]]
                values_[code].store(hash = compute(), std::memory_order_relaxed);
            return hash;
        }

    private:
        struct Free
        {
            void operator()(std::atomic<uint32_t> * p) const { std::free(p); }
        };
        /// Zeroed by the system when touched: of a large dictionary most may never be. Zero: not computed.
        std::unique_ptr<std::atomic<uint32_t>[], Free> values_;
    };

    std::shared_ptr<const Hashes> of(const ColumnPtr & dictionary)
    {
        std::lock_guard lock(mutex_);
        for (const auto & [of_dictionary, hashes] : known_)
            if (!of_dictionary.owner_before(dictionary) && !dictionary.owner_before(of_dictionary))
                return hashes;
        auto hashes = std::make_shared<const Hashes>(std::max<size_t>(dictionary->size(), 1));
        known_.emplace_front(dictionary, hashes);
        if (known_.size() > known_max)
            known_.pop_back();
        return hashes;
    }

private:
    /// Parts are read one after another: the latest dictionaries are those in use.
    static constexpr size_t known_max = 16;
    std::mutex mutex_;
    std::list<std::pair<std::weak_ptr<const Column>, std::shared_ptr<const Hashes>>> known_;
};

}
