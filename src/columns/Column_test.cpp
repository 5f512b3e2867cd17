// Properties that hold for every kind of column, over random values: the fast paths must agree with get().

#include "columns/ColumnArray.h"
#include "columns/ColumnConst.h"
#include "columns/ColumnFixedString.h"
#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnMap.h"
#include "columns/ColumnNullable.h"
#include "columns/ColumnString.h"
#include "columns/ColumnTuple.h"
#include "columns/ColumnVector.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>

namespace mangrove
{
namespace
{

using Random = std::mt19937_64;
using MakeField = std::function<Field(Random &)>;

struct Kind
{
    MutableColumnPtr prototype;
    MakeField make;
};

Field smallUnsigned(Random & random)
{
    return Field(random() % 200);
}
Field smallSigned(Random & random)
{
    return Field(static_cast<int64_t>(random() % 200) - 100);
}
Field anyFloat(Random & random)
{
    static const double values[] = {0.0, 1.5, -1.5, 1e300, INFINITY, -INFINITY, 0.25};
    return Field(values[random() % 7]);
}
Field anyString(Random & random)
{
    std::string value(random() % 4 ? random() % 12 : random() % 300, 'a');
    for (char & c : value)
        c = static_cast<char>(random() % 4 ? 'a' + random() % 3 : random());
    return Field(value);
}
MakeField fixedString(size_t length)
{
    return [length](Random & random)
    {
        std::string value = anyString(random).get<std::string>();
        value.resize(length);
        return Field(value);
    };
}
MakeField orNull(MakeField make)
{
    return [make](Random & random) { return random() % 3 ? make(random) : Field(Null{}); };
}
MakeField arrayOf(MakeField make)
{
    return [make](Random & random)
    {
        Array result(random() % 5);
        for (auto & element : result)
            element = make(random);
        return Field(std::move(result));
    };
}
MakeField tupleOf(std::vector<MakeField> makes)
{
    return [makes](Random & random)
    {
        Tuple result;
        for (const auto & make : makes)
            result.push_back(make(random));
        return Field(std::move(result));
    };
}
MutableColumnPtr nullable(MutableColumnPtr nested)
{
    return std::make_shared<ColumnNullable>(std::move(nested), ColumnUInt8::create());
}
MutableColumnPtr lowCardinality(const MutableColumnPtr & value)
{
    return std::make_shared<ColumnLowCardinality>(*value);
}
MutableColumnPtr array(MutableColumnPtr data)
{
    return std::make_shared<ColumnArray>(std::move(data));
}

std::vector<Kind> allKinds()
{
    auto string = [] { return MutableColumnPtr(ColumnString::create()); };
    auto map = std::make_shared<ColumnMap>(array(ColumnTuple::create(Columns{lowCardinality(string()), string()})));
    return {
        {ColumnUInt8::create(), smallUnsigned},
        {ColumnUInt16::create(), smallUnsigned},
        {ColumnUInt32::create(), smallUnsigned},
        {ColumnUInt64::create(), [](Random & random) { return Field(random()); }},
        {ColumnUInt128::create(), [](Random & random) { return Field(static_cast<UInt128>(random()) << 64 | random()); }},
        {ColumnInt8::create(), smallSigned},
        {ColumnInt16::create(), smallSigned},
        {ColumnInt32::create(), smallSigned},
        {ColumnInt64::create(), smallSigned},
        {ColumnFloat32::create(), [](Random & random) { return Field(static_cast<double>(random() % 100) / 4); }},
        {ColumnFloat64::create(), anyFloat},
        {string(), anyString},
        {ColumnFixedString::create(3), fixedString(3)},
        {ColumnFixedString::create(16), fixedString(16)},
        {nullable(string()), orNull(anyString)},
        {nullable(ColumnInt32::create()), orNull(smallSigned)},
        {array(ColumnUInt32::create()), arrayOf(smallUnsigned)},
        {array(array(string())), arrayOf(arrayOf(anyString))},
        {array(lowCardinality(string())), arrayOf(anyString)},
        {ColumnTuple::create({string(), nullable(ColumnInt8::create())}), tupleOf({anyString, orNull(smallSigned)})},
        {ColumnTuple::create({}), tupleOf({})},
        {map, arrayOf(tupleOf({anyString, anyString}))},
        {lowCardinality(string()), anyString},
        {lowCardinality(nullable(string())), orNull(anyString)},
        {lowCardinality(ColumnUInt64::create()), smallUnsigned},
        {lowCardinality(ColumnFloat64::create()), anyFloat},
        {lowCardinality(nullable(ColumnFixedString::create(8))), orNull(fixedString(8))},
    };
}

MutableColumnPtr randomColumn(const Kind & kind, size_t rows, Random & random)
{
    auto column = kind.prototype->cloneEmpty();
    for (size_t i = 0; i < rows; ++i)
        column->insert(kind.make(random));
    return column;
}

std::vector<Field> fieldsOf(const Column & column)
{
    std::vector<Field> result;
    for (size_t i = 0; i < column.size(); ++i)
        result.push_back(column.get(i));
    return result;
}

const size_t row_counts[] = {0, 1, 63, 64, 65, 300};

/// Runs test(kind, column, random) for columns of every kind and several lengths.
template <typename Test>
void forAll(Test && test)
{
    Random random(1);
    for (const auto & kind : allKinds())
        for (size_t rows : row_counts)
        {
            SCOPED_TRACE(kind.prototype->name() + ", rows: " + std::to_string(rows));
            auto column = randomColumn(kind, rows, random);
            ASSERT_EQ(column->size(), rows);
            test(kind, *column, random);
        }
}

TEST(Column, KeepsWhatIsInserted)
{
    Random random(2);
    for (const auto & kind : allKinds())
    {
        auto column = kind.prototype->cloneEmpty();
        std::vector<Field> expected;
        for (size_t i = 0; i < 200; ++i)
        {
            expected.push_back(kind.make(random));
            column->insert(expected.back());
        }
        EXPECT_EQ(fieldsOf(*column), expected) << kind.prototype->name();
        column->popBack(50);
        expected.resize(150);
        EXPECT_EQ(fieldsOf(*column), expected) << kind.prototype->name();
        EXPECT_TRUE(kind.prototype->empty());
    }
}

TEST(Column, FilterKeepsTheSelectedRows)
{
    forAll(
        [](const Kind &, const Column & column, Random & random)
        {
            for (int density : {0, 1, 5, 100})
            {
                Filter filter(column.size());
                std::vector<Field> expected;
                for (size_t i = 0; i < column.size(); ++i)
                {
                    filter[i] = static_cast<int>(random() % 10) < density ? 1 + random() % 2 : 0;
                    if (filter[i])
                        expected.push_back(column.get(i));
                }
                EXPECT_EQ(fieldsOf(*column.filter(filter, 7)), expected);
                EXPECT_EQ(countSelected(filter), expected.size());
            }
        });
}

TEST(Column, GatherCutReplicateAndInsert)
{
    forAll(
        [](const Kind & kind, const Column & column, Random & random)
        {
            auto fields = fieldsOf(column);
            size_t rows = column.size();

            Permutation picked(rows ? random() % 200 : 0);
            std::vector<Field> expected;
            for (auto & row : picked)
                expected.push_back(fields[row = random() % rows]);
            EXPECT_EQ(fieldsOf(*column.gather(picked)), expected);

            size_t start = rows ? random() % rows : 0;
            size_t count = random() % (rows - start + 1);
            std::vector<Field> middle(fields.begin() + start, fields.begin() + start + count);
            EXPECT_EQ(fieldsOf(*column.cut(start, count)), middle);
            EXPECT_EQ(fieldsOf(*column.cut(0, rows)), fields);

            Offsets offsets(rows);
            std::vector<Field> repeated;
            for (size_t i = 0; i < rows; ++i)
            {
                repeated.insert(repeated.end(), random() % 3, fields[i]);
                offsets[i] = repeated.size();
            }
            EXPECT_EQ(fieldsOf(*column.replicate(offsets)), repeated);

            auto appended = randomColumn(kind, 20, random);
            auto all = fieldsOf(*appended);
            appended->insertRangeFrom(column, start, count);
            all.insert(all.end(), middle.begin(), middle.end());
            if (rows)
            {
                appended->insertFrom(column, start);
                all.push_back(fields[start]);
            }
            appended->insertManyDefaults(2);
            auto one_default = kind.prototype->cloneEmpty();
            one_default->insertDefault();
            all.insert(all.end(), 2, one_default->get(0));
            EXPECT_EQ(fieldsOf(*appended), all);
        });
}

TEST(Column, SerializedKeysReadBackAndAreEqualForEqualValues)
{
    forAll(
        [](const Kind &, const Column & column, Random &)
        {
            std::string all;
            auto full = column.materialize();
            for (size_t i = 0; i < column.size(); ++i)
            {
                std::string key;
                std::string full_key;
                column.serializeKey(i, key);
                full->serializeKey(i, full_key);
                EXPECT_EQ(key, full_key);
                all += key;
            }
            auto restored = column.cloneEmpty();
            const char * position = all.data();
            for (size_t i = 0; i < column.size(); ++i)
                position = restored->deserializeKey(position);
            EXPECT_EQ(position, all.data() + all.size());
            EXPECT_EQ(fieldsOf(*restored), fieldsOf(column));
        });
}

TEST(Column, HashesAgreeWithEqualityAndWithTheFullColumn)
{
    forAll(
        [](const Kind & kind, const Column & column, Random &)
        {
            size_t rows = column.size();
            std::vector<uint64_t> hashes(rows, 5);
            std::vector<uint64_t> full_hashes(rows, 5);
            std::vector<uint64_t> values(rows);
            column.updateHashes(hashes);
            column.materialize()->updateHashes(full_hashes);
            column.hashValues(values);
            EXPECT_EQ(hashes, full_hashes);
            auto fields = fieldsOf(column);
            for (size_t i = 0; i < rows; ++i)
            {
                EXPECT_EQ(hashes[i], combineHash(5, values[i]));
                for (size_t j = 0; j < i; ++j)
                    EXPECT_EQ(fields[i] == fields[j], hashes[i] == hashes[j]) << toString(fields[i]) << toString(fields[j]);
            }
            // Few rows of a large dictionary are hashed one by one.
            if (rows >= 4)
            {
                std::vector<uint64_t> one(1, 5);
                column.cut(3, 1)->updateHashes(one);
                EXPECT_EQ(one[0], hashes[3]) << kind.prototype->name();
            }
        });
}

TEST(Column, CompareAtIsATotalOrder)
{
    forAll(
        [](const Kind &, const Column & column, Random &)
        {
            size_t rows = std::min<size_t>(column.size(), 40);
            auto full = column.materialize();
            auto less = [&](uint32_t a, uint32_t b) { return column.compareAt(a, b, column, 1) < 0; };
            Permutation order(rows);
            for (size_t i = 0; i < rows; ++i)
                order[i] = static_cast<uint32_t>(i);
            std::sort(order.begin(), order.end(), less);
            for (size_t i = 0; i < rows; ++i)
                for (size_t j = 0; j < rows; ++j)
                {
                    int forward = column.compareAt(order[i], order[j], column, 1);
                    EXPECT_EQ(forward, -column.compareAt(order[j], order[i], column, 1));
                    EXPECT_TRUE(i <= j ? forward <= 0 : forward >= 0);
                    EXPECT_EQ(forward == 0, column.get(order[i]) == column.get(order[j]));
                    EXPECT_EQ(full->compareAt(order[i], order[j], column, 1), forward) << "full with dictionary";
                    EXPECT_EQ(column.compareAt(order[i], order[j], *full, 1), forward) << "dictionary with full";
                }
        });
}

TEST(Column, ConstBehavesAsItsFullColumn)
{
    Random random(3);
    for (const auto & kind : allKinds())
    {
        SCOPED_TRACE(kind.prototype->name());
        auto constant = ColumnConst::create(randomColumn(kind, 1, random), 10);
        auto full = constant->full();
        EXPECT_EQ(full->kind(), kind.prototype->kind());
        EXPECT_EQ(fieldsOf(*constant), fieldsOf(*full));
        EXPECT_EQ(fieldsOf(*constant->materialize()), fieldsOf(*full));
        std::vector<uint64_t> hashes(10, 1);
        std::vector<uint64_t> full_hashes(10, 1);
        constant->updateHashes(hashes);
        full->updateHashes(full_hashes);
        EXPECT_EQ(hashes, full_hashes);
        EXPECT_EQ(constant->compareAt(1, 2, *full, 1), 0);
        EXPECT_EQ(full->compareAt(1, 2, *constant, 1), 0);

        Filter filter{1, 0, 1, 0, 0, 0, 0, 0, 0, 1};
        EXPECT_EQ(constant->filter(filter, 3)->kind(), ColumnKind::Const);
        EXPECT_EQ(constant->filter(filter, 3)->size(), 3u);
        EXPECT_EQ(constant->gather(Permutation{1, 1})->kind(), ColumnKind::Const);
        EXPECT_EQ(constant->cut(2, 5)->size(), 5u);

        auto target = kind.prototype->cloneEmpty();
        target->insertRangeFrom(*constant, 2, 3);
        EXPECT_EQ(fieldsOf(*target), fieldsOf(*full->cut(0, 3)));
    }
}

TEST(Column, RefusesFieldsThatDoNotFit)
{
    for (const auto & kind : allKinds())
    {
        auto column = kind.prototype->cloneEmpty();
        Field bad = Field(Tuple{Field(1), Field(2), Field(3)});
        EXPECT_THROW(column->insert(bad), Exception) << column->name();
        EXPECT_THROW(column->insert(Field(Array{Field(1), bad})), Exception) << column->name();
        EXPECT_TRUE(column->empty()) << column->name();
        // A refused value leaves nothing behind.
        column->insertDefault();
        EXPECT_EQ(column->size(), 1u) << column->name();
    }
    EXPECT_THROW(ColumnUInt8::create()->insert(Field(NAN)), Exception);
    EXPECT_THROW(ColumnInt64::create()->insert(Field(1e19)), Exception);
    EXPECT_THROW(ColumnUInt64::create()->insert(Field("1")), Exception);
    EXPECT_THROW(ColumnFixedString::create(2)->insert(Field("abc")), Exception);
}

TEST(Column, NanAndNullGoWhereTheDirectionSays)
{
    auto floats = ColumnFloat64::create();
    floats->data() = {NAN, 1.0, -NAN};
    EXPECT_EQ(floats->compareAt(0, 1, *floats, 1), 1);
    EXPECT_EQ(floats->compareAt(0, 1, *floats, -1), -1);
    EXPECT_EQ(floats->compareAt(1, 0, *floats, 1), -1);
    EXPECT_EQ(floats->compareAt(0, 2, *floats, 1), 0);

    auto nulls = nullable(ColumnInt8::create());
    nulls->insert(Null{});
    nulls->insert(Field(0));
    EXPECT_EQ(nulls->compareAt(0, 1, *nulls, 1), 1);
    EXPECT_EQ(nulls->compareAt(0, 1, *nulls, -1), -1);
    EXPECT_EQ(nulls->compareAt(0, 0, *nulls, 1), 0);
    std::vector<uint64_t> hashes(2, 0);
    nulls->updateHashes(hashes);
    EXPECT_NE(hashes[0], hashes[1]);
}

}
}
