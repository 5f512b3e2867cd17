#include "columns/ColumnLowCardinality.h"

#include "columns/ColumnFixedString.h"
#include "columns/ColumnNullable.h"
#include "columns/ColumnString.h"
#include "columns/ColumnVector.h"
#include "columns/Field.h"

#include <gtest/gtest.h>

namespace mangrove
{
namespace
{

std::shared_ptr<ColumnLowCardinality> ofStrings(std::initializer_list<std::string_view> values)
{
    auto result = std::make_shared<ColumnLowCardinality>(*ColumnString::create());
    for (auto value : values)
        result->appendCode(result->codeOf(value));
    return result;
}

TEST(ColumnLowCardinality, DictionaryIsDistinctAndBeginsWithTheDefault)
{
    auto column = ofStrings({"b", "a", "", "b", "a"});
    EXPECT_EQ(column->dictionary().size(), 3u);
    EXPECT_EQ(column->dictionary().get(0), Field(""));
    EXPECT_EQ(column->codes(), (PodVector<uint32_t>{1, 2, 0, 1, 2}));

    auto of_nullable = ColumnLowCardinality(*std::make_shared<ColumnNullable>(MutableColumnPtr(ColumnString::create()), ColumnUInt8::create()));
    of_nullable.insert(Null{});
    of_nullable.insert(Field(""));
    of_nullable.insert(Field("x"));
    EXPECT_EQ(of_nullable.codes(), (PodVector<uint32_t>{0, 1, 2}));
    EXPECT_TRUE(of_nullable.isNullAt(0));
    EXPECT_FALSE(of_nullable.isNullAt(1));
    EXPECT_EQ(of_nullable.stringAt(2), "x");
}

TEST(ColumnLowCardinality, FilterGatherAndCutShareTheDictionary)
{
    auto column = ofStrings({"a", "b", "c"});
    auto dictionary = column->dictionaryPtr();
    for (const auto & part : {column->filter({1, 0, 1}, 2), column->gather(Permutation{2, 2}), column->cut(1, 2)})
        EXPECT_EQ(columnAs<ColumnLowCardinality>(*part).dictionaryPtr(), dictionary);
}

TEST(ColumnLowCardinality, InsertingDoesNotChangeASharedDictionary)
{
    auto column = ofStrings({"a", "b"});
    ColumnPtr shared = column->filter({1, 1}, 2);
    column->insert(Field("c"));
    EXPECT_EQ(columnAs<ColumnLowCardinality>(*shared).dictionary().size(), 3u);
    EXPECT_EQ(column->dictionary().size(), 4u);
    EXPECT_EQ(column->get(2), Field("c"));
    EXPECT_EQ(column->codeOf("a"), 1u);

    // A copy and its origin go separate ways.
    auto copy = std::make_shared<ColumnLowCardinality>(*column);
    EXPECT_EQ(copy->codeOf("d"), 4u);
    EXPECT_EQ(column->codeOf("e"), 4u);
    EXPECT_EQ(copy->codeOf("e"), 5u);
}

TEST(ColumnLowCardinality, AppendsFromAnotherDictionaryByAnyPath)
{
    std::vector<std::string> names;
    auto source = std::make_shared<ColumnLowCardinality>(*ColumnString::create());
    for (int i = 0; i < 1000; ++i)
    {
        names.push_back("value " + std::to_string(i));
        source->appendCode(source->codeOf(names.back()));
    }
    // 1000 rows remap through a table, 10 rows one by one; into an empty column they adopt the dictionary.
    for (size_t count : {1000, 10})
        for (bool empty : {true, false})
        {
            auto target = empty ? ofStrings({}) : ofStrings({"value 5", "other"});
            size_t before = target->size();
            target->insertRangeFrom(*source, 0, count);
            ASSERT_EQ(target->size(), before + count);
            for (size_t i = 0; i < count; ++i)
                ASSERT_EQ(target->stringAt(before + i), names[i]);
            EXPECT_EQ(target->dictionaryPtr() == source->dictionaryPtr(), empty && count == 1000);
            if (!empty)
                EXPECT_EQ(target->dictionary().size(), 2 + count) << "'value 5' is there already, '' too";
            target->insert(Field("new"));
            EXPECT_EQ(source->dictionary().size(), 1001u);
            EXPECT_EQ(target->get(before + count), Field("new"));
        }
}

TEST(ColumnLowCardinality, CompactDropsUnusedValues)
{
    auto column = ofStrings({"a", "b", "c", "d", "b"});
    auto part = column->filter({0, 1, 0, 1, 1}, 3);
    auto compact = columnAs<ColumnLowCardinality>(*part).compact();
    EXPECT_EQ(compact->dictionary().size(), 3u);
    EXPECT_EQ(compact->get(0), Field("b"));
    EXPECT_EQ(compact->get(1), Field("d"));
    EXPECT_EQ(compact->get(2), Field("b"));
    EXPECT_EQ(compact->codeOf("d"), 2u);
    EXPECT_EQ(compact->codeOf(""), 0u);
}

TEST(ColumnLowCardinality, EncodesAndMaterializes)
{
    auto numbers = ColumnFloat64::create();
    numbers->data() = {1.5, 0.0, -0.0, 1.5, 2.5};
    auto encoded = ColumnLowCardinality::encode(*numbers);
    EXPECT_EQ(encoded->codes(), (PodVector<uint32_t>{1, 0, 2, 1, 3})) << "-0.0 is not 0.0";
    auto decoded = encoded->materialize();
    EXPECT_EQ(decoded->kind(), ColumnKind::Float64);
    EXPECT_EQ(columnAs<ColumnFloat64>(*decoded).data(), numbers->data());
}

TEST(ColumnLowCardinality, PadsFixedStrings)
{
    ColumnLowCardinality column(*ColumnFixedString::create(4));
    EXPECT_EQ(column.codeOf(""), 0u);
    uint32_t code = column.codeOf("ab");
    EXPECT_EQ(column.codeOf(std::string_view("ab\0\0", 4)), code);
    EXPECT_THROW(column.codeOf("abcde"), Exception);
    EXPECT_EQ(column.dictionary().size(), 2u);
}

TEST(ColumnLowCardinality, FindsRecurringValuesWhateverTheyShare)
{
    // More names than are remembered, alike in length, first and last bytes, so that they take each other's place.
    std::vector<std::string> names{"", "a", "ab"};
    for (size_t i = 0; i < 2000; ++i)
        names.push_back("http.request." + std::to_string(1000 + i) + ".header");
    ColumnLowCardinality column(*ColumnString::create());
    for (size_t round = 0; round < 3; ++round)
        for (const auto & name : names)
            column.appendRecurring(name);
    ASSERT_EQ(column.size(), 3 * names.size());
    EXPECT_EQ(column.dictionary().size(), names.size());
    for (size_t i = 0; i < column.size(); ++i)
        ASSERT_EQ(column.stringAt(i), names[i % names.size()]);

    // Another dictionary, whose codes are others.
    auto other = ofStrings({"z", "a"});
    ColumnLowCardinality adopted(*ColumnString::create());
    adopted.appendRecurring("a");
    adopted.popBack(1);
    adopted.insertRangeFrom(*other, 0, 2);
    adopted.appendRecurring("a");
    EXPECT_EQ(adopted.stringAt(2), "a");

    ColumnLowCardinality with_nulls(*std::make_shared<ColumnNullable>(MutableColumnPtr(ColumnString::create()), ColumnUInt8::create()));
    with_nulls.appendRecurring("");
    EXPECT_FALSE(with_nulls.isNullAt(0));
}

TEST(ColumnLowCardinality, RefusesCodesOutsideTheDictionary)
{
    auto dictionary = ColumnString::create();
    dictionary->append("");
    EXPECT_NO_THROW(ColumnLowCardinality(dictionary, PodVector<uint32_t>{0, 0}));
#if !__has_feature(address_sanitizer)
    EXPECT_THROW(ColumnLowCardinality(dictionary, PodVector<uint32_t>{0, 1}), Exception);
#endif
}

TEST(Field, PrintsAsLiterals)
{
    EXPECT_EQ(toString(Field(Null{})), "NULL");
    EXPECT_EQ(toString(Field(Array{Field(1), Field(-1), Field(1.5)})), "[1, -1, 1.5]");
    EXPECT_EQ(toString(Field(Tuple{Field(1), Field("it's \\")})), "(1, 'it\\'s \\\\')");
    EXPECT_EQ(toString(Field(static_cast<UInt128>(1) << 64)), "18446744073709551616");
}

}
}
