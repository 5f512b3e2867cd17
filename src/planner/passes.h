#pragma once
// The optimizer's passes (see optimize.cpp for what each is for and their order). One file each.

#include "planner/Planner.h"

namespace mangrove
{

void pushDownFilters(PlannedQuery & query);
void countFromMetadata(PlannedQuery & query);
void pushDownLimits(PlannedQuery & query);
void pruneColumns(PlannedQuery & query);
void readSubcolumns(PlannedQuery & query);
void keepDictionaryCodes(PlannedQuery & query);

}
