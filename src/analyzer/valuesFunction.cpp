#include "analyzer/valuesFunction.h"

#include "sql/AstPrinter.h"
#include "sql/Literal.h"
#include "sql/Parser.h"
#include "types/DataTypes.h"

namespace mangrove
{

namespace
{

/// 'a UInt8, b String' as Tuple(a UInt8, b String); null if the text is no list of columns.
DataTypePtr structureOf(const Expression & argument)
{
    if (!argument.type->isStringOrFixed())
        return nullptr;
    try
    {
        auto type = parseDataType("Tuple(" + argument.constantValue().get<std::string>() + ")");
        return typeAs<DataTypeTuple>(*type).names().empty() ? nullptr : type;
    }
    catch (const Exception &)
    {
        return nullptr;
    }
}

}

SelectPtr valuesAsSelect(const ExprList & arguments, const Expressions & bound)
{
    if (arguments.empty())
        throw Exception(ErrorCode::TOO_FEW_ARGUMENTS_FOR_FUNCTION, "Table function values needs rows");
    const DataTypePtr structure = arguments.size() > 1 ? structureOf(*bound[0]) : nullptr;
    auto width = [](const DataType & row) { return row.id() == TypeId::Tuple ? typeAs<DataTypeTuple>(row).elements().size() : 1; };
    const size_t first = structure ? 1 : 0, columns = width(structure ? *structure : *bound[0]->type);

    std::string rows;
    for (size_t i = first; i < arguments.size(); ++i)
    {
        if (width(*bound[i]->type) != columns)
            throw Exception(ErrorCode::BAD_ARGUMENTS, "Row {} of table function values has {} values, not {}", i + 1 - first,
                width(*bound[i]->type), columns);
        const bool tuple = bound[i]->type->id() == TypeId::Tuple;
        const std::string row = tuple ? formatAst(*arguments[i]) : "tuple(" + formatAst(*arguments[i]) + ")";
        rows += rows.empty() ? "" : ", ";
        if (!structure)
        {
            rows += row;
            continue;
        }
        rows += "tuple(";
        for (size_t column = 0; column < columns; ++column)
            rows += fmt::format("{}CAST(tupleElement({}, {}), {})", column ? ", " : "", row, column + 1,
                quoteString(typeAs<DataTypeTuple>(*structure).elements()[column]->name()));
        rows += ")";
    }
    std::string names;
    for (size_t column = 0; column < columns; ++column)
        names += fmt::format("{}tupleElement(row, {}) AS {}", column ? ", " : "", column + 1,
            quoteIdentifier(structure ? typeAs<DataTypeTuple>(*structure).names()[column] : fmt::format("c{}", column + 1)));
    return parseSelect(fmt::format("SELECT {} FROM (SELECT arrayJoin([{}]) AS row)", names, rows));
}

}
