// toUnixTimestamp, toUnixTimestamp64{Second,Milli,Micro,Nano}, fromUnixTimestamp64…; fromUnixTimestamp is beside formatDateTime.

#include "columns/ColumnNullable.h"
#include "functions/cast/Cast.h"
#include "functions/dates/TimeArgument.h"
#include "functions/dates/registerDates.h"

namespace mangrove
{

namespace
{

int64_t powerOfTen(uint32_t digits)
{
    int64_t result = 1;
    while (digits--)
        result *= 10;
    return result;
}

/// DECIMAL_OVERFLOW (407) for a DateTime64 that a UInt32 of seconds cannot hold.
void requireUnixTimes(const ColumnWithType & times)
{
    const auto type = removeNullable(times.type);
    if (type->id() != TypeId::DateTime64)
        return;
    const auto per_second = typeAs<DataTypeDateTime64>(*type).ticksPerSecond();
    const int64_t end = (int64_t{UINT32_MAX} + 1) * per_second; // of 10^9 ticks still an Int64
    const auto column = times.column->materialize();
    const auto * nullable = tryColumnAs<ColumnNullable>(*column);
    const auto & values = columnAs<ColumnInt64>(nullable ? nullable->nested() : *column).data();
    for (size_t row = 0; row < values.size(); ++row)
        if ((values[row] <= -per_second || values[row] >= end) && !column->isNullAt(row)) [[unlikely]]
            throw Exception(ErrorCode::DECIMAL_OVERFLOW, "Convert overflow: {} seconds since 1970 do not fit UInt32", values[row] / per_second);
}

void addToUnix64(FunctionRegistry & registry, const char * name, uint32_t precision)
{
    addFunction(registry, {
        .name = name, .arguments_min = 1, .arguments_max = 1,
        .return_type = [=](const Arguments & arguments)
        {
            if (arguments[0].type->id() != TypeId::DateTime64)
                throwIllegalType(name, *arguments[0].type, 0);
            return makeType(TypeId::Int64);
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            NumberArgument<int64_t> ticks(*arguments[0].column);
            const int64_t own = typeAs<DataTypeDateTime64>(*arguments[0].type).ticksPerSecond();
            const int64_t target = powerOfTen(precision);
            auto result = ColumnInt64::create(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                if (own > target)
                    result->data()[i] = ticks[i] / (own / target);
                else if (__builtin_mul_overflow(ticks[i], target / own, &result->data()[i]))
                    throw Exception(ErrorCode::DECIMAL_OVERFLOW, "Decimal math overflow in {}", name);
            }
            return result;
        }});
}

void addFromUnix64(FunctionRegistry & registry, const char * name, uint32_t precision)
{
    addFunction(registry, {
        .name = name, .arguments_min = 1, .arguments_max = 2,
        .return_type = [=](const Arguments & arguments) -> DataTypePtr
        {
            expectInteger(name, arguments, 0);
            return std::make_shared<DataTypeDateTime64>(precision,
                arguments.size() == 2 ? constantString(name, arguments, 1) : "");
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t) -> ColumnPtr
        { return convertNumbers(*arguments[0].column->materialize(), ColumnKind::Int64); },
        .constants = {1}});
}

}

void registerUnixTime(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "toUnixTimestamp", .arguments_min = 1, .arguments_max = 2,
        .return_type = [](const Arguments & arguments)
        {
            if (!arguments[0].type->isDateOrTime() && !arguments[0].type->isString())
                throwIllegalType("toUnixTimestamp", *arguments[0].type, 0);
            return makeType(TypeId::UInt32);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t) -> ColumnPtr
        {
            requireUnixTimes(arguments[0]);
            std::string zone = zoneNameOf("toUnixTimestamp", arguments, 0, 1);
            if (removeNullable(arguments[0].type)->id() == TypeId::Date)
                zone.clear(); // as ClickHouse: it is for texts
            auto time = std::make_shared<DataTypeDateTime>(zone);
            return castColumn({castColumn(arguments[0], time, false), time, ""}, type, false);
        },
        .constants = {1}});
    addToUnix64(registry, "toUnixTimestamp64Second", 0);
    addToUnix64(registry, "toUnixTimestamp64Milli", 3);
    addToUnix64(registry, "toUnixTimestamp64Micro", 6);
    addToUnix64(registry, "toUnixTimestamp64Nano", 9);
    addFromUnix64(registry, "fromUnixTimestamp64Second", 0);
    addFromUnix64(registry, "fromUnixTimestamp64Milli", 3);
    addFromUnix64(registry, "fromUnixTimestamp64Micro", 6);
    addFromUnix64(registry, "fromUnixTimestamp64Nano", 9);
}

}
