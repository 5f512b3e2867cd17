// length, lengthUTF8, empty, notEmpty: of strings, arrays and maps.

#include "columns/ColumnArray.h"
#include "columns/ColumnMap.h"
#include "functions/FunctionSpec.h"
#include "functions/strings/registerStrings.h"
#include "functions/strings/utf8.h"

namespace mangrove
{

namespace
{

void checkSized(std::string_view name, const Arguments & arguments)
{
    const DataType & type = *arguments[0].type;
    if (!type.isStringOrFixed() && type.id() != TypeId::Array && type.id() != TypeId::Map)
        throwIllegalType(name, type, 0);
}

/// f(row, length)
template <typename F>
void forEachLength(const Column & column, size_t rows, F && f)
{
    const Offsets * offsets = nullptr;
    if (column.kind() == ColumnKind::Array)
        offsets = &static_cast<const ColumnArray &>(column).offsets();
    else if (column.kind() == ColumnKind::Map)
        offsets = &static_cast<const ColumnMap &>(column).offsets();
    else if (column.kind() == ColumnKind::String)
        offsets = &static_cast<const ColumnString &>(column).offsets();
    for (size_t i = 0; i < rows; ++i)
        f(i, offsets ? (*offsets)[i] - (i ? (*offsets)[i - 1] : 0)
            : static_cast<const ColumnFixedString &>(column).length());
}

FunctionSpec emptySpec(const char * name, bool negate)
{
    return {
        .name = name, .arguments_min = 1, .arguments_max = 1,
        .return_type = [name](const Arguments & arguments)
        {
            if (arguments[0].type->id() != TypeId::UUID)
                checkSized(name, arguments);
            return makeType(TypeId::UInt8);
        },
        .execute = [negate](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            ColumnPtr column = arguments[0].column->materialize();
            auto result = ColumnUInt8::create(rows);
            auto & data = result->data();
            if (arguments[0].type->id() == TypeId::UUID)
                for (size_t i = 0; i < rows; ++i)
                    data[i] = (numbersOf<UInt128>(*column)[i] == 0) != negate;
            else if (column->kind() == ColumnKind::FixedString)
                for (size_t i = 0; i < rows; ++i)
                    data[i] = (column->stringAt(i).find_first_not_of('\0') == std::string_view::npos) != negate;
            else
                forEachLength(*column, rows, [&](size_t i, uint64_t length) { data[i] = (length == 0) != negate; });
            return result;
        }};
}

}

void registerStringSize(FunctionRegistry & registry)
{
    addFunction(registry, {
        .name = "length", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments)
        {
            checkSized("length", arguments);
            return makeType(TypeId::UInt64);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            ColumnPtr column = arguments[0].column->materialize();
            auto result = ColumnUInt64::create(rows);
            forEachLength(*column, rows, [&](size_t i, uint64_t length) { result->data()[i] = length; });
            return result;
        },
        .case_insensitive = true});
    registry.addAlias("OCTET_LENGTH", "length", true);
    registry.addAlias("CARDINALITY", "length", true);
    addFunction(registry, {
        .name = "lengthUTF8", .arguments_min = 1, .arguments_max = 1,
            .return_type = stringsReturn("lengthUTF8", 1, TypeId::UInt64),
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            StringArgument text(*arguments[0].column);
            auto result = ColumnUInt64::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = utf8CodePoints(text[i]);
            return result;
        }});
    registry.addAlias("CHAR_LENGTH", "lengthUTF8", true);
    registry.addAlias("CHARACTER_LENGTH", "lengthUTF8", true);
    addFunction(registry, emptySpec("empty", false));
    addFunction(registry, emptySpec("notEmpty", true));
}

}
