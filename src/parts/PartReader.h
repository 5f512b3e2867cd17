#pragma once
// Reads one immutable part object. open() is one suffix GET (the root, and usually all small metadata with it);
// directories, dictionaries and pages are fetched when first needed, several ranges at a time, verified against
// their checksums and kept in the PartCache. Used by planner (indexes), exec (rows), merging, background.
//
// Thread-safe and immutable after open(). Every byte is hostile: what does not check out throws CORRUPTED_DATA (246)
// or CHECKSUM_DOESNT_MATCH (40) naming part, column and page; a vanished object throws SNAPSHOT_EXPIRED.
//
// Granule g holds rows [g * granule_rows, …). Filters are best run on dictionaries: ask dictionary(column), evaluate
// the predicate on its values once, then filterByDictionary(); or read() with keep_dictionary and group by codes.

#include "object_store/ObjectStore.h"
#include "parts/PartCache.h"
#include "parts/PartDescription.h"
#include "parts/ValueTest.h"
#include "types/Block.h"

#include <memory>
#include <optional>
#include <span>

namespace mangrove
{

/// A column, or what can be read of it alone.
struct ReadColumn
{
    enum class Kind : uint8_t
    {
        Whole,
        MapKey,    /// map['key']: the value type; its default where the key is absent (the first wins if doubled)
        MapHasKey, /// mapContains(map, 'key'): UInt8
        MapKeys,   /// Array(K)
        MapValues, /// Array(V)
        MapKeyMatches,   /// how many of the map's keys pass `test`: UInt64
        MapValueMatches, /// how many of its values do: UInt64
        Size,      /// arr.size0, also of a map: UInt64
        Null,      /// x.null: UInt8
        Element,   /// tuple.name
    };

    ReadColumn(std::string column_) : column(std::move(column_)), name(column) { }
    ReadColumn(const char * column_) : ReadColumn(std::string(column_)) { }
    ReadColumn(Kind kind_, std::string column_, std::string key_, std::string name_)
        : column(std::move(column_)), kind(kind_), key(std::move(key_)), name(std::move(name_))
    {
    }

    std::string column;
    Kind kind = Kind::Whole;
    std::string key;  /// map key or tuple element
    std::string name; /// in the answer's block
    ValueTestPtr test;
    bool keep_dictionary = false; /// as ReadOptions::keep_dictionary, for this column alone
};
using ReadColumns = std::vector<ReadColumn>;

struct ReadOptions
{
    /// Return ColumnLowCardinality also for plain T where all pages read are dictionary-coded (the block's type
    /// stays T). Off: only LowCardinality(T) columns are.
    bool keep_dictionary = false;
    /// How many rows of the part the caller is going to read by calls like this one, if it knows: whether decoding a
    /// large dictionary whole is worth it.
    uint64_t scan_rows = 0;
};

struct MinMaxColumns
{
    ColumnPtr min; /// one row a granule
    ColumnPtr max;
};

class PartReader
{
public:
    /// `size` as the catalog knows it; 0 = unknown.
    static std::shared_ptr<const PartReader> open(
        ObjectStorePtr store, std::string key, uint64_t size, PartCachePtr cache);
    ~PartReader();
    PartReader(const PartReader &) = delete;

    const std::string & key() const;
    const PartDescription & description() const;
    const PartSummary & summary() const;
    uint64_t rows() const;
    uint64_t granuleRows() const;
    size_t granuleCount() const;
    RowRange granule(size_t index) const;

    bool hasColumn(std::string_view name) const;
    /// Type of what is asked for; NO_SUCH_COLUMN_IN_TABLE (16) if the part lacks it (added later: the caller fills
    /// the default).
    DataTypePtr typeOf(const ReadColumn & column) const;

    /// The sort key at the first row of every granule, and at the last row of the part: granuleCount() + 1 rows.
    Block primaryIndex() const;
    /// Per granule, for columns with numeric storage and those with a minmax index; nullopt if not kept.
    /// NULLs and NaNs are left out; a granule without values has min > max.
    std::optional<MinMaxColumns> minMax(const std::string & column) const;
    /// 1 = granule may hold at least one of the values. For bloom_filter and set indexes; `values` are of the type
    /// of the indexed elements (castField first).
    Filter granulesThatMayContain(const std::string & index_name, const std::vector<Field> & values) const;

    /// All rows, ascending, where the lookup column equals `value`; nullopt if the column is not a lookup column.
    /// `also`: what readRows() of these rows will be asked for, fetched on the way.
    std::optional<PodVector<uint32_t>>
    findRows(const std::string & column, const Field & value, const ReadColumns & also = {}) const;

    /// Distinct values over the whole part, row 0 the default, when every page of the column is dictionary-coded
    /// (String, FixedString, LowCardinality, lookup columns, map keys); null otherwise. Shared by what read() returns.
    ColumnPtr dictionary(const ReadColumn & column) const;
    /// result[i] = matches[code of row rows.begin + i]; pages without a match are not even decoded. Null dictionary:
    /// LOGICAL_ERROR.
    Filter filterByDictionary(const ReadColumn & column, RowRange rows, const Filter & matches) const;

    /// Which rows' strings pass a test that knows what they contain: pages that cannot hold it are not decompressed. nullopt:
    /// to be read and tested otherwise.
    std::optional<Filter> filterByTest(const ReadColumn & column, RowRange rows, const ValueTest & test, TestedPages & tested) const;

    Block read(const ReadColumns & columns, RowRange rows, ReadOptions options = {}) const;
    /// Single rows, ascending: late materialisation and findRows().
    Block readRows(const ReadColumns & columns, std::span<const uint32_t> rows, ReadOptions options = {}) const;
    /// Fetches in one parallel step what read() of these columns and rows will need. Worth it on a distant bucket, if
    /// the bytes (after compression, as far as known) are not many times what a request costs.
    ReadCosts readCosts() const;
    uint64_t estimateBytes(const ReadColumns & columns, const std::vector<RowRange> & rows) const;
    void prefetch(const ReadColumns & columns, const std::vector<RowRange> & rows) const;

    /// Reads and verifies every byte; throws on the first that is wrong (fsck, CHECK TABLE).
    void verify() const;

private:
    struct State;
    explicit PartReader(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

using PartReaderPtr = std::shared_ptr<const PartReader>;

}
