#pragma once
// BoundQuery → plan. makePlan() builds the steps in the order of SQL's meaning; optimize() then runs the passes, a
// visible list in optimize.cpp, each of which keeps the result. Pure.

#include "planner/Plan.h"

namespace mangrove
{

struct PlannedQuery
{
    PlanStepPtr root;
    /// The root's columns in the user's order and under the user's names.
    std::vector<std::string> ids;
    NamesAndTypes header;
};

PlannedQuery makePlan(const BoundQuery & query);

struct OptimizerPass
{
    const char * name;
    void (*run)(PlannedQuery & query);
};
const std::vector<OptimizerPass> & optimizerPasses();
void optimize(PlannedQuery & query);

}
