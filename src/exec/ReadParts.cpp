#include "exec/ReadParts.h"

#include "exec/PartScan.h"
#include "exec/ReadAhead.h"
#include "expressions/Evaluator.h"
#include "planner/TableDefinition.h"

#include <algorithm>
#include <mutex>

namespace mangrove
{

namespace
{

constexpr uint64_t morsel_rows = 65536;

/// Hands out morsels. Parts are opened and pruned when they are reached, or before if that means waiting for a bucket.
class ReadPartsSource final : public Source
{
public:
    ReadPartsSource(const ReadPartsStep & step, QueryContext & context) : step_(step), context_(context), condition_(step)
    {
        for (const auto & [id, partition] : step.table->state().partitions)
            for (const auto & part : partition->parts)
                if (condition_.partMayMatch(*part))
                {
                    parts_.push_back(part);
                    rows_ += part->rows;
                }
        if (step.top)
        {
            top_ = std::make_unique<TopRows>(*step.top);
            sortByBest(parts_, [this](const PartPtr & part) { return bestKey(*part); });
        }
        context.parts_selected += parts_.size();
        context.total_rows_to_read += rows_;
        opened_.resize(parts_.size());
        opening_.emplace(parts_.size(), step.table->open_at_once, [this](size_t part)
        {
            RequestScope requests(&context_.requests());
            opened_[part] = openPart(*parts_[part]);
        });
    }

    size_t morselsAtMost() const override
    {
        // Starting a thread costs more than reading some granules of the few parts that are left.
        return rows_ < morsel_rows ? 1 : std::max<size_t>(1, rows_ / morsel_rows);
    }

    std::optional<Block> next(size_t) override
    {
        while (!enough())
        {
            auto morsel = nextMorsel();
            if (!morsel)
                return std::nullopt;
            auto block = morsel->point_rows.empty() ? morsel->scan->read(morsel->range) : morsel->scan->readRows(morsel->point_rows);
            if (block.rows() == 0)
                continue;
            returned_ += block.rows();
            return block;
        }
        return std::nullopt;
    }

private:
    struct Morsel
    {
        std::shared_ptr<const PartScan> scan;
        RowRange range;
        PodVector<uint32_t> point_rows;
        uint64_t best_key = 0; /// of its rows, if only the first ones are wanted: 0 = not known
    };

    bool enough() const { return step_.rows_max && returned_ >= *step_.rows_max; }

    std::optional<Morsel> nextMorsel()
    {
        std::lock_guard lock(mutex_);
        while (true)
        {
            if (next_morsel_ < morsels_.size() && mayMatter(morsels_[next_morsel_].best_key))
                return std::move(morsels_[next_morsel_++]);
            if (next_part_ == parts_.size())
                return std::nullopt;
            context_.check();
            opening_->await(next_part_);
            morsels_ = std::move(opened_[next_part_++]);
            next_morsel_ = 0;
        }
    }

    bool mayMatter(uint64_t best_key) const { return !top_ || top_->mayEnter(best_key); }

    template <typename Items, typename Key>
    static void sortByBest(Items & items, Key && key)
    {
        std::stable_sort(items.begin(), items.end(), [&](const auto & a, const auto & b) { return key(a) < key(b); });
    }

    /// What is sorted by, if parts of that version of the schema have it.
    const SourceColumn * topColumn(uint32_t schema_version) const
    {
        for (const auto & column : step_.columns)
            if (column.id == top_->order().column)
            {
                const auto * described = step_.table->state().schema->findColumn(column.name);
                return described && described->added_in_version <= schema_version ? &column : nullptr;
            }
        return nullptr;
    }

    /// The first key that a row of the part can have; 0, the least of all, if it is not known.
    uint64_t bestKey(const PartInfo & part) const
    {
        if (const auto * column = topColumn(part.schema_version))
            for (const auto & range : part.ranges)
                if (range.column == column->name)
                    return top_->keyOf(*decodeRangeValue(top_->order().descending ? range.max : range.min, column->type), 0);
        return 0;
    }

