// arrayFold((accumulator, x, …) -> expression, array, …, initial): the lambda over the elements from left to right. It runs
// on the first elements of all rows at once, then on the second ones of those rows that have one, and so on.

#include "columns/ColumnLambda.h"
#include "functions/arrays/ArrayArguments.h"
#include "functions/arrays/registerOrdered.h"

namespace mangrove
{

namespace
{

class FunctionArrayFold final : public Function
{
public:
    std::string name() const override { return "arrayFold"; }
    bool nullArgumentsGiveNull() const override { return false; }
    bool lowCardinalityIsTransparent() const override { return false; }
    bool isHigherOrder() const override { return true; }

    DataTypes lambdaArgumentTypes(const DataTypes & others, size_t arity) const override
    {
        if (others.size() < 2 || others.size() != arity)
            throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT,
                "First argument of function arrayFold must be a lambda function with {} arguments, and there must be an array and an accumulator",
                others.size());
        DataTypes types{others.back()};
        for (size_t i = 0; i + 1 < others.size(); ++i)
        {
            if (others[i]->id() != TypeId::Array)
                throwIllegalType("arrayFold", *others[i], i + 1);
            types.push_back(removeLowCardinality(typeAs<DataTypeArray>(*others[i]).element()));
        }
        return types;
    }

    DataTypePtr returnType(const Arguments & arguments) const override
    {
        if (arguments.size() < 3)
            throw Exception(ErrorCode::TOO_FEW_ARGUMENTS_FOR_FUNCTION,
                "Function arrayFold requires as arguments a lambda function, at least one array and an accumulator");
        if (!hasLambda(arguments))
            throwIllegalType("arrayFold", *arguments[0].type, 0);
        const DataTypePtr & accumulator = arguments.back().type;
        const DataTypePtr & result = typeAs<DataTypeLambda>(*arguments[0].type).result();
        if (!result->equals(*accumulator))
            throw Exception(ErrorCode::TYPE_MISMATCH,
                "Return type of lambda function must be the same as the accumulator type: it is {}, and the accumulator is {}",
                result->name(), accumulator->name());
        return accumulator;
    }

    ColumnPtr execute(const Arguments & arguments, const DataTypePtr & type, size_t rows) const override
    {
        Columns arrays;
        Columns elements;
        for (size_t i = 1; i + 1 < arguments.size(); ++i)
        {
            arrays.push_back(arguments[i].column->materialize());
            elements.push_back(static_cast<const ColumnArray &>(*arrays.back()).data().materialize());
        }
        checkEqualSizes("arrayFold", arrays);
        auto & array = static_cast<const ColumnArray &>(*arrays[0]);
        auto lengthOf = [&](size_t row) { return array.endOf(row) - array.beginOf(row); };

        /// Rows whose array has ended go into `finished`, in the order in which that happens; the others are `active`.
        ColumnPtr accumulators = fullRows(arguments.back().column, rows);
        ColumnPtr lambda = arguments[0].column; /// with what it captures, for the active rows
        MutableColumnPtr finished = type->createColumn();
        Permutation place(rows); /// of a row in `finished`
        PodVector<uint32_t> active(rows);
        for (size_t row = 0; row < rows; ++row)
            active[row] = static_cast<uint32_t>(row);
        for (uint64_t step = 0; !active.empty(); ++step)
        {
            PodVector<uint32_t> going;
            Permutation kept;
            for (size_t i = 0; i < active.size(); ++i)
            {
                if (lengthOf(active[i]) > step)
                {
                    going.push_back(active[i]);
                    kept.push_back(static_cast<uint32_t>(i));
                    continue;
                }
                place[active[i]] = static_cast<uint32_t>(finished->size());
                finished->insertFrom(*accumulators, i);
            }
            if (going.size() < active.size() && !going.empty())
            {
                accumulators = accumulators->gather(kept);
                lambda = lambda->replicate(onceEach(kept, active.size()));
            }
            active = std::move(going);
            if (!active.empty())
                accumulators = apply(*lambda, std::move(accumulators), elements, array, active, step);
        }
        return finished->gather(place);
    }

private:
    static ColumnPtr fullRows(const ColumnPtr & column, size_t rows)
    {
        return isConst(*column) ? fullOf(*column).gather(Permutation(rows, 0)) : column;
    }
    /// Of `rows` rows these, as offsets to replicate by.
    static Offsets onceEach(const Permutation & chosen, size_t rows)
    {
        Offsets copies(rows);
        size_t next = 0;
        for (size_t row = 0; row < rows; ++row)
        {
            next += next < chosen.size() && chosen[next] == row;
            copies[row] = next;
        }
        return copies;
    }
    static ColumnPtr apply(const Column & lambda, ColumnPtr accumulators, const Columns & elements, const ColumnArray & array,
        const PodVector<uint32_t> & active, uint64_t step)
    {
        Permutation positions;
        for (uint32_t row : active)
            positions.push_back(static_cast<uint32_t>(array.beginOf(row) + step));
        Columns values{std::move(accumulators)};
        for (const ColumnPtr & element : elements)
            values.push_back(element->gather(positions));
        return fullRows(columnAs<ColumnLambda>(lambda).apply(values, active.size()), active.size());
    }
};

}

void registerArrayFold(FunctionRegistry & registry)
{
    auto function = std::make_shared<FunctionArrayFold>();
    registry.add("arrayFold", [function] { return function; });
}

}
