#include "planner/Planner.h"
#include "planner/passes.h"

namespace mangrove
{

const std::vector<OptimizerPass> & optimizerPasses()
{
    static const std::vector<OptimizerPass> passes{
        {"push_down_filters", pushDownFilters},         // conditions go to where the rows are read (PREWHERE)
        {"count_from_metadata", countFromMetadata},     // count() of a table needs no rows
        {"push_down_limits", pushDownLimits},           // ORDER BY … LIMIT n becomes a top-n; LIMIT n reads no more
        {"prune_columns", pruneColumns},                // nobody computes or reads what is not used
        {"read_subcolumns", readSubcolumns},            // attributes['k'] reads that key alone
        {"keep_dictionary_codes", keepDictionaryCodes}, // GROUP BY and uniq() work on codes instead of values
    };
    return passes;
}

void optimize(PlannedQuery & query)
{
    for (const auto & pass : optimizerPasses())
        pass.run(query);
}

}
