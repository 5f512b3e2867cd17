// if, multiIf: every branch is computed for all rows (the evaluator may be lazier), then rows are selected.

#include "columns/ColumnNullable.h"
#include "functions/cast/Cast.h"
#include "functions/registerFunctions.h"
#include "functions/scalar/selectRows.h"

namespace mangrove
{

ColumnPtr selectRows(const Columns & columns, const PodVector<uint16_t> & choice, const DataType & type)
{
    const size_t rows = choice.size();
    MutableColumnPtr result = type.createColumn();
    if (isNumberKind(result->kind()))
    {
        return visitNumberKind(result->kind(), [&]<typename T>(std::type_identity<T>) -> ColumnPtr
        {
            std::vector<std::pair<const T *, size_t>> sources; /// data, step
            for (const ColumnPtr & column : columns)
                sources.emplace_back(numbersOf<T>(fullOf(*column)).data(), isConst(*column) ? 0 : 1);
            auto numbers = ColumnVector<T>::create(rows);
            for (size_t i = 0; i < rows; ++i)
                numbers->data()[i] = sources[choice[i]].first[i * sources[choice[i]].second];
            return numbers;
        });
    }
    result->reserve(rows);
    for (size_t i = 0; i < rows; ++i)
    {
        const Column & column = *columns[choice[i]];
        result->insertFrom(fullOf(column), isConst(column) ? 0 : i);
    }
    return result;
}

void readCondition(const Column & column, size_t rows, uint8_t * out)
{
    const Column & full = fullOf(column);
    const bool constant = isConst(column);
    const Column & values = full.kind() == ColumnKind::Nullable ? static_cast<const ColumnNullable &>(full).nested()
        : full;
    if (!isNumberKind(values.kind()))
    {
        std::fill_n(out, rows, 0); /// a literal NULL
        return;
    }
    visitNumbers(values, [&]<typename T>(const ColumnVector<T> & numbers)
    {
        for (size_t i = 0; i < rows; ++i)
            out[i] = numbers.data()[constant ? 0 : i] != T{};
    });
    if (full.kind() == ColumnKind::Nullable)
        for (size_t i = 0; i < rows; ++i)
            out[i] &= !full.isNullAt(constant ? 0 : i);
}

namespace
{

/// Arguments: condition, value, condition, value, …, else.
FunctionSpec conditionalSpec(std::string name, size_t arguments_min, size_t arguments_max)
{
    auto isValue = [](size_t i, size_t count) { return i % 2 == 1 || i + 1 == count; };
    return {
        .name = name, .arguments_min = arguments_min, .arguments_max = arguments_max,
        .return_type = [=](const Arguments & arguments)
        {
            if (arguments.size() % 2 == 0)
                throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH,
                    "Invalid number of arguments for function {}", name);
            DataTypes values;
            for (size_t i = 0; i < arguments.size(); ++i)
            {
                DataTypePtr type = removeNullable(arguments[i].type);
                if (isValue(i, arguments.size()))
                    values.push_back(arguments[i].type);
                else if (!type->isNumber() && type->id() != TypeId::Nothing)
                    throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT,
                        "Illegal type {} of argument {} (condition) of function {}. Must be UInt8",
                        arguments[i].type->name(), i + 1, name);
            }
            return leastSupertype(values);
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr & result_type, size_t rows) -> ColumnPtr
        {
            PodVector<uint16_t> choice(rows);
            const uint16_t otherwise = arguments.size() / 2;
            std::fill(choice.begin(), choice.end(), otherwise);
            PodVector<uint8_t> condition(rows);
            Columns values;
            for (size_t i = 0; i < arguments.size(); ++i)
            {
                if (isValue(i, arguments.size()))
                {
                    values.push_back(castColumn(arguments[i], result_type, false));
                    continue;
                }
                readCondition(*arguments[i].column, rows, condition.data());
                for (size_t row = 0; row < rows; ++row)
                    if (condition[row] && choice[row] == otherwise)
                        choice[row] = i / 2;
            }
            return selectRows(values, choice, *result_type);
        },
        .null_gives_null = false, .low_cardinality_result = false, .case_insensitive = name == "if"};
}

}

void registerConditional(FunctionRegistry & registry)
{
    addFunction(registry, conditionalSpec("if", 3, 3));
    addFunction(registry, conditionalSpec("multiIf", 3, 2001));
    registry.addAlias("caseWithoutExpression", "multiIf");
    registry.addAlias("caseWithoutExpr", "multiIf");
}

}
