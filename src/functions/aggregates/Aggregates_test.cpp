// Mechanics that every aggregate function must have: rows given one by one, in ranges, through addRows() to many
// states, and states that are serialized, read back and merged, all give the same result.

#include "columns/ColumnArray.h"
#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnNullable.h"
#include "functions/callFunction.h"
#include "functions/FunctionRegistry.h"
#include "types/DataTypes.h"
#include "types/Serialization.h"

#include <gtest/gtest.h>

namespace mangrove
{

namespace
{

struct States
{
    AggregateFunctionPtr function;
    std::vector<char *> memory;

    States(AggregateFunctionPtr f, size_t count) : function(std::move(f))
    {
        for (size_t i = 0; i < count; ++i)
        {
            /// A state behind an offset, as in the memory of a group with several functions.
            memory.push_back(static_cast<char *>(::operator new(function->stateBytes() + offset,
                std::align_val_t(64))));
            function->create(memory.back() + offset);
        }
    }
    States(const States &) = delete;
    ~States()
    {
        for (char * state : memory)
        {
            function->destroy(state + offset);
            ::operator delete(state, std::align_val_t(64));
        }
    }
    char * at(size_t i) const { return memory[i] + offset; }
    std::string result(size_t i) const
    {
        MutableColumnPtr column = function->returnType()->createColumn();
        function->insertResult(at(i), *column);
        EXPECT_EQ(column->size(), 1u);
        WriteBuffer out;
        serializationOf(function->returnType())->writeEscaped(*column, 0, out, {});
        return out.take();
    }
    static constexpr size_t offset = 64;
};

constexpr size_t rows = 1000;

ColumnPtr numbers(uint64_t multiplier, uint64_t modulus)
{
    auto column = ColumnUInt64::create();
    for (uint64_t i = 0; i < rows; ++i)
        column->data().push_back(i * multiplier % modulus);
    return column;
}

/// Column of a type made from numbers 0…96 by cast.
ColumnPtr columnOf(const std::string & type)
{
    DataTypePtr target = parseDataType(type);
    if (target->id() == TypeId::Array)
    {
        auto offsets = ColumnUInt64::create();
        for (uint64_t i = 0; i < rows; ++i)
            offsets->data().push_back((i + 1) / 2);
        ColumnPtr elements = columnOf(typeAs<DataTypeArray>(*target).element()->name())->cut(0, rows / 2);
        return ColumnArray::create(elements, offsets);
    }
    ColumnPtr values = castColumn({numbers(37, 97), makeType(TypeId::UInt64), ""},
        target->isNullable() ? removeNullable(target) : target);
    if (!target->isNullable())
        return values;
    auto nulls = ColumnUInt8::create();
    for (uint64_t i = 0; i < rows; ++i)
        nulls->data().push_back(i % 5 == 0);
    return ColumnNullable::create(values, nulls);
}

struct Case
{
    std::string name;
    std::vector<Field> parameters;
    std::vector<std::string> types;
};

std::ostream & operator<<(std::ostream & out, const Case & c)
{
    out << c.name << "(";
    for (const auto & type : c.types)
        out << type << " ";
    return out << ")";
}

}

class Aggregates : public testing::TestWithParam<Case>
{
};

TEST_P(Aggregates, AllWaysGiveTheSame)
{
    const Case & c = GetParam();
    DataTypes types;
    Columns columns;
    std::vector<const Column *> arguments;
    for (const std::string & type : c.types)
    {
        types.push_back(parseDataType(type));
        columns.push_back(columnOf(type));
        arguments.push_back(columns.back().get());
    }
    AggregateFunctionPtr function = FunctionRegistry::instance().getAggregate(c.name, c.parameters, types);
    EXPECT_TRUE(FunctionRegistry::instance().isAggregate(c.name));
    ASSERT_LE(function->stateAlignment(), 64u);

    States whole(function, 1);
    function->addRange(whole.at(0), arguments, 0, rows);
    const std::string expected = whole.result(0);

    States single(function, 1);
    for (size_t row = 0; row < rows; ++row)
        function->add(single.at(0), arguments, row);
    EXPECT_EQ(single.result(0), expected);

    /// Three states in stretches of rows, so that order is kept; the fourth stays empty.
    States parts(function, 4);
    std::vector<AggregateState> of_row(rows);
    for (size_t row = 0; row < rows; ++row)
        of_row[row] = parts.memory[row * 3 / rows];
    function->addRows(of_row, States::offset, arguments, 0, 700);
    function->addRows(of_row, States::offset, arguments, 700, rows);
    States merged(function, 1);
    for (size_t i : {3, 0, 1, 2})
    {
        WriteBuffer out;
        function->serialize(parts.at(i), out);
        States copy(function, 1);
        ReadBuffer in(out.str());
        function->deserialize(copy.at(0), in);
        EXPECT_TRUE(in.eof()) << "state has " << in.available() << " bytes too many";
        function->merge(merged.at(0), copy.at(0));
    }
    EXPECT_EQ(merged.result(0), expected);

    /// A cut state must not be taken for a whole one, nor crash.
    WriteBuffer out;
    function->serialize(merged.at(0), out);
    for (size_t bytes : {size_t{0}, out.str().size() / 2})
    {
        States broken(function, 1);
        std::string_view prefix = std::string_view(out.str()).substr(0, bytes);
        ReadBuffer in(prefix);
        try
        {
            function->deserialize(broken.at(0), in);
            EXPECT_TRUE(in.eof());
        }
        catch (const Exception &)
        {
        }
    }

    /// -State and -Merge around it.
    AggregateFunctionPtr state = FunctionRegistry::instance().getAggregate(c.name + "State", c.parameters, types);
    EXPECT_EQ(state->returnType()->name(), function->stateType()->name());
    States states(state, 1);
    state->addRange(states.at(0), arguments, 0, rows);
    MutableColumnPtr serialized = state->returnType()->createColumn();
    state->insertResult(states.at(0), *serialized);
    AggregateFunctionPtr merge = FunctionRegistry::instance().getAggregate(c.name + "Merge", c.parameters,
        {state->returnType()});
    States merging(merge, 1);
    const Column * state_argument = serialized.get();
    merge->addRange(merging.at(0), {&state_argument, 1}, 0, 1);
    EXPECT_EQ(merging.result(0), expected);
    EXPECT_EQ(merge->returnType()->name(), function->returnType()->name());
}

INSTANTIATE_TEST_SUITE_P(All, Aggregates,
    testing::Values(Case{"count", {}, {}}, Case{"count", {}, {"Nullable(String)"}}, Case{"sum", {}, {"UInt8"}},
        Case{"sum", {}, {"Int64"}},
        Case{"sum", {}, {"Float64"}}, Case{"sum", {}, {"Nullable(UInt32)"}}, Case{"avg", {}, {"UInt64"}},
            Case{"avg", {}, {"Nullable(Float32)"}},
        Case{"min", {}, {"Int16"}}, Case{"max", {}, {"String"}}, Case{"max", {}, {"Nullable(DateTime64(3))"}},
            Case{"min", {}, {"Array(String)"}},
        Case{"any", {}, {"String"}}, Case{"anyLast", {}, {"UInt64"}}, Case{"any", {}, {"Nullable(UInt8)"}},
            Case{"argMin", {}, {"String", "UInt64"}},
        Case{"argMax", {}, {"UInt8", "String"}}, Case{"argMax", {}, {"Array(UInt8)", "Array(String)"}},
            Case{"argMin", {}, {"Nullable(String)", "UInt64"}},
        Case{"uniq", {}, {"UInt64"}}, Case{"uniq", {}, {"String", "UInt8"}}, Case{"uniqExact", {}, {"UInt64"}},
            Case{"uniqExact", {}, {"String"}},
        Case{"uniqExact", {}, {"Nullable(String)", "UInt8"}}, Case{"quantile", {0.9}, {"UInt64"}},
            Case{"quantiles", {0.5, 0.99}, {"Nullable(Float64)"}},
        Case{"quantile", {0.5}, {"DateTime"}}, Case{"quantileExact", {0.25}, {"Int32"}},
            Case{"quantilesExact", {0.25, 1.0}, {"UInt64"}},
        Case{"groupArray", {}, {"String"}}, Case{"groupArray", {uint64_t{10}}, {"Nullable(UInt8)"}},
            Case{"groupUniqArray", {}, {"UInt64"}},
        Case{"groupUniqArrayArray", {}, {"Array(LowCardinality(String))"}}, Case{"groupBitOr", {}, {"UInt32"}},
            Case{"groupBitAnd", {}, {"Int8"}},
        Case{"groupBitXor", {}, {"UInt64"}}, Case{"topK", {uint64_t{3}}, {"UInt8"}},
            Case{"topK", {}, {"Nullable(String)"}}, Case{"varPop", {}, {"UInt8"}}, Case{"stddevSamp", {}, {"UInt32"}},
                Case{"sumIf", {}, {"UInt64", "UInt8"}},
        Case{"countIf", {}, {"Nullable(UInt8)"}}, Case{"avgIf", {}, {"Nullable(Float64)", "Nullable(UInt8)"}},
            Case{"quantileIf", {0.5}, {"UInt64", "UInt8"}},
        Case{"sumArray", {}, {"Array(UInt64)"}}, Case{"sumForEach", {}, {"Array(UInt64)"}},
            Case{"sumDistinct", {}, {"UInt64"}},
        Case{"countDistinct", {}, {"String"}}, Case{"sumOrNull", {}, {"UInt64"}}, Case{"maxOrDefault", {}, {"String"}},
        Case{"sumOrNullIf", {}, {"UInt64", "UInt8"}}, Case{"uniqIf", {}, {"String", "UInt8"}},
            Case{"argMaxIf", {}, {"String", "UInt64", "UInt8"}}));

TEST(AggregatesEmpty, ResultsOfNoRows)
{
    auto result = [](const std::string & name, const DataTypes & types)
    {
        AggregateFunctionPtr function = FunctionRegistry::instance().getAggregate(name, {}, types);
        return States(function, 1).result(0);
    };
    DataTypePtr number = makeType(TypeId::UInt64);
    EXPECT_EQ(result("sum", {number}), "0");
    EXPECT_EQ(result("avg", {number}), "nan");
    EXPECT_EQ(result("sum", {makeNullable(number)}), "\\N");
    EXPECT_EQ(result("count", {makeNullable(number)}), "0");
    EXPECT_EQ(result("groupArray", {makeNullable(number)}), "[]");
    EXPECT_EQ(result("min", {number}), "0");
}

TEST(AggregatesErrors, CodesOfClickHouse)
{
    auto code = [](const std::string & name, const std::vector<Field> & parameters, const DataTypes & types)
    {
        try
        {
            FunctionRegistry::instance().getAggregate(name, parameters, types);
        }
        catch (const Exception & e)
        {
            return e.code();
        }
        return ErrorCode::OK;
    };
    DataTypePtr text = makeType(TypeId::String);
    EXPECT_EQ(code("summ", {}, {text}), ErrorCode::UNKNOWN_AGGREGATE_FUNCTION);
    EXPECT_EQ(code("If", {}, {text}), ErrorCode::UNKNOWN_AGGREGATE_FUNCTION);
    EXPECT_EQ(code("sum", {}, {text}), ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT);
    EXPECT_EQ(code("sum", {}, {}), ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH);
    EXPECT_EQ(code("sumArray", {}, {text}), ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT);
    EXPECT_EQ(code("quantile", {1.5}, {makeType(TypeId::UInt8)}), ErrorCode::PARAMETER_OUT_OF_BOUND);
    EXPECT_EQ(code("sumMerge", {}, {text}), ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT);
}

}
