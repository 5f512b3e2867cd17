// Everything written comes back: every type, every way of reading, every page boundary.

#include "parts/PartReader.h"
#include "parts/PartWriter.h"

#include "columns/ColumnLowCardinality.h"

#include <gtest/gtest.h>

#include <random>

using namespace mangrove;

namespace
{

using Random = std::mt19937_64;

/// A random value of a type, as a Field.
Field randomField(const std::string & type, Random & random)
{
    auto starts = [&](const char * prefix) { return type.rfind(prefix, 0) == 0; };
    auto inner = [&](const char * prefix) { return type.substr(strlen(prefix), type.size() - strlen(prefix) - 1); };
    if (starts("Nullable("))
        return random() % 3 == 0 ? Field(Null{}) : randomField(inner("Nullable("), random);
    if (starts("LowCardinality("))
        return randomField(inner("LowCardinality("), random);
    if (starts("Array("))
    {
        Array array;
        for (size_t i = random() % 4; i > 0; --i)
            array.push_back(randomField(inner("Array("), random));
        return array;
    }
    if (type == "Map(String, String)" || type == "Map(LowCardinality(String), String)" || type == "Map(String, UInt64)"
        || type == "Map(LowCardinality(String), LowCardinality(Nullable(String)))" || type == "Map(UInt8, String)")
    {
        Array pairs;
        static const char * keys[] = {"http.method", "http.route", "db.statement", "", "user.id", "net.peer", "x"};
        for (size_t i = random() % 6; i > 0; --i)
        {
            size_t k = random() % 40 == 0 ? 6 : random() % 6;
            Field key = type == "Map(UInt8, String)" ? Field(uint64_t(k))
                : random() % 300 == 0                ? Field("rare" + std::to_string(random() % 1000))
                                                     : Field(keys[k]);
            Field value = type == "Map(String, UInt64)"
                ? Field(uint64_t(random() % 1000))
                : k == 4 ? Field("id-" + std::to_string(random())) : Field("v" + std::to_string(random() % 9));
            if (type.find("Nullable") != std::string::npos && random() % 4 == 0)
                value = Null{};
            pairs.push_back(Tuple{key, value});
        }
        return pairs;
    }
    if (type == "Tuple(UInt8, String)")
        return Tuple{uint64_t(random() % 256), "t" + std::to_string(random() % 5)};
    if (type == "String")
        switch (random() % 5)
        {
            case 0: return "";
            case 1: return std::to_string(random() % 100000);
            case 2: return std::string(1, '\0') + "bin\xff";
            default: return "word" + std::to_string(random() % 50);
        }
    if (type == "FixedString(3)")
        return std::string("ab") + char('a' + random() % 20);
    if (type == "UUID" || type == "UInt128")
        return UInt128(random()) << 64 | random();
    if (type == "Float64" || type == "Float32")
        return double(int64_t(random() % 1000) - 500) / 4;
    if (type == "Bool")
        return uint64_t(random() % 2);
    if (type.rfind("Int", 0) == 0 || type.rfind("DateTime64", 0) == 0)
        return int64_t(random() % 200) - 100;
    if (type.rfind("Enum8", 0) == 0)
        return int64_t(random() % 2 ? 1 : -1);
    return uint64_t(random() % 250);
}

const char * all_types[] = {"UInt8", "UInt16", "UInt32", "UInt64", "UInt128", "Int8", "Int16", "Int32", "Int64",
    "Float32", "Float64", "Bool", "String", "FixedString(3)", "Date", "DateTime", "DateTime64(9, 'UTC')",
    "Enum8('a' = -1, 'b' = 1)", "UUID", "Nullable(UInt64)", "Nullable(String)", "LowCardinality(String)",
    "LowCardinality(Nullable(String))", "LowCardinality(UInt32)", "LowCardinality(FixedString(3))", "Array(UInt32)",
    "Array(String)", "Array(Array(String))", "Array(Nullable(Int32))", "Array(LowCardinality(String))",
    "Tuple(UInt8, String)", "Map(String, String)", "Map(LowCardinality(String), String)", "Map(String, UInt64)",
    "Map(LowCardinality(String), LowCardinality(Nullable(String)))", "Map(UInt8, String)",
    "Array(Map(LowCardinality(String), String))"};

std::string columnName(const std::string & type)
{
    return "c " + type;
}

Block makeBlock(size_t rows, uint64_t seed)
{
    Random random(seed);
    std::vector<ColumnWithType> columns;
    for (std::string type : all_types)
    {
        auto data_type = parseDataType(type);
        auto column = data_type->createColumn();
        for (size_t row = 0; row < rows; ++row)
            column->insert(randomField(type, random));
        columns.push_back({column, data_type, columnName(type)});
    }
    return Block(std::move(columns));
}

PartWriteOptions optionsFor(const Block & block, int effort = 1)
{
    PartWriteOptions options;
    for (const auto & column : block.columns())
        options.columns.push_back({column.name, column.type, ""});
    options.granule_rows = 64;
    options.page_rows = 16;
    options.effort = effort;
    return options;
}

struct Stored
{
    ObjectStorePtr store = makeObjectStore("memory://");
    PartCachePtr cache = std::make_shared<PartCache>(64 << 20);
    WrittenPart written;
    PartReaderPtr reader;

