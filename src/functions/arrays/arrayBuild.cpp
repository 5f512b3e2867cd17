// array, emptyArray*, range, arrayConcat, arrayPushBack/Front, arrayZip, arrayFlatten, arrayWithConstant, arrayResize.

#include "columns/ColumnTuple.h"
#include "functions/arrays/ArrayArguments.h"
#include "functions/arrays/registerArrays.h"
#include "functions/callFunction.h"

namespace mangrove
{

namespace
{

DataTypePtr arrayOf(DataTypePtr element)
{
    return std::make_shared<DataTypeArray>(std::move(element));
}

ColumnPtr makeArray(const Arguments & arguments, const DataTypePtr & type, size_t rows)
{
    const DataTypePtr & element = typeAs<DataTypeArray>(*type).element();
    Columns parts;
    for (const auto & argument : arguments)
        parts.push_back(castColumn(argument, element));
    MutableColumnPtr data = element->createColumn();
    data->reserve(rows * parts.size());
    auto offsets = ColumnUInt64::create(rows);
    for (size_t i = 0; i < rows; ++i)
    {
        for (const ColumnPtr & part : parts)
            data->insertFrom(fullOf(*part), isConst(*part) ? 0 : i);
        offsets->data()[i] = (i + 1) * parts.size();
    }
    return ColumnArray::create(data, offsets);
}

/// Arrays (of one type already) one after the other.
ColumnPtr joinArrays(const Columns & arrays, const DataType & type, size_t rows)
{
    MutableColumnPtr result = type.createColumn();
    auto & joined = static_cast<ColumnArray &>(*result);
    for (size_t i = 0; i < rows; ++i)
    {
        for (const ColumnPtr & column : arrays)
        {
            auto & array = static_cast<const ColumnArray &>(*column);
            joined.dataMutable().insertRangeFrom(array.data(), array.beginOf(i), array.endOf(i) - array.beginOf(i));
        }
        joined.offsetsMutable().push_back(joined.data().size());
    }
    return result;
}

FunctionSpec pushSpec(const char * name, bool back)
{
    return {
        .name = name, .arguments_min = 2, .arguments_max = 2,
        .return_type = [name](const Arguments & arguments)
        { return arrayOf(leastSupertype({expectArray(name, arguments, 0).element(), arguments[1].type})); },
        .execute = [back](const Arguments & arguments, const DataTypePtr & type, size_t rows)
        {
            ColumnPtr array = castColumn(arguments[0], type)->materialize();
            ColumnPtr single = makeArray({arguments[1]}, type, rows);
            return joinArrays(back ? Columns{array, single} : Columns{single, array}, *type, rows);
        },
        .null_gives_null = false};
}

void registerRange(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "range", .arguments_min = 1, .arguments_max = 3,
        .return_type = [](const Arguments & arguments)
        {
            DataTypes types;
            for (size_t i = 0; i < arguments.size(); ++i)
            {
                expectInteger("range", arguments, i);
                types.push_back(arguments[i].type);
            }
            return arrayOf(leastSupertype(types));
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows) -> ColumnPtr
        {
            /// In 128 bits all integers keep their values; results wrap as their type does.
            NumberArgument<UInt128> first(*arguments[0].column);
            NumberArgument<UInt128> second(*arguments[arguments.size() > 1 ? 1 : 0].column);
            NumberArgument<UInt128> third(*arguments[arguments.size() > 2 ? 2 : 0].column);
            auto values = ColumnInt64::create();
            auto offsets = ColumnUInt64::create(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                auto begin = static_cast<Int128>(arguments.size() > 1 ? first[i] : 0);
                auto end = static_cast<Int128>(arguments.size() > 1 ? second[i] : first[i]);
                auto step = static_cast<Int128>(arguments.size() > 2 ? third[i] : 1);
                if (arguments.size() == 1 && end < 0)
                    throw Exception(ErrorCode::ARGUMENT_OUT_OF_BOUND,
                        "A call to function range overflows, only support positive values when only end is provided");
                if (step == 0)
                    throw Exception(ErrorCode::ARGUMENT_OUT_OF_BOUND,
                        "A call to function range overflows, the 3rd argument step can't be zero");
                Int128 distance = step > 0 ? end - begin : begin - end;
                Int128 length = distance > 0 ? (distance - 1) / (step > 0 ? step : -step) + 1 : 0;
                if (length > static_cast<Int128>(generated_elements_max - values->size()))
                    throw Exception(ErrorCode::ARGUMENT_OUT_OF_BOUND,
                        "A call to function range would produce more than {} array elements", generated_elements_max);
                for (Int128 k = 0; k < length; ++k)
                    values->data().push_back(static_cast<int64_t>(begin + k * step));
                offsets->data()[i] = values->size();
            }
            return ColumnArray::create(convertNumbers(*values,
                typeAs<DataTypeArray>(*type).element()->createColumn()->kind()), offsets);
        }});
}

