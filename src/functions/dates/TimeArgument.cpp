#include "functions/dates/TimeArgument.h"

namespace mangrove
{

std::string zoneNameOf(std::string_view function, const Arguments & arguments, size_t position, size_t zone_position)
{
    if (arguments.size() > zone_position)
        return constantString(function, arguments, zone_position);
    const DataType & type = *arguments[position].type;
    if (type.id() == TypeId::DateTime)
        return typeAs<DataTypeDateTime>(type).zoneName();
    if (type.id() == TypeId::DateTime64)
        return typeAs<DataTypeDateTime64>(type).zoneName();
    return "";
}

TimeArgument::TimeArgument(std::string_view function, const Arguments & arguments, size_t position,
    size_t zone_position)
    : values_(*arguments[position].column)
{
    const DataType & type = *arguments[position].type;
    is_date_ = type.id() == TypeId::Date;
    if (type.id() == TypeId::DateTime64)
        ticks_ = typeAs<DataTypeDateTime64>(type).ticksPerSecond();
    zone_ = TimeZone::get(zoneNameOf(function, arguments, position, zone_position));
}

void expectTime(std::string_view function, const Arguments & arguments, size_t position, bool date_allowed)
{
    const DataType & type = *arguments.at(position).type;
    if (!type.isDateOrTime() || (!date_allowed && type.id() == TypeId::Date))
        throwIllegalType(function, type, position);
}

}
