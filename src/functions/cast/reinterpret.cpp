// reinterpret(x, 'type'), reinterpretAsUInt64(x) and the like: the bytes of a number, date, UUID or string as a value of
// another of these types. What is too short is filled with zero bytes, what is too long is cut.

#include "functions/cast/reinterpret.h"

#include "functions/FunctionSpec.h"

namespace mangrove
{

namespace
{

bool isPlainNumber(const DataType & type)
{
    return type.isNumber() || type.isDateOrTime() || type.id() == TypeId::UUID;
}

size_t bytesOf(const DataType & type)
{
    return visitNumberKind(type.createColumn()->kind(), []<typename T>(std::type_identity<T>) { return sizeof(T); });
}

void checkTypes(const char * name, const DataType & from, const DataType & to)
{
    if (!isPlainNumber(from) && !from.isStringOrFixed())
        throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT,
            "Function {} cannot reinterpret {} as {}: only numbers, dates, UUIDs and strings can be", name, from.name(), to.name());
    if (to.id() == TypeId::FixedString && from.isString())
        throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT,
            "Cannot reinterpret {} as FixedString because it is not fixed size and contiguous in memory", from.name());
    if (!isPlainNumber(to) && !to.isStringOrFixed())
        throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT,
            "Function {} cannot reinterpret {} as {}: only as numbers, dates, UUIDs and strings", name, from.name(), to.name());
}

/// f(row, bytes) for each row.
template <typename F>
void forEachBytes(const Column & column, size_t rows, F && f)
{
    if (column.kind() == ColumnKind::String || column.kind() == ColumnKind::FixedString)
    {
        for (size_t row = 0; row < rows; ++row)
            f(row, column.stringAt(row));
        return;
    }
    visitNumbers(column, [&]<typename T>(const ColumnVector<T> & numbers)
    {
        for (size_t row = 0; row < rows; ++row)
            f(row, std::string_view(reinterpret_cast<const char *>(&numbers.data()[row]), sizeof(T)));
    });
}

ColumnPtr reinterpret(const ColumnWithType & argument, const DataType & to, size_t rows)
{
    ColumnPtr column = argument.column->materialize();
    if (argument.type->equals(to))
        return column;
    if (to.isString())
    {
        auto result = ColumnString::create();
        forEachBytes(*column, rows, [&](size_t, std::string_view bytes)
        {
            size_t last = bytes.find_last_not_of('\0'); /// trailing zero bytes are not shown
            result->append(bytes.substr(0, last == std::string_view::npos ? 0 : last + 1));
        });
        return result;
    }
    if (to.id() == TypeId::FixedString)
    {
        const size_t length = typeAs<DataTypeFixedString>(to).length();
        auto result = ColumnFixedString::create(length);
        forEachBytes(*column, rows, [&](size_t, std::string_view bytes) { result->append(bytes.substr(0, length)); });
        return result;
    }
    MutableColumnPtr result = to.createColumn();
    result->insertManyDefaults(rows);
    visitNumbers(*result, [&]<typename T>(const ColumnVector<T> & numbers)
    {
        auto & data = const_cast<ColumnVector<T> &>(numbers).data();
        forEachBytes(*column, rows, [&](size_t row, std::string_view bytes)
        {
            if (!bytes.empty())
                std::memcpy(&data[row], bytes.data(), std::min(sizeof(T), bytes.size()));
        });
    });
    return result;
}

void addReinterpretAs(FunctionRegistry & registry, const std::string & type_name, DataTypePtr to)
{
    const std::string name = "reinterpretAs" + type_name;
    addFunction(registry, {
        .name = name, .arguments_min = 1, .arguments_max = 1,
        .return_type = [name, to](const Arguments & arguments)
        {
            checkTypes(name.c_str(), *arguments[0].type, *to);
            return to;
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows) { return reinterpret(arguments[0], *type, rows); }});
}

}

void registerReinterpret(FunctionRegistry & registry)
{
    for (TypeId id : {TypeId::UInt8, TypeId::UInt16, TypeId::UInt32, TypeId::UInt64, TypeId::UInt128, TypeId::Int8, TypeId::Int16,
        TypeId::Int32, TypeId::Int64, TypeId::Float32, TypeId::Float64, TypeId::Date, TypeId::UUID, TypeId::String})
        addReinterpretAs(registry, makeType(id)->name(), makeType(id));
    addReinterpretAs(registry, "DateTime", std::make_shared<DataTypeDateTime>());
    addFunction(registry, {
        .name = "reinterpretAsFixedString", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments) -> DataTypePtr
        {
            const DataTypePtr & from = arguments[0].type;
            if (from->id() == TypeId::FixedString)
                return from;
            if (!isPlainNumber(*from))
                throwIllegalType("reinterpretAsFixedString", *from, 0);
            return std::make_shared<DataTypeFixedString>(bytesOf(*from));
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows) { return reinterpret(arguments[0], *type, rows); }});
    addFunction(registry, {
        .name = "reinterpret", .arguments_min = 2, .arguments_max = 2,
        .return_type = [](const Arguments & arguments)
        {
            DataTypePtr to = parseDataType(constantString("reinterpret", arguments, 1));
            checkTypes("reinterpret", *arguments[0].type, *to);
            return to;
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows) { return reinterpret(arguments[0], *type, rows); },
        .constants = {1}});
}

}
