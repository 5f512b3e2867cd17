#include "planner/passes.h"

#include "columns/ColumnVector.h"

namespace mangrove
{

namespace
{

void visit(PlanStepPtr & step)
{
    auto * aggregate = dynamic_cast<AggregateStep *>(step.get());
    auto * read = aggregate ? dynamic_cast<ReadPartsStep *>(aggregate->inputs[0].get()) : nullptr;
    bool only_counts = aggregate && !aggregate->aggregates.empty() && std::all_of(aggregate->aggregates.begin(), aggregate->aggregates.end(),
        [](const auto & call) // not countState, countOrNull…
        { return call.function->name() == "count" && call.arguments.empty() && call.function->returnType()->id() == TypeId::UInt64; });
    if (read && only_counts && aggregate->keys.empty() && !aggregate->with_totals && read->filters.empty() && !read->final)
    {
        uint64_t rows = 0;
        for (const auto & [id, partition] : read->table->state().partitions)
            for (const auto & part : partition->parts)
                rows += part->rows;
        auto answer = std::make_shared<ConstantRowsStep>();
        answer->header = aggregate->header;
        for (const auto & column : answer->header)
        {
            auto value = ColumnUInt64::create();
            value->data().push_back(rows);
            answer->block.add({value, column.type, column.name});
        }
        step = answer;
        return;
    }
    for (auto & input : step->inputs)
        visit(input);
}

}

void countFromMetadata(PlannedQuery & query)
{
    visit(query.root);
}

}
