#include "exec/openPlan.h"

#include "exec/HashAggregation.h"
#include "exec/HashJoin.h"
#include "exec/ReadParts.h"
#include "exec/SortOperator.h"
#include "exec/WindowOperator.h"
#include "exec/transforms.h"

namespace mangrove
{

namespace
{

class OneRowSource final : public Source
{
public:
    explicit OneRowSource(QueryContext & context) : context_(context) { }

    std::optional<Block> next(size_t) override
    {
        if (done_.exchange(true))
            return std::nullopt;
        Block block;
        block.setRowsWithoutColumns(1);
        context_.addRead(1, 1); // the dummy of system.one
        return block;
    }
    size_t morselsAtMost() const override { return 1; }

private:
    QueryContext & context_;
    std::atomic<bool> done_{false};
};

class GeneratedSource final : public Source
{
public:
    GeneratedSource(const ReadGeneratedStep & step, QueryContext & context) : step_(step), context_(context)
    {
        std::vector<std::string> names;
        for (const auto & column : step.columns)
            names.push_back(column.name);
        generator_ = step.table->open(names, step.rows_max);
    }

    std::optional<Block> next(size_t) override
    {
        std::optional<Block> block;
        {
            std::lock_guard lock(mutex_);
            block = generator_->next();
        }
        if (!block)
            return std::nullopt;
        context_.addRead(block->rows(), block->byteSize());
        Block result;
        for (const auto & column : step_.columns)
            result.add({block->byName(column.name).column, column.type, column.id});
        if (step_.columns.empty())
            result.setRowsWithoutColumns(block->rows());
        return result;
    }

private:
    const ReadGeneratedStep & step_;
    QueryContext & context_;
    std::mutex mutex_;
    std::unique_ptr<BlockGenerator> generator_;
};

/// One input after the other, each by all workers at once unless its order matters.
class UnionSource final : public Source
{
public:
    UnionSource(const PlanStep & step, QueryContext & context) : step_(step), context_(context) { }

    std::optional<Block> next(size_t worker) override
    {
        while (auto input = currentInput())
        {
            if (auto block = input->pull(worker, context_))
                return asHeader(*block);
            std::lock_guard lock(mutex_);
            if (current_ == input)
                current_.reset();
        }
        return std::nullopt;
    }

private:
    /// Opening runs what must run to its end first, with threads of its own: one input at a time.
    std::shared_ptr<PulledStream> currentInput()
    {
        std::lock_guard lock(mutex_);
        if (!current_ && next_ < step_.inputs.size())
            current_ = std::make_shared<PulledStream>(openPlan(*step_.inputs[next_++], context_));
        return current_;
    }

    Block asHeader(const Block & block) const
    {
        Block result;
        for (const auto & column : step_.header)
            result.add(block.byName(column.name));
        if (step_.header.empty())
            result.setRowsWithoutColumns(block.rows());
        return result;
    }

    const PlanStep & step_;
    QueryContext & context_;
    std::mutex mutex_;
    size_t next_ = 0;
    std::shared_ptr<PulledStream> current_;
};

Stream fromSource(std::shared_ptr<Source> source, NamesAndTypes header)
{
    Stream stream;
    stream.source = std::move(source);
    stream.header = std::move(header);
    return stream;
}

}

Stream openPlan(const PlanStep & step, QueryContext & context)
{
    if (dynamic_cast<const OneRowStep *>(&step))
        return fromSource(std::make_shared<OneRowSource>(context), {});
    if (auto * constant = dynamic_cast<const ConstantRowsStep *>(&step))
        return fromSource(std::make_shared<BlocksSource>(std::vector<Block>{constant->block}), step.header);
    if (auto * read = dynamic_cast<const ReadPartsStep *>(&step))
        return fromSource(read->final ? makeReadFinal(*read, context) : makeReadParts(*read, context), step.header);
    if (auto * read = dynamic_cast<const ReadGeneratedStep *>(&step))
        return fromSource(std::make_shared<GeneratedSource>(*read, context), step.header);
    if (dynamic_cast<const UnionStep *>(&step))
        return fromSource(std::make_shared<UnionSource>(step, context), step.header);

    if (auto * join = dynamic_cast<const JoinStep *>(&step))
        return makeJoin(openPlan(*step.inputs[1], context), [&] { return openPlan(*step.inputs[0], context); }, *join, context);

    auto stream = openPlan(*step.inputs[0], context);
    if (auto * filter = dynamic_cast<const FilterStep *>(&step))
        stream.add(std::make_shared<FilterTransform>(filter->condition), step.header);
    else if (auto * project = dynamic_cast<const ProjectStep *>(&step))
        stream.add(std::make_shared<ProjectTransform>(project->columns), step.header);
    else if (auto * array_join = dynamic_cast<const ArrayJoinStep *>(&step))
        stream.add(std::make_shared<ArrayJoinTransform>(array_join->joins, array_join->left, step.header), step.header);
    else if (auto * aggregation = dynamic_cast<const AggregateStep *>(&step))
        return aggregate(std::move(stream), *aggregation, context);
    else if (auto * windows = dynamic_cast<const WindowStep *>(&step))
        return window(std::move(stream), *windows, context);
    else if (auto * sorting = dynamic_cast<const SortStep *>(&step))
        return sort(std::move(stream), *sorting, context);
    else if (auto * distinct = dynamic_cast<const DistinctStep *>(&step))
        stream.add(std::make_shared<DistinctTransform>(distinct->columns, context), step.header);
    else if (auto * limit_by = dynamic_cast<const LimitByStep *>(&step))
        stream.add(std::make_shared<LimitByTransform>(limit_by->columns, limit_by->rows, limit_by->offset, context), step.header);
    else if (auto * limit = dynamic_cast<const LimitStep *>(&step))
        stream.add(std::make_shared<LimitTransform>(limit->rows, limit->offset, limit->ties, stream.ordered), step.header);
    else
        throw Exception(ErrorCode::LOGICAL_ERROR, "No operator for plan step: {}", step.describe());
    return stream;
}

namespace
{

class RenameTransform final : public Transform
{
public:
    explicit RenameTransform(const PlannedQuery & query) : query_(query) { }
    Block apply(Block block, size_t) override
    {
        Block result;
        for (size_t i = 0; i < query_.ids.size(); ++i)
            result.add({block.byName(query_.ids[i]).column, query_.header[i].type, query_.header[i].name});
        return result;
    }
    bool appliesToTotals() const override { return true; }

private:
    const PlannedQuery & query_;
};

}

Stream openQuery(const PlannedQuery & query, QueryContext & context)
{
    auto stream = openPlan(*query.root, context);
    stream.add(std::make_shared<RenameTransform>(query), query.header);
    return stream;
}

}
