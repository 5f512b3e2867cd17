#pragma once
// What a condition says about the bytes of a string: message LIKE '%refused%' can only be true of those that contain
// "refused". Used by the pass readSubcolumns and by exec/PartScan to leave out pages (parts/TrigramFilter.h). Conservative.

#include "expressions/Expression.h"
#include "parts/ValueTest.h"

namespace mangrove
{

/// What the column's values must contain for the condition to be true; empty if nothing is known. NULL never makes it
/// true then.
ContainedBytes containedBytes(const ExpressionPtr & condition, const std::string & column);

}
