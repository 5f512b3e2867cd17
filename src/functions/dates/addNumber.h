#pragma once
// Registers a function NAME(time[, zone]) that gives a number: parts of a date or clock, counts of units. For the files of
// this folder.

#include "functions/dates/TimeArgument.h"

namespace mangrove
{

/// f(TimeArgument, row) → R
template <typename R, typename F>
void addNumber(FunctionRegistry & registry, const char * name, TypeId type, F f, bool date_allowed = true)
{
    addFunction(registry, {
        .name = name, .arguments_min = 1, .arguments_max = 2,
        .return_type = [=](const Arguments & arguments)
        {
            expectTime(name, arguments, 0, date_allowed);
            return makeType(type);
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            TimeArgument time(name, arguments, 0, 1);
            auto result = ColumnVector<R>::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = static_cast<R>(f(time, i));
            return result;
        },
        .constants = {1}});
}

}