    /// Morsels in the order of what their rows may have at best, from the granules' bounds.
    void order(std::vector<Morsel> & morsels, const PartReader & reader, uint32_t schema_version) const
    {
        const auto * column = topColumn(schema_version);
        if (!column || !reader.hasColumn(column->name))
            return;
        auto bounds = reader.minMax(column->name);
        if (!bounds || !reader.typeOf(column->name)->equals(*column->type))
            return;
        const auto & best = top_->order().descending ? *bounds->max : *bounds->min;
        for (auto & morsel : morsels)
            morsel.best_key = top_->keyOf(best, morsel.range.begin / reader.granuleRows());
        sortByBest(morsels, [](const Morsel & morsel) { return morsel.best_key; });
    }

    std::vector<Morsel> openPart(const PartInfo & info) const
    {
        if (top_ && !mayMatter(bestKey(info)))
            return {};
        auto reader = step_.table->open(info);
        auto ranges = condition_.selectGranules(*reader, info.schema_version);
        if (ranges.empty())
            return {};
        auto scan = std::make_shared<PartScan>(step_, reader, info.schema_version, ranges, top_.get(), context_);
        if (scan->isEmpty())
            return {};
        if (scan->lookupRows())
            return {{scan, {}, *scan->lookupRows(), 0}};
        std::vector<Morsel> morsels;
        // Small first morsels let LIMIT stop early; later ones are long enough to amortise.
        uint64_t size = step_.rows_max || top_ ? reader->granuleRows() : morsel_rows;
        for (const auto & range : ranges)
        {
            context_.marks_selected += (range.size() + reader->granuleRows() - 1) / reader->granuleRows();
            for (uint64_t begin = range.begin; begin < range.end; begin += size)
                morsels.push_back({scan, {begin, std::min(begin + size, range.end)}, {}, 0});
        }
        if (top_)
            order(morsels, *reader, info.schema_version);
        return morsels;
    }

    const ReadPartsStep & step_;
    QueryContext & context_;
    KeyCondition condition_;
    std::unique_ptr<TopRows> top_; /// null: all rows that pass are wanted
    std::vector<PartPtr> parts_;
    uint64_t rows_ = 0;
    std::mutex mutex_;
    size_t next_part_ = 0;
    std::vector<Morsel> morsels_;
    size_t next_morsel_ = 0;
    std::atomic<uint64_t> returned_{0};
    std::vector<std::vector<Morsel>> opened_; /// by part, until its turn
    std::optional<ReadAhead> opening_;        /// last: its threads end first
};

/// All rows of a part in their order, a granule at a time, for the merge of FINAL.
class PartRows final : public BlockSource
{
public:
    PartRows(const ReadPartsStep & step, PartReaderPtr part, uint32_t schema_version, QueryContext & context)
        : part_(part), scan_(step, part, schema_version, {{0, part->rows()}}, nullptr, context), table_(*step.table)
    {
    }

    /// What next() will read first, from a distant bucket.
    void prefetch() { prefetched_ = scan_.prefetchFrom(begin_); }

    std::optional<Block> next() override
    {
        if (begin_ >= part_->rows())
            return std::nullopt;
        if (begin_ >= prefetched_)
            prefetch();
        RowRange rows{begin_, std::min(begin_ + part_->granuleRows(), part_->rows())};
        begin_ = rows.end;
        auto block = scan_.read(rows);
        for (const auto & key : table_.sort_key) // what is sorted by is not stored if it is computed
            if (!block.find(key.name))
                block.add({TableDefinition::compute(key.expression, block), removeLowCardinality(key.expression->type), key.name});
        return block;
    }

private:
    PartReaderPtr part_;
    PartScan scan_;
    const PartsTable & table_;
    uint64_t begin_ = 0;
    uint64_t prefetched_ = 0; /// up to this row
};

class ReadFinalSource final : public Source
{
public:
    ReadFinalSource(const ReadPartsStep & step, QueryContext & context) : step_(step), context_(context)
    {
        for (const auto & [id, partition] : step.table->state().partitions)
            partitions_.push_back(partition);
        if (partitions_.size() > 1 && !keyDecidesPartition())
            joinPartitions();
        for (const auto & partition : partitions_)
            parts_.insert(parts_.end(), partition->parts.begin(), partition->parts.end());
        rows_.table = step.table;
        for (const auto & column : step.columns)
            addColumn(column.name, column.type);
        std::set<std::string> deciding{step.table->merge.version_column, step.table->merge.is_deleted_column};
        for (const auto & key : step.table->sort_key)
            collectColumns(key.expression, deciding);
        for (const auto & column : step.table->columns())
            if (deciding.contains(column.name))
                addColumn(column.name, column.type);
        opened_.resize(parts_.size());
        opening_.emplace(parts_.size(), step.table->open_at_once, [this](size_t part)
        {
            RequestScope requests(&context_.requests());
            openPart(part);
        });
    }

