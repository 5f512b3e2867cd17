// toT(), toTOrNull(), toTOrZero(), toTOrDefault(): conversions named after their target.

#include "columns/ColumnNullable.h"
#include "functions/cast/Cast.h"
#include "functions/registerFunctions.h"

namespace mangrove
{

namespace
{

enum class OnError { Throw, Null, Zero };

/// The zone of a result: the argument at `position` if given, else that of the first argument, else the server's.
std::string zoneName(std::string_view function, const Arguments & arguments, size_t position)
{
    if (arguments.size() > position)
        return constantString(function, arguments, position);
    const DataType & type = *arguments[0].type;
    if (type.id() == TypeId::DateTime)
        return typeAs<DataTypeDateTime>(type).zoneName();
    if (type.id() == TypeId::DateTime64)
        return typeAs<DataTypeDateTime64>(type).zoneName();
    return "";
}

using TargetType = std::function<DataTypePtr(const Arguments &)>;

bool isNullLiteral(const DataType & type)
{
    return type.isNullable() && typeAs<DataTypeNullable>(type).nested()->id() == TypeId::Nothing;
}

/// toT() of what may be NULL: as for any function a NULL gives NULL, and so does a text that is no T. Not toDateTime64(),
/// which throws there, as in ClickHouse.
DataTypePtr typeOfNullable(const Arguments & arguments, const TargetType & target)
{
    for (const auto & argument : arguments)
        if (isNullLiteral(*argument.type))
            return argument.type;
    Arguments plain = arguments;
    plain[0].type = removeNullable(plain[0].type);
    DataTypePtr type = target(plain);
    return arguments[0].type->isNullable() ? makeNullable(type) : type;
}

ColumnPtr convertNullable(ColumnWithType argument, const DataTypePtr & type, size_t rows)
{
    if (isNullLiteral(*type))
        return type->createConst(rows, Null{});
    if (removeNullable(argument.type)->id() == TypeId::FixedString)
    {
        DataTypePtr text = argument.type->isNullable() ? makeNullable(makeType(TypeId::String)) : makeType(TypeId::String);
        argument = {castColumn(argument, text, false), text, ""};
    }
    return castColumn(argument, type, false);
}

/// toDate(time, zone) is the day there.
ColumnWithType inZone(const Arguments & arguments)
{
    auto time = arguments[0];
    if (arguments.size() < 2)
        return time;
    const auto zone = zoneName("toDate", arguments, 1);
    const DataTypePtr plain = removeNullable(time.type);
    DataTypePtr zoned = plain;
    if (plain->id() == TypeId::DateTime)
        zoned = std::make_shared<DataTypeDateTime>(zone);
    else if (plain->id() == TypeId::DateTime64)
        zoned = std::make_shared<DataTypeDateTime64>(typeAs<DataTypeDateTime64>(*plain).precision(), zone);
    else if (plain->isNumber())
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "toDate of a number takes no time zone here: use toDate(toDateTime(number, '{}'))", zone);
    time.type = time.type->isNullable() ? makeNullable(zoned) : zoned;
    return time;
}

void addConversion(FunctionRegistry & registry, const std::string & base, size_t parameters, TargetType target)
{
    std::vector<size_t> constants;
    for (size_t i = 1; i <= parameters; ++i)
        constants.push_back(i);

    auto add = [&](OnError on_error, const char * suffix)
    {
        std::string name = base + suffix;
        const bool sees_nulls = on_error == OnError::Throw && base != "toDateTime64";
        addFunction(registry, {
            .name = name, .arguments_min = 1, .arguments_max = 1 + parameters,
            .return_type = [=](const Arguments & arguments) -> DataTypePtr
            {
                if (on_error != OnError::Throw && !arguments[0].type->isStringOrFixed())
                    throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT,
                        "Illegal type {} of first argument of function {}. Conversion functions with postfix 'OrZero' or 'OrNull' "
                        "should take String argument", arguments[0].type->name(), name);
                if (sees_nulls)
                    return typeOfNullable(arguments, target);
                DataTypePtr type = target(arguments);
                return on_error == OnError::Null ? makeNullable(type) : type;
            },
            .execute = [=](const Arguments & arguments, const DataTypePtr & result_type, size_t rows) -> ColumnPtr
            {
                if (sees_nulls)
                    return convertNullable(base == "toDate" ? inZone(arguments) : arguments[0], result_type, rows);
                if (on_error == OnError::Throw)
                    return castColumn(arguments[0], result_type, false);
                PodVector<uint8_t> failed;
                ColumnPtr values = tryCastColumn(arguments[0], removeNullable(result_type), false, failed);
                if (on_error == OnError::Zero)
                    return values;
                return castColumn({ColumnNullable::create(values, std::make_shared<ColumnUInt8>(std::move(failed))),
                    result_type, ""},
                    result_type, false);
            },
            .constants = constants, .null_gives_null = !sees_nulls});
    };
    add(OnError::Throw, "");
    add(OnError::Null, "OrNull");
    add(OnError::Zero, "OrZero");

