// greatest, least: of any comparable arguments, by their common type; NULL arguments are ignored.

#include "functions/FunctionSpec.h"
#include "functions/callFunction.h"
#include "functions/scalar/registerScalar.h"
#include "functions/scalar/selectRows.h"

namespace mangrove
{

namespace
{

/// Whether the later value wins. NaN loses; of two numbers the later wins unless the earlier is strictly better, which
/// makes greatest(1, nan) NaN and greatest(nan, 1) one, as in ClickHouse.
bool wins(const Column & later, const Column & earlier, size_t row, int sign, bool two_numbers)
{
    if (!two_numbers)
        return sign * later.compareAt(row, row, earlier, -sign) > 0;
    return sign * earlier.compareAt(row, row, later, 1) <= 0 || sign * earlier.compareAt(row, row, later, -1) <= 0;
}

FunctionSpec extremeSpec(const char * name, int sign)
{
    return {
        .name = name, .arguments_min = 1, .arguments_max = 65535,
        .return_type = [](const Arguments & arguments)
        {
            DataTypes types;
            for (const auto & argument : arguments)
                types.push_back(argument.type);
            return leastSupertype(types);
        },
        .execute = [sign](const Arguments & arguments, const DataTypePtr & type, size_t rows) -> ColumnPtr
        {
            Columns columns;
            for (const auto & argument : arguments)
                columns.push_back(castColumn(argument, type)->materialize());
            const bool two_numbers = columns.size() == 2 && removeNullable(type)->isNumber();
            PodVector<uint16_t> choice(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                uint16_t best = 0;
                for (uint16_t k = 1; k < columns.size(); ++k)
                    if (!columns[k]->isNullAt(i) && (columns[best]->isNullAt(i) || wins(*columns[k], *columns[best], i, sign, two_numbers)))
                        best = k;
                choice[i] = best;
            }
            return selectRows(columns, choice, *type);
        },
        .null_gives_null = false, .case_insensitive = true};
}

}

void registerGreatest(FunctionRegistry & registry)
{
    addFunction(registry, extremeSpec("greatest", 1));
    addFunction(registry, extremeSpec("least", -1));
}

}
