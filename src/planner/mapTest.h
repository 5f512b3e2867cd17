#pragma once
// Recognises what asks about all values (or keys) of a map and can be answered without making the map:
// arrayExists, arrayAll or arrayCount with a lambda of one parameter, has, countEqual and mapContainsValue with a
// constant string. Used by the pass readSubcolumns; read by parts/MapMatchReader.

#include "expressions/Expression.h"
#include "parts/PartReader.h"

namespace mangrove
{

struct MapTest
{
    ReadColumn::Kind kind; /// MapKeyMatches or MapValueMatches
    std::string column;    /// the map
    std::string key;       /// equal for equal tests
    ValueTestPtr test;
};

std::optional<MapTest> mapTestOf(const Expression & call);
/// The call's value, from how many keys or values pass its test.
ExpressionPtr makeFromMatches(const Expression & call, const ExpressionPtr & matches);

}
