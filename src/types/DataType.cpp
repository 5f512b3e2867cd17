#include "types/DataType.h"

#include "columns/ColumnConst.h"
#include "types/DataTypes.h"

namespace mangrove
{

Field DataType::defaultValue() const
{
    auto column = createColumn();
    column->insertDefault();
    return column->get(0);
}

ColumnPtr DataType::createConst(size_t rows, const Field & value) const
{
    auto column = createColumn();
    column->insert(value);
    return ColumnConst::create(std::move(column), rows);
}

bool DataType::canBeInsideNullable() const
{
    switch (id())
    {
        case TypeId::Nullable:
        case TypeId::LowCardinality:
        case TypeId::Array:
        case TypeId::Tuple:
        case TypeId::Map:
        case TypeId::AggregateFunction:
        case TypeId::Lambda: return false;
        default: return true;
    }
}

DataTypePtr removeNullable(const DataTypePtr & type)
{
    return type->isNullable() ? static_cast<const DataTypeNullable &>(*type).nested() : type;
}

DataTypePtr removeLowCardinality(const DataTypePtr & type)
{
    return type->isLowCardinality() ? static_cast<const DataTypeLowCardinality &>(*type).nested() : type;
}

DataTypePtr removeLowCardinalityAndNullable(const DataTypePtr & type)
{
    return removeNullable(removeLowCardinality(type));
}

DataTypePtr makeNullable(const DataTypePtr & type)
{
    if (type->isLowCardinality())
    {
        const auto & nested = static_cast<const DataTypeLowCardinality &>(*type).nested();
        return nested->isNullable() ? type : std::make_shared<DataTypeLowCardinality>(makeNullable(nested));
    }
    return type->canBeInsideNullable() ? std::make_shared<DataTypeNullable>(type) : type;
}

}
