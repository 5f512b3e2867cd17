#pragma once
// What a subcolumn holds where its column has a given value: parts from before ADD COLUMN have neither, and the default of
// the column decides about both (the default of a Nullable column is NULL, so its subcolumn "null" is 1). Used by PartScan.

#include "parts/PartReader.h"

namespace mangrove
{

/// `value` is one of type `column_type`, the result one of type `type`.
Field subcolumnOf(const Field & value, const DataTypePtr & column_type, const ReadColumn & subcolumn, const DataTypePtr & type);

}
