// transform(x, [from…], [to…][, default]): a dictionary in the query.

#include "functions/FunctionSpec.h"
#include "functions/callFunction.h"
#include "functions/scalar/registerScalar.h"
#include "functions/scalar/selectRows.h"

#include <map>

namespace mangrove
{

namespace
{

const DataTypePtr & elementType(const Arguments & arguments, size_t position)
{
    if (arguments[position].type->id() != TypeId::Array)
        throwIllegalType("transform", *arguments[position].type, position);
    return typeAs<DataTypeArray>(*arguments[position].type).element();
}

}

void registerTransform(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "transform", .arguments_min = 3, .arguments_max = 4,
        .return_type = [](const Arguments & arguments)
        {
            elementType(arguments, 1);
            return leastSupertype({elementType(arguments, 2),
                arguments.size() == 4 ? arguments[3].type : arguments[0].type});
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows) -> ColumnPtr
        {
            const Array from = constantArgument("transform", arguments, 1).get<Array>();
            const Array to = constantArgument("transform", arguments, 2).get<Array>();
            if (from.size() != to.size())
                throw Exception(ErrorCode::BAD_ARGUMENTS,
                    "Second and third arguments of function transform must be arrays of same size");
            if (from.size() >= UINT16_MAX)
                throw Exception(ErrorCode::BAD_ARGUMENTS, "Function transform takes at most {} values", UINT16_MAX - 1);
            DataTypePtr key_type = leastSupertype({arguments[0].type, elementType(arguments, 1)});
            ColumnPtr keys = castColumn(arguments[0], key_type)->materialize();
            std::map<std::string, uint16_t> positions;
            Columns values{castColumn(arguments.size() == 4 ? arguments[3] : arguments[0], type)};
            for (size_t k = 0; k < from.size(); ++k)
            {
                std::string key;
                MutableColumnPtr single = key_type->createColumn();
                single->insert(castField(from[k], elementType(arguments, 1), key_type));
                single->materialize()->serializeKey(0, key);
                if (positions.try_emplace(key, static_cast<uint16_t>(values.size())).second)
                {
                    MutableColumnPtr value = type->createColumn();
                    value->insert(castField(to[k], elementType(arguments, 2), type));
                    values.push_back(ColumnConst::create(value, rows));
                }
            }
            PodVector<uint16_t> choice(rows);
            std::string key;
            for (size_t i = 0; i < rows; ++i)
            {
                key.clear();
                keys->serializeKey(i, key);
                auto it = positions.find(key);
                choice[i] = it == positions.end() ? 0 : it->second;
            }
            return selectRows(values, choice, *type);
        },
        .constants = {1, 2}, .null_gives_null = false});
}

}