/// All nesting of arrays removed.
ColumnPtr flatten(ColumnPtr column)
{
    while (static_cast<const ColumnArray &>(*column).data().kind() == ColumnKind::Array)
    {
        auto & outer = static_cast<const ColumnArray &>(*column);
        auto & inner = static_cast<const ColumnArray &>(outer.data());
        auto offsets = ColumnUInt64::create(outer.size());
        for (size_t i = 0; i < outer.size(); ++i)
            offsets->data()[i] = outer.endOf(i) ? inner.endOf(outer.endOf(i) - 1) : 0;
        column = ColumnArray::create(inner.dataPtr(), offsets);
    }
    return column;
}

void registerResize(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "arrayWithConstant", .arguments_min = 2, .arguments_max = 2,
        .return_type = [](const Arguments & arguments)
        {
            expectInteger("arrayWithConstant", arguments, 0);
            return arrayOf(arguments[1].type);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows) -> ColumnPtr
        {
            NumberArgument<int64_t> count(*arguments[0].column);
            auto offsets = ColumnUInt64::create(rows);
            uint64_t total = 0;
            for (size_t i = 0; i < rows; ++i)
            {
                if (count[i] < 0 || (total += count[i]) > generated_elements_max)
                    throw Exception(ErrorCode::TOO_LARGE_ARRAY_SIZE,
                        "Array size {} of function arrayWithConstant is negative or too large", count[i]);
                offsets->data()[i] = total;
            }
            ColumnPtr element = arguments[1].column;
            if (isConst(*element))
                element = fullOf(*element).gather(Permutation(rows, 0));
            return ColumnArray::create(element->replicate(offsets->data()), offsets);
        },
        .null_gives_null = false, .low_cardinality_transparent = false});
    addFunction(registry, {
        .name = "arrayResize", .arguments_min = 2, .arguments_max = 3,
        .return_type = [](const Arguments & arguments)
        {
            DataTypes types{expectArray("arrayResize", arguments, 0).element()};
            expectInteger("arrayResize", arguments, 1);
            if (arguments.size() == 3)
                types.push_back(arguments[2].type);
            return arrayOf(leastSupertype(types));
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows) -> ColumnPtr
        {
            ColumnPtr full = castColumn(arguments[0], type)->materialize();
            auto & array = static_cast<const ColumnArray &>(*full);
            NumberArgument<int64_t> sizes(*arguments[1].column);
            const DataTypePtr & element = typeAs<DataTypeArray>(*type).element();
            ColumnPtr filler = arguments.size() == 3 ? castColumn(arguments[2], element)
                : element->createDefaultConst(rows);
            MutableColumnPtr data = element->createColumn();
            auto offsets = ColumnUInt64::create(rows);
            for (size_t i = 0; i < rows; ++i)
            {
                uint64_t wanted = sizes[i] < 0 ? 0 - static_cast<uint64_t>(sizes[i]) : sizes[i];
                uint64_t have = array.endOf(i) - array.beginOf(i);
                if (wanted > 1'000'000 || data->size() + wanted > generated_elements_max)
                    throw Exception(ErrorCode::TOO_LARGE_ARRAY_SIZE,
                        "Array size {} is too large for function arrayResize", sizes[i]);
                uint64_t kept = std::min(wanted, have);
                auto fill = [&]
                {
                    for (uint64_t k = kept; k < wanted; ++k)
                        data->insertFrom(fullOf(*filler), isConst(*filler) ? 0 : i);
                };
                if (sizes[i] < 0)
                    fill();
                data->insertRangeFrom(array.data(), sizes[i] < 0 ? array.endOf(i) - kept : array.beginOf(i), kept);
                if (sizes[i] >= 0)
                    fill();
                offsets->data()[i] = data->size();
            }
            return ColumnArray::create(data, offsets);
        },
        .null_gives_null = false});
}

}

