// arrayRotateLeft, arrayRotateRight: elements that leave at one end come in at the other. arrayShiftLeft, arrayShiftRight:
// a default comes in instead. arrayRemove: without the elements that equal a value.

#include "columns/ColumnNullable.h"
#include "functions/arrays/ArrayArguments.h"
#include "functions/arrays/registerOrdered.h"
#include "functions/callFunction.h"

namespace mangrove
{

namespace
{

/// How far to move to the left.
int64_t shiftLeftBy(int64_t count, bool right)
{
    constexpr int64_t far = 1LL << 40; /// beyond any array, and safe to negate
    count = std::clamp(count, -far, far);
    return right ? -count : count;
}

void addRotate(FunctionRegistry & registry, const char * name, bool right)
{
    addFunction(registry, {
        .name = name, .arguments_min = 2, .arguments_max = 2,
        .return_type = [name](const Arguments & arguments)
        {
            expectArray(name, arguments, 0);
            expectInteger(name, arguments, 1);
            return arguments[0].type;
        },
        .execute = [right](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            ColumnPtr full = arguments[0].column->materialize();
            auto & array = static_cast<const ColumnArray &>(*full);
            NumberArgument<int64_t> counts(*arguments[1].column);
            Permutation source(array.data().size());
            for (size_t i = 0; i < rows; ++i)
            {
                const auto begin = static_cast<int64_t>(array.beginOf(i));
                const int64_t size = static_cast<int64_t>(array.endOf(i)) - begin;
                if (size == 0)
                    continue;
                int64_t by = shiftLeftBy(counts[i], right) % size;
                if (by < 0)
                    by += size;
                for (int64_t k = 0; k < size; ++k)
                    source[begin + k] = static_cast<uint32_t>(begin + (k + by) % size);
            }
            return ColumnArray::create(array.data().gather(source), array.offsetsPtr());
        }});
}

void addShift(FunctionRegistry & registry, const char * name, bool right)
{
    addFunction(registry, {
        .name = name, .arguments_min = 2, .arguments_max = 3,
        .return_type = [name](const Arguments & arguments) -> DataTypePtr
        {
            DataTypes types{expectArray(name, arguments, 0).element()};
            expectInteger(name, arguments, 1);
            if (arguments.size() == 3)
                types.push_back(arguments[2].type);
            if (!removeLowCardinality(leastSupertype(types))->equals(*removeLowCardinality(types[0])))
                throwIllegalType(name, *arguments[2].type, 2);
            return arguments[0].type;
        },
        .execute = [right](const Arguments & arguments, const DataTypePtr & type, size_t rows) -> ColumnPtr
        {
            ColumnPtr full = castColumn(arguments[0], type)->materialize();
            auto & array = static_cast<const ColumnArray &>(*full);
            NumberArgument<int64_t> counts(*arguments[1].column);
            const DataTypePtr & element = typeAs<DataTypeArray>(*type).element();
            ColumnPtr filler = arguments.size() == 3 ? castColumn(arguments[2], element) : element->createDefaultConst(rows);
            MutableColumnPtr data = element->createColumn();
            data->reserve(array.data().size());
            for (size_t i = 0; i < rows; ++i)
            {
                const int64_t by = shiftLeftBy(counts[i], right);
                const auto begin = static_cast<int64_t>(array.beginOf(i));
                const int64_t size = static_cast<int64_t>(array.endOf(i)) - begin;
                for (int64_t k = 0; k < size; ++k)
                {
                    if (k + by >= 0 && k + by < size)
                        data->insertFrom(array.data(), begin + k + by);
                    else
                        data->insertFrom(fullOf(*filler), isConst(*filler) ? 0 : i);
                }
            }
            return ColumnArray::create(data, array.offsetsPtr());
        }});
}

}

void registerArrayShift(FunctionRegistry & registry)
{
    addRotate(registry, "arrayRotateLeft", false);
    addRotate(registry, "arrayRotateRight", true);
    addShift(registry, "arrayShiftLeft", false);
    addShift(registry, "arrayShiftRight", true);
    addFunction(registry, {
        .name = "arrayRemove", .arguments_min = 2, .arguments_max = 2,
        .return_type = [](const Arguments & arguments)
        {
            leastSupertype({expectArray("arrayRemove", arguments, 0).element(), arguments[1].type});
            return arguments[0].type;
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows) -> ColumnPtr
        {
            const DataTypePtr common = leastSupertype({typeAs<DataTypeArray>(*type).element(), arguments[1].type});
            ColumnPtr full = arguments[0].column->materialize();
            auto & array = static_cast<const ColumnArray &>(*full);
            ColumnPtr elements = castColumn({array.dataPtr(), typeAs<DataTypeArray>(*type).element(), ""}, common)->materialize();
            ColumnPtr value = castColumn(arguments[1], common);
            ColumnPtr removed = fullOf(*value).materialize();
            auto offsets = ColumnUInt64::create(rows);
            Filter keep(elements->size());
            size_t kept = 0;
            for (size_t i = 0; i < rows; ++i)
            {
                for (size_t k = array.beginOf(i); k < array.endOf(i); ++k)
                {
                    keep[k] = elements->compareAt(k, isConst(*value) ? 0 : i, *removed, 1) != 0;
                    kept += keep[k];
                }
                offsets->data()[i] = kept;
            }
            return ColumnArray::create(array.data().filter(keep, kept), offsets);
        },
        .null_gives_null = false, .low_cardinality_transparent = false});
    registry.addAlias("array_remove", "arrayRemove", true);
}

}