    /// The default, if given, is the last argument and of any type that converts; before it scale and zone.
    std::string name = base + "OrDefault";
    auto without_default = [=](const Arguments & arguments)
    {
        size_t count = 1;
        while (count < arguments.size() && count <= parameters && base != "toDate" && (arguments[count].type->isString() || (count == 1 && parameters == 2)))
            ++count;
        return Arguments(arguments.begin(), arguments.begin() + count);
    };
    addFunction(registry, {
        .name = name, .arguments_min = 1, .arguments_max = 2 + parameters,
        .return_type = [=](const Arguments & arguments) { return target(without_default(arguments)); },
        .execute = [=](const Arguments & arguments, const DataTypePtr & result_type, size_t rows) -> ColumnPtr
        {
            PodVector<uint8_t> failed;
            ColumnPtr values = tryCastColumn(arguments[0], result_type, true, failed);
            if (arguments.size() == without_default(arguments).size())
                return values;
            ColumnPtr defaults = castColumn(arguments.back(), result_type, false)->materialize();
            MutableColumnPtr result = result_type->createColumn();
            for (size_t i = 0; i < rows; ++i)
                result->insertFrom(failed[i] ? *defaults : *values, i);
            return result;
        }});
}

}

void registerConversions(FunctionRegistry & registry)
{
    const std::pair<const char *, TypeId> plain[] = {
        {"toUInt8", TypeId::UInt8}, {"toUInt16", TypeId::UInt16}, {"toUInt32", TypeId::UInt32},
            {"toUInt64", TypeId::UInt64},
        {"toUInt128", TypeId::UInt128}, {"toInt8", TypeId::Int8}, {"toInt16", TypeId::Int16},
            {"toInt32", TypeId::Int32},
        {"toInt64", TypeId::Int64}, {"toFloat32", TypeId::Float32}, {"toFloat64", TypeId::Float64},
            {"toUUID", TypeId::UUID}};
    for (const auto & [name, id] : plain)
        addConversion(registry, name, 0, [type = makeType(id)](const Arguments &) { return type; });
    addConversion(registry, "toDate", 1, [](const Arguments &) { return makeType(TypeId::Date); });
    addConversion(registry, "toDateTime", 1, [](const Arguments & arguments) -> DataTypePtr
        { return std::make_shared<DataTypeDateTime>(zoneName("toDateTime", arguments, 1)); });
    addConversion(registry, "toDateTime64", 2, [](const Arguments & arguments) -> DataTypePtr
    {
        uint64_t precision = 3;
        if (arguments.size() > 1)
        {
            expectInteger("toDateTime64", arguments, 1);
            Field value = constantArgument("toDateTime64", arguments, 1);
            precision = value.is<uint64_t>() ? value.get<uint64_t>() : 100;
        }
        if (precision > 9)
            throw Exception(ErrorCode::ARGUMENT_OUT_OF_BOUND,
                "Scale {} is too large for DateTime64. Maximum is up to nanoseconds (9).", precision);
        return std::make_shared<DataTypeDateTime64>(precision, zoneName("toDateTime64", arguments, 2));
    });

    addFunction(registry, {.name = "toBool", .arguments_min = 1, .arguments_max = 1,
        .return_type = returns(TypeId::Bool),
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t)
        { return castColumn(arguments[0], type, false); }});

    addFunction(registry, {
        .name = "toString", .arguments_min = 1, .arguments_max = 2,
        .return_type = [](const Arguments & arguments)
        {
            if (arguments.size() == 2 && !arguments[0].type->isDateOrTime())
                throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT,
                    "Function toString takes a time zone only with DateTime, not {}",
                    arguments[0].type->name());
            return makeType(TypeId::String);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t) -> ColumnPtr
        {
            ColumnWithType value = arguments[0];
            if (arguments.size() == 2 && value.type->id() != TypeId::Date)
            {
                std::string zone = constantString("toString", arguments, 1);
                if (value.type->id() == TypeId::DateTime)
                    value.type = std::make_shared<DataTypeDateTime>(zone);
                else
                    value.type = std::make_shared<DataTypeDateTime64>(typeAs<DataTypeDateTime64>(*value.type).precision(), zone);
            }
            return castColumn(value, type, false);
        },
        .constants = {1}});

    addFunction(registry, {
        .name = "toFixedString", .arguments_min = 2, .arguments_max = 2,
        .return_type = [](const Arguments & arguments) -> DataTypePtr
        {
            expectString("toFixedString", arguments, 0);
            expectInteger("toFixedString", arguments, 1);
            Field length = constantArgument("toFixedString", arguments, 1);
            return std::make_shared<DataTypeFixedString>(length.is<uint64_t>() ? length.get<uint64_t>() : 0);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t)
        { return castColumn(arguments[0], type, false); },
        .constants = {1}});
}

}