    Stored(const Block & block, const PartWriteOptions & options, size_t block_rows = 0)
    {
        PartWriter writer(options);
        size_t step = block_rows ? block_rows : block.rows();
        for (size_t begin = 0; begin < block.rows(); begin += step)
            writer.write(block.cut(begin, std::min(step, block.rows() - begin)));
        written = writer.finish();
        store->put("a/part", written.bytes, PutMode::IfAbsent);
        reader = PartReader::open(store, "a/part", written.bytes.size(), cache);
    }
};

ReadColumns allColumns(const Block & block)
{
    ReadColumns columns;
    for (const auto & column : block.columns())
        columns.emplace_back(column.name);
    return columns;
}

void expectEqual(const Column & got, const Column & expected, size_t expected_begin, const std::string & what)
{
    for (size_t row = 0; row < got.size(); ++row)
        ASSERT_TRUE(got.get(row) == expected.get(expected_begin + row))
            << what << " row " << expected_begin + row << ": " << toString(got.get(row)) << " instead of "
            << toString(expected.get(expected_begin + row));
}

}

TEST(PartRoundTrip, EveryTypeInEveryRange)
{
    Block block = makeBlock(1000, 1);
    for (auto [effort, block_rows] : {std::pair(1, 0), {1, 7}, {1, 64}, {1, 333}, {0, 0}, {0, 333}})
    {
        Stored stored(block, optionsFor(block, effort), block_rows);
        ASSERT_EQ(stored.reader->rows(), 1000);
        for (RowRange range : {RowRange{0, 1000}, RowRange{0, 1}, RowRange{999, 1000}, RowRange{15, 17},
                 RowRange{100, 612}, RowRange{5, 5}})
            for (bool keep_dictionary : {false, true})
            {
                Block got = stored.reader->read(allColumns(block), range, {keep_dictionary});
                ASSERT_EQ(got.rows(), range.size());
                for (size_t i = 0; i < block.columnCount(); ++i)
                    expectEqual(*got.at(i).column, *block.at(i).column, range.begin, block.at(i).name);
            }
        stored.reader->verify();
    }
}

TEST(PartRoundTrip, AnUnsortedBlockIsWrittenInTheOrderGiven)
{
    Block block = makeBlock(300, 6);
    Permutation order(block.rows());
    for (size_t i = 0; i < order.size(); ++i)
        order[i] = static_cast<uint32_t>(i * 7 % order.size());
    PartWriter writer(optionsFor(block));
    writer.write(block.cut(0, 5));
    writer.write(block, order);
    writer.write(block.cut(5, 9));
    Block sorted = Block::concat({block.cut(0, 5), block.gather(order), block.cut(5, 9)});
    auto store = makeObjectStore("memory://");
    store->put("sorted", writer.finish().bytes, PutMode::IfAbsent);
    auto reader = PartReader::open(store, "sorted", 0, std::make_shared<PartCache>(1 << 20));
    Block got = reader->read(allColumns(block), {0, sorted.rows()});
    for (size_t i = 0; i < block.columnCount(); ++i)
        expectEqual(*got.at(i).column, *sorted.at(i).column, 0, block.at(i).name);
}

TEST(PartRoundTrip, SingleRows)
{
    Block block = makeBlock(500, 2);
    Stored stored(block, optionsFor(block));
    std::vector<uint32_t> rows = {0, 3, 15, 16, 17, 160, 161, 498, 499};
    Block got = stored.reader->readRows(allColumns(block), rows);
    Block expected = block.gather(rows);
    for (size_t i = 0; i < block.columnCount(); ++i)
        expectEqual(*got.at(i).column, *expected.at(i).column, 0, block.at(i).name);
    EXPECT_EQ(stored.reader->readRows(allColumns(block), {}).rows(), 0);
}

