#pragma once
// The type of what several arrays have in common: every value in all of them fits the narrowest of their types.

#include "types/DataTypes.h"

namespace mangrove
{

/// Of integers the narrowest (unsigned if two are equally narrow), of integers and floats the integer, of dates and
/// times Date, of strings the FixedString; Nullable if all are; containers by element. Throws NO_COMMON_TYPE.
DataTypePtr commonSubtype(const DataTypes & types);

}
