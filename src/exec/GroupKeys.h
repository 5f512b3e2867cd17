#pragma once
// GROUP BY keys as hash table keys. Keys of fixed width are packed into one integer of 8 or 16 bytes; a
// LowCardinality key counts as 4 bytes, an id that is common to all workers (DictionaryIds), so that grouping works
// on dictionary codes. Everything else is serialized to a string. Used by HashAggregation only.

#include "types/Block.h"

#include <mutex>
#include <unordered_map>

namespace mangrove
{

/// Value → id, for one LowCardinality key of one query. Thread-safe.
class DictionaryIds
{
public:
    explicit DictionaryIds(const DataTypePtr & type);
    /// ids[i] = id of dictionary row i, for rows with wanted[i].
    void assign(const Column & dictionary, const Filter & wanted, PodVector<uint32_t> & ids);
    /// Ids → values, when nothing is assigned any more.
    ColumnPtr makeColumn(PodVector<uint32_t> ids) const;

private:
    std::mutex mutex_;
    MutableColumnPtr values_;
    std::unordered_map<std::string, uint32_t> ids_;
};

enum class GroupMethod : uint8_t { None, Direct, Packed8, Packed16, Serialized };

/// Which method fits the key types; shared by all workers.
class GroupKeyLayout
{
public:
    explicit GroupKeyLayout(NamesAndTypes keys);

    GroupMethod method() const { return method_; }
    size_t keyCount() const { return keys_.size(); }

    struct Part
    {
        size_t offset = 0; /// in the packed key
        size_t bytes = 0;  /// of the value, without the NULL flag
        bool nullable = false;
        std::shared_ptr<DictionaryIds> dictionary; /// LowCardinality
    };
    const std::vector<Part> & parts() const { return parts_; }

    /// Key columns of packed keys (Key = uint64_t or UInt128), [begin, end).
    template <typename Key>
    Columns unpack(const Key * keys, size_t count) const;
    Columns deserialize(const std::string_view * keys, size_t count) const;

private:
    NamesAndTypes keys_;
    std::vector<Part> parts_;
    GroupMethod method_ = GroupMethod::None;
};

/// One worker's packing of blocks.
class GroupKeyPacker
{
public:
    explicit GroupKeyPacker(const GroupKeyLayout & layout) : layout_(layout), remaps_(layout.keyCount()) { }

    template <typename Key>
    void pack(const Columns & keys, size_t rows, PodVector<Key> & packed);

private:
    struct Remap
    {
        ColumnPtr dictionary; /// held, so that its address stays its identity
        PodVector<uint32_t> ids;
        Filter known;
    };
    const PodVector<uint32_t> & idsOf(size_t key, const Column & column, PodVector<uint32_t> & row_ids);

    const GroupKeyLayout & layout_;
    std::vector<Remap> remaps_;
};

}
