#pragma once
// The reading of one part for one ReadPartsStep: what each conjunct needs, in which order they are tested, what was
// found out from dictionaries. Made once per part and query, then used by several workers.

#include "exec/QueryContext.h"
#include "exec/TopRows.h"
#include "parts/ValueTest.h"
#include "planner/Plan.h"

#include <atomic>

namespace mangrove
{

class PartScan
{
public:
    /// `ranges`: the rows that will be read. `top`: null if all rows that pass are wanted.
    PartScan(const ReadPartsStep & step, PartReaderPtr part, uint32_t part_schema_version,
        const std::vector<RowRange> & ranges, TopRows * top, QueryContext & context);

    /// No row of the part can pass (a dictionary has no matching value).
    bool isEmpty() const { return empty_; }
    /// Rows that can pass by a point lookup; nullopt if there was none.
    const std::optional<PodVector<uint32_t>> & lookupRows() const { return lookup_rows_; }

    /// The passing rows of the range, with the step's header; without some that are not among the first.
    Block read(RowRange rows) const;
    /// The same for single rows, ascending.
    Block readRows(std::span<const uint32_t> rows) const;
    /// From a distant bucket: fetches in one step what read() of the rows from `begin` on needs, of as many as a few requests
    /// bring. Where those end.
    uint64_t prefetchFrom(uint64_t begin) const;

private:
    /// A condition on one column of strings that says what they contain: most pages need not be decompressed.
    struct Search
    {
        Search(ReadColumn column_, ValueTest::Evaluate evaluate, ContainedBytes contained, bool read_later_)
            : column(std::move(column_)), test(std::move(evaluate), std::move(contained)), read_later(read_later_)
        {
        }

        const ReadColumn column;
        const ValueTest test;
        const bool read_later; /// the answer has the column: pages that have been searched are decompressed twice
        std::atomic<uint64_t> pages{0}, skipped{0};

        /// Reading all is faster.
        bool isVain() const { return read_later && pages >= search_pages_min && skipped * 2 < pages; }
    };
    static constexpr uint64_t search_pages_min = 16; /// before it is judged

    struct Conjunct
    {
        ExpressionPtr condition;
        std::vector<std::string> ids;
        uint64_t cost = 0;
        std::optional<ReadColumn> dictionary_column; /// then `matches` is the answer per dictionary value
        Filter matches;
        std::shared_ptr<Search> search; /// null: the condition does not search a string
    };

    void prepareConjunct(Conjunct & conjunct);
    void prepareSearch(Conjunct & conjunct) const;
    /// The condition was typed for its only column; over bare values it must be typed again.
    static ExpressionPtr onValuesOf(const Conjunct & conjunct, const DataTypePtr & type);
    /// Which rows pass; nullopt if that is to be found out otherwise.
    std::optional<Filter> search(const Conjunct & conjunct, RowRange rows) const;
    void prefetch(const std::vector<RowRange> & ranges) const;
    /// What is stored of the columns that the filters, or filters and answer need.
    ReadColumns neededColumns(bool output) const;
    /// Conjuncts that threw when tested on rows that others exclude: WHERE x != 0 AND intDiv(1, x) > 0 must not.
    /// `keep`, `passed`: rows that have passed, before and after; `fetch_rows` reads for these.
    template <typename Fetch>
    void testPostponed(const std::vector<const Conjunct *> & conjuncts, const Block & block, Filter & keep, size_t & passed,
        Fetch && fetch_rows) const;
    void lookUp();
    bool holds(const std::string & column) const; /// of the table
    bool isStored(const std::string & id) const;
    const ReadColumn & storedColumn(const std::string & id) const;
    /// Adds the columns `ids` that `block` lacks: `fetch` reads stored ones, others get their defaults.
    template <typename Fetch>
    void addColumns(Block & block, const std::vector<std::string> & ids, size_t rows, Fetch && fetch, bool keep_codes = false) const;
    /// The columns of the answer. Those that nothing here has looked into may stay codes.
    template <typename Fetch>
    void addOutput(Block & block, size_t rows, Fetch && fetch) const
    {
        addColumns(block, output_ids_, rows, fetch, true);
    }
    /// The declared DEFAULT of a column, or what its Nested implies for this part; null: the default of the type.
    ExpressionPtr defaultOf(const std::string & name) const;
    /// A column that the part lacks, of which `name` is the table's, gets its value from the table's default.
    void prepareMissing(const std::string & id, const std::string & name);
    /// The id under which a default reads the table's column `name`.
    std::string inputOf(const std::string & name);
    /// `ids` with what the defaults among them read, before them.
    std::vector<std::string> withInputs(const std::vector<std::string> & ids) const;
    ColumnWithType makeDefault(const std::string & id, size_t rows, const Block & block) const;
    Block project(const Block & block, size_t rows) const;

    const ReadPartsStep & step_;
    PartReaderPtr part_;
    uint32_t part_schema_version_;
    TopRows * const top_;
    QueryContext & context_;
    uint64_t scan_rows_ = 0; /// that will be read
    std::map<std::string, ReadColumn> stored_; /// id → what to read
    std::map<std::string, DataTypePtr> types_;
    std::map<std::string, std::string> names_; /// id → column of the table
    std::map<std::string, ReadColumn> missing_subcolumns_; /// of columns that the part does not have
    /// What is computed row by row of a column that the part does not have, from the columns `inputs`.
    struct ComputedDefault
    {
        ExpressionPtr expression; /// over ids; null: the missing subcolumn of the only input
        std::vector<std::string> inputs;
    };
    std::map<std::string, ComputedDefault> computed_;
    std::vector<Conjunct> conjuncts_;
    std::vector<std::string> output_ids_;
    std::optional<PodVector<uint32_t>> lookup_rows_;
    bool empty_ = false;
};

}
