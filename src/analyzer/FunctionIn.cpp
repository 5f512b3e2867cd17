#include "analyzer/FunctionIn.h"

#include "columns/ColumnTuple.h"
#include "columns/ColumnVector.h"
#include "types/DataTypes.h"

namespace mangrove
{

DataTypePtr FunctionIn::returnType(const std::vector<ColumnWithType> &) const
{
    return makeType(TypeId::UInt8);
}

ColumnPtr FunctionIn::execute(const std::vector<ColumnWithType> & arguments, const DataTypePtr &, size_t rows) const
{
    auto column = arguments[0].column;
    Columns columns{column};
    if (set_->types().size() > 1)
        columns = columnAs<ColumnTuple>(*column->materialize()).elements();
    auto found = set_->contains(columns, rows);
    if (negative_)
        for (auto & value : found)
            value = !value;
    return std::make_shared<ColumnUInt8>(std::move(found));
}

}
