// greatest, least: of any comparable arguments, by their common type; NULL arguments are ignored.

#include "functions/FunctionSpec.h"
#include "functions/callFunction.h"
#include "functions/scalar/registerScalar.h"
#include "functions/scalar/selectRows.h"

namespace mangrove
{

namespace
{

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
            PodVector<uint16_t> choice(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                uint16_t best = 0;
                for (uint16_t k = 1; k < columns.size(); ++k)
                    if (!columns[k]->isNullAt(i) && (columns[best]->isNullAt(i)
                        || sign * columns[k]->compareAt(i, i, *columns[best], sign) > 0))
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