void registerArrayBuild(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "array", .arguments_min = 0, .arguments_max = FunctionSpec::any_number,
        .return_type = [](const Arguments & arguments)
        {
            DataTypes types;
            for (const auto & argument : arguments)
                types.push_back(argument.type);
            return arrayOf(types.empty() ? makeType(TypeId::Nothing) : leastSupertype(types));
        },
        .execute = makeArray, .null_gives_null = false, .low_cardinality_transparent = false});
    for (TypeId id : {TypeId::UInt8, TypeId::UInt16, TypeId::UInt32, TypeId::UInt64, TypeId::Int8, TypeId::Int16,
        TypeId::Int32, TypeId::Int64,
             TypeId::Float32, TypeId::Float64, TypeId::String, TypeId::Date})
    {
        DataTypePtr type = makeType(id);
        addFunction(registry, {
            .name = "emptyArray" + type->name(), .arguments_min = 0, .arguments_max = 0,
            .return_type = [type](const Arguments &) { return arrayOf(type); },
            .execute = [](const Arguments &, const DataTypePtr & array, size_t rows)
            { return array->createDefaultConst(rows); }});
    }
    addFunction(registry, {
        .name = "arrayConcat", .arguments_min = 1, .arguments_max = FunctionSpec::any_number,
        .return_type = [](const Arguments & arguments)
        {
            DataTypes types;
            for (size_t i = 0; i < arguments.size(); ++i)
            {
                expectArray("arrayConcat", arguments, i);
                types.push_back(arguments[i].type);
            }
            return leastSupertype(types);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows)
        {
            Columns arrays;
            for (const auto & argument : arguments)
                arrays.push_back(castColumn(argument, type)->materialize());
            return joinArrays(arrays, *type, rows);
        }});
    addFunction(registry, pushSpec("arrayPushBack", true));
    addFunction(registry, pushSpec("arrayPushFront", false));
    registerRange(registry);
    registerResize(registry);
    addFunction(registry, {
        .name = "arrayZip", .arguments_min = 1, .arguments_max = FunctionSpec::any_number,
        .return_type = [](const Arguments & arguments)
        {
            DataTypes types;
            for (size_t i = 0; i < arguments.size(); ++i)
                types.push_back(expectArray("arrayZip", arguments, i).element());
            return arrayOf(std::make_shared<DataTypeTuple>(types));
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t) -> ColumnPtr
        {
            Columns arrays;
            Columns elements;
            for (const auto & argument : arguments)
            {
                arrays.push_back(argument.column->materialize());
                elements.push_back(static_cast<const ColumnArray &>(*arrays.back()).dataPtr());
            }
            checkEqualSizes("arrayZip", arrays);
            size_t total = elements[0]->size();
            return ColumnArray::create(std::make_shared<ColumnTuple>(std::move(elements), total),
                static_cast<const ColumnArray &>(*arrays[0]).offsetsPtr());
        }});
    addFunction(registry, {
        .name = "arrayFlatten", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments)
        {
            DataTypePtr element = expectArray("arrayFlatten", arguments, 0).element();
            while (element->id() == TypeId::Array)
                element = typeAs<DataTypeArray>(*element).element();
            return arrayOf(element);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t)
        { return flatten(arguments[0].column->materialize()); }});
    registry.addAlias("flatten", "arrayFlatten", true);
}

}