TEST(PartRoundTrip, MapKeysAndOtherSubcolumns)
{
    Block block = makeBlock(800, 3);
    Stored stored(block, optionsFor(block));
    using Kind = ReadColumn::Kind;
    for (std::string type : {"Map(String, String)", "Map(LowCardinality(String), String)", "Map(String, UInt64)",
             "Map(LowCardinality(String), LowCardinality(Nullable(String)))"})
    {
        std::string name = columnName(type);
        const Column & whole = *block.byName(name).column;
        for (std::string key : {"http.route", "user.id", "", "x", "no such key", "rare17"})
            for (bool keep_dictionary : {false, true})
            {
                ReadColumn value(Kind::MapKey, name, key, "v");
                ReadColumn has(Kind::MapHasKey, name, key, "h");
                Block got = stored.reader->read({value, has}, {5, 790}, {keep_dictionary});
                Field default_value = got.at(0).type->defaultValue();
                for (size_t row = 0; row < got.rows(); ++row)
                {
                    Field expected = default_value;
                    bool found = false;
                    Field pairs = whole.get(row + 5);
                    for (const auto & pair : pairs.get<Array>())
                        if (!found && pair.get<Tuple>()[0] == Field(key))
                        {
                            expected = pair.get<Tuple>()[1];
                            found = true;
                        }
                    ASSERT_TRUE(got.at(0).column->get(row) == expected) << name << " " << key << " row " << row + 5;
                    ASSERT_EQ(got.at(1).column->get(row) == Field(uint64_t(1)), found);
                }
            }
        Block views = stored.reader->read(
            {{Kind::MapKeys, name, "", "k"}, {Kind::MapValues, name, "", "v"}, {Kind::Size, name, "", "s"}}, {0, 800});
        for (size_t row = 0; row < views.rows(); ++row)
        {
            Field field = whole.get(row);
            const Array & pairs = field.get<Array>();
            ASSERT_TRUE(views.at(2).column->get(row) == Field(uint64_t(pairs.size())));
            Field keys = views.at(0).column->get(row);
            Field values = views.at(1).column->get(row);
            for (size_t i = 0; i < pairs.size(); ++i)
            {
                ASSERT_TRUE(keys.get<Array>()[i] == pairs[i].get<Tuple>()[0]);
                ASSERT_TRUE(values.get<Array>()[i] == pairs[i].get<Tuple>()[1]);
            }
        }
    }
    Block others = stored.reader->read({{Kind::Size, columnName("Array(String)"), "", "size"},
                                           {Kind::Null, columnName("Nullable(UInt64)"), "", "null"},
                                           {Kind::Element, columnName("Tuple(UInt8, String)"), "2", "element"}},
        {0, 800});
    for (size_t row = 0; row < 800; ++row)
    {
        Field array = block.byName(columnName("Array(String)")).column->get(row);
        ASSERT_TRUE(others.at(0).column->get(row) == Field(uint64_t(array.get<Array>().size())));
        ASSERT_TRUE(others.at(1).column->get(row)
                    == Field(uint64_t(block.byName(columnName("Nullable(UInt64)")).column->isNullAt(row))));
        ASSERT_TRUE(others.at(2).column->get(row)
                    == block.byName(columnName("Tuple(UInt8, String)")).column->get(row).get<Tuple>()[1]);
    }
}

TEST(PartRoundTrip, FiltersRunOnDictionaries)
{
    Block block = makeBlock(800, 4);
    Stored stored(block, optionsFor(block));
    using Kind = ReadColumn::Kind;
    ReadColumn low(columnName("LowCardinality(String)"));
    ReadColumn route(Kind::MapKey, columnName("Map(LowCardinality(String), String)"), "http.route", "r");
    ReadColumn nothing(Kind::MapKey, columnName("Map(LowCardinality(String), String)"), "no such key", "r");
    for (const ReadColumn & column : {low, route, nothing})
    {
        ColumnPtr dictionary = stored.reader->dictionary(column);
        ASSERT_TRUE(dictionary);
        ASSERT_TRUE(dictionary->get(0) == Field(""));
        Block full = stored.reader->read({column}, {0, 800});
        for (size_t wanted = 0; wanted < dictionary->size(); ++wanted)
        {
            Filter matches(dictionary->size(), 0);
            matches[wanted] = 1;
            Filter got = stored.reader->filterByDictionary(column, {3, 797}, matches);
            ASSERT_EQ(got.size(), 794);
            for (size_t row = 0; row < got.size(); ++row)
                ASSERT_EQ(got[row] != 0, full.at(0).column->get(row + 3) == dictionary->get(wanted));
        }
    }
    EXPECT_FALSE(stored.reader->dictionary(ReadColumn(columnName("UInt64"))));
}

TEST(PartRoundTrip, AnyGranularityWorks)
{
    Block block = makeBlock(100, 7);
    for (uint64_t granule_rows : {1, 3, 100, 8191, 8192, 10000, 1'000'000})
    {
        PartWriteOptions options = optionsFor(block);
        options.granule_rows = granule_rows;
        options.page_rows = 0;
        Stored stored(block, options);
        EXPECT_EQ(stored.reader->granuleCount(), (100 + granule_rows - 1) / granule_rows);
        Block got = stored.reader->read(allColumns(block), {1, 100});
        for (size_t i = 0; i < block.columnCount(); ++i)
            expectEqual(*got.at(i).column, *block.at(i).column, 1, block.at(i).name);
    }
}

TEST(PartRoundTrip, AnEmptyPartAndAPartWithoutColumnsOfItsOwn)
{
    Block block = makeBlock(0, 5);
    Stored stored(block, optionsFor(block));
    EXPECT_EQ(stored.reader->rows(), 0);
    EXPECT_EQ(stored.reader->granuleCount(), 0);
    EXPECT_EQ(stored.reader->read(allColumns(block), {0, 0}).rows(), 0);
    EXPECT_THROW(stored.reader->read({"no such column"}, {0, 0}), Exception);
}