    std::optional<Block> next(size_t) override
    {
        std::lock_guard lock(mutex_);
        while (true)
        {
            context_.check();
            if (!merge_ && !openPartition())
                return std::nullopt;
            auto block = merge_->next();
            if (!block)
            {
                merge_.reset();
                continue;
            }
            if (auto result = output(*block); result.rows())
                return result;
        }
    }

private:
    void addColumn(const std::string & name, const DataTypePtr & type)
    {
        if (std::ranges::any_of(rows_.columns, [&](const auto & column) { return column.name == name; }))
            return;
        rows_.columns.push_back({name, name, type});
        rows_.header.push_back({name, type});
    }

    /// Several at once where that means waiting for a bucket, and with their first rows.
    void openPart(size_t number)
    {
        const auto & part = *parts_[number];
        auto rows = std::make_unique<PartRows>(rows_, step_.table->open(part), part.schema_version, context_);
        rows->prefetch();
        opened_[number] = std::move(rows);
    }

    /// Rows of one sorting key are in one partition: PARTITION BY reads nothing else.
    bool keyDecidesPartition() const
    {
        std::set<std::string> read, ordered;
        for (const auto & key : step_.table->partition_key)
            collectColumns(key.expression, read);
        for (const auto & key : step_.table->sort_key)
            if (key.expression->kind == ExpressionKind::Column)
                ordered.insert(key.expression->column);
        return std::ranges::includes(ordered, read);
    }

    /// As ClickHouse, FINAL decides between rows of all partitions, which merges never see together.
    void joinPartitions()
    {
        auto all = std::make_shared<PartitionState>();
        for (const auto & partition : partitions_) // of equal versions the last partition's is taken
            all->parts.insert(all->parts.end(), partition->parts.begin(), partition->parts.end());
        partitions_ = {all};
    }

    bool openPartition()
    {
        if (next_ == partitions_.size())
            return false;
        std::vector<BlockSourcePtr> sources;
        for (size_t i = 0; i < partitions_[next_]->parts.size(); ++i, ++next_part_)
        {
            context_.check();
            opening_->await(next_part_);
            sources.push_back(std::move(opened_[next_part_]));
        }
        ++next_;
        auto options = step_.table->merge;
        options.drop_deleted = true;
        merge_ = std::make_unique<MergeIterator>(std::move(sources), options);
        return true;
    }

    Block output(const Block & merged)
    {
        Block block;
        for (const auto & column : step_.columns)
            block.add({merged.byName(column.name).column, column.type, column.id});
        block.setRowsWithoutColumns(merged.rows());
        if (auto condition = makeConjunction(step_.filters))
        {
            Filter filter;
            auto passed = makeFilter(evaluate(condition, block), merged.rows(), filter);
            block = block.filter(filter, passed);
        }
        Block result;
        for (const auto & column : step_.header)
            result.add(block.byName(column.name));
        if (step_.header.empty())
            result.setRowsWithoutColumns(block.rows());
        return result;
    }

    const ReadPartsStep & step_;
    QueryContext & context_;
    std::vector<std::shared_ptr<const PartitionState>> partitions_;
    ReadPartsStep rows_; /// whole parts: what the answer and the merge need, unfiltered, by the table's names
    std::mutex mutex_;
    size_t next_ = 0; /// partition
    std::unique_ptr<MergeIterator> merge_;
    std::vector<PartPtr> parts_; /// of all partitions, one after another
    size_t next_part_ = 0;
    std::vector<BlockSourcePtr> opened_; /// by part, until its turn
    std::optional<ReadAhead> opening_;   /// last: its threads end first
};

}

std::shared_ptr<Source> makeReadParts(const ReadPartsStep & step, QueryContext & context)
{
    return std::make_shared<ReadPartsSource>(step, context);
}

std::shared_ptr<Source> makeReadFinal(const ReadPartsStep & step, QueryContext & context)
{
    return std::make_shared<ReadFinalSource>(step, context);
}

}
