#include "types/Block.h"

#include "columns/ColumnConst.h"
#include "types/DataTypes.h"

#include <gtest/gtest.h>

namespace mangrove
{
namespace
{

ColumnWithType column(const std::string & name, const char * type_name, std::initializer_list<Field> values)
{
    auto type = parseDataType(type_name);
    auto result = type->createColumn();
    for (const auto & value : values)
        result->insert(value);
    return {result, type, name};
}

Block example()
{
    Block block({column("a", "UInt8", {1, 2, 3}), column("s", "LowCardinality(String)", {"x", "y", "x"})});
    block.add({parseDataType("String")->createConst(3, Field("c")), parseDataType("String"), "k"});
    return block;
}

TEST(Block, FindsColumns)
{
    auto block = example();
    EXPECT_EQ(block.rows(), 3u);
    EXPECT_EQ(block.find("s"), 1u);
    EXPECT_EQ(block.find("S"), std::nullopt);
    EXPECT_EQ(block.byName("k").column->get(2), Field("c"));
    try
    {
        block.byName("z");
        FAIL();
    }
    catch (const Exception & e)
    {
        EXPECT_EQ(e.code(), ErrorCode::NOT_FOUND_COLUMN_IN_BLOCK);
        EXPECT_NE(e.message().find("a, s, k"), std::string::npos) << e.message();
    }
}

TEST(Block, FilterGatherCut)
{
    auto block = example();
    auto filtered = block.filter({1, 0, 1}, 2);
    EXPECT_EQ(filtered.rows(), 2u);
    EXPECT_EQ(filtered.byName("a").column->get(1), Field(3u));
    EXPECT_EQ(filtered.byName("k").column->size(), 2u);
    auto gathered = block.gather(Permutation{2, 0, 0, 1});
    EXPECT_EQ(gathered.rows(), 4u);
    EXPECT_EQ(gathered.byName("s").column->get(3), Field("y"));
    auto cut = block.cut(1, 1);
    EXPECT_EQ(cut.rows(), 1u);
    EXPECT_EQ(cut.byName("a").column->get(0), Field(2u));
}

TEST(Block, MaterializeKeepsTypesAndRemovesConst)
{
    auto block = example().materialize();
    EXPECT_EQ(block.byName("k").column->kind(), ColumnKind::String);
    EXPECT_EQ(block.byName("s").column->kind(), ColumnKind::LowCardinality);
    EXPECT_EQ(block.byName("k").column->size(), 3u);
    auto low_cardinality = parseDataType("LowCardinality(String)");
    Block constant({{low_cardinality->createConst(2, Field("v")), low_cardinality, "v"}});
    EXPECT_EQ(constant.materialize().at(0).column->kind(), ColumnKind::LowCardinality);
    EXPECT_EQ(constant.materialize().at(0).column->get(1), Field("v"));
}

TEST(Block, ConcatAndHeader)
{
    auto all = Block::concat({example(), example().cut(0, 1), example().cut(2, 0)});
    EXPECT_EQ(all.rows(), 4u);
    EXPECT_EQ(all.byName("a").column->get(3), Field(1u));
    EXPECT_EQ(all.byName("s").column->get(1), Field("y"));
    EXPECT_EQ(all.byName("k").column->get(3), Field("c"));
    EXPECT_EQ(all.header(), example().header());
    EXPECT_EQ(all.cloneEmpty().rows(), 0u);
    EXPECT_EQ(all.cloneEmpty().at(1).column->kind(), ColumnKind::LowCardinality);
    EXPECT_EQ(Block::concat({}).rows(), 0u);

    Block no_columns;
    no_columns.setRowsWithoutColumns(5);
    EXPECT_EQ(Block::concat({no_columns, no_columns}).rows(), 10u);
    EXPECT_EQ(no_columns.filter({1, 0, 0, 0, 1}, 2).rows(), 2u);
}

TEST(Block, RefusesColumnsOfOtherLengths)
{
#if !__has_feature(address_sanitizer)
    auto block = example();
    EXPECT_THROW(block.add(column("b", "UInt8", {1})), Exception);
    EXPECT_THROW(Block({column("a", "UInt8", {1}), column("b", "UInt8", {})}), Exception);
#endif
}

TEST(DataTypes, WrapAndUnwrap)
{
    auto name = [](const DataTypePtr & type) { return type->name(); };
    EXPECT_EQ(name(makeNullable(parseDataType("UInt8"))), "Nullable(UInt8)");
    EXPECT_EQ(name(makeNullable(parseDataType("Nullable(UInt8)"))), "Nullable(UInt8)");
    EXPECT_EQ(name(makeNullable(parseDataType("LowCardinality(String)"))), "LowCardinality(Nullable(String))");
    EXPECT_EQ(name(makeNullable(parseDataType("Array(UInt8)"))), "Array(UInt8)");
    EXPECT_EQ(name(removeLowCardinalityAndNullable(parseDataType("LowCardinality(Nullable(String))"))), "String");
    EXPECT_EQ(name(removeNullable(parseDataType("Nullable(Date)"))), "Date");
    EXPECT_EQ(makeType(TypeId::String), parseDataType("String"));
    EXPECT_EQ(parseDataType("Nullable(UInt8)")->defaultValue(), Field(Null{}));
    EXPECT_EQ(parseDataType("Tuple(UInt8, String)")->defaultValue(), Field(Tuple{Field(0u), Field("")}));
    EXPECT_EQ(typeAs<DataTypeDateTime64>(*parseDataType("DateTime64(6)")).ticksPerSecond(), 1000000);
}

TEST(DataTypes, EnumValuesAndTupleNames)
{
    auto type = parseDataType("Enum8('b' = 2, 'a' = -1)");
    const auto & values = typeAs<DataTypeEnum>(*type);
    EXPECT_EQ(values.valueOf("b"), 2);
    EXPECT_EQ(values.valueOf("c"), std::nullopt);
    EXPECT_EQ(values.nameOf(-1), "a");
    EXPECT_EQ(values.nameOf(0), std::nullopt);
    EXPECT_EQ(values.defaultValue(), Field(-1));

    auto named = parseDataType("Tuple(x UInt8, y String)");
    EXPECT_EQ(typeAs<DataTypeTuple>(*named).positionOf("y"), 1u);
    EXPECT_EQ(typeAs<DataTypeTuple>(*named).positionOf("1"), 0u);
    EXPECT_EQ(typeAs<DataTypeTuple>(*named).positionOf("3"), std::nullopt);
    EXPECT_EQ(typeAs<DataTypeTuple>(*named).positionOf("0"), std::nullopt);
    EXPECT_EQ(typeAs<DataTypeTuple>(*named).positionOf("1x"), std::nullopt);
}

}
}
