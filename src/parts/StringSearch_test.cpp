#include "base/Random.h"
#include "columns/ColumnString.h"
#include "object_store/MemoryObjectStore.h"
#include "parts/PartReader.h"
#include "parts/PartWriter.h"
#include "types/DataTypes.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace mangrove
{

namespace
{

constexpr size_t rows = 12000;

bool contains(std::string_view text, std::string_view needle)
{
    return text.find(needle) != std::string_view::npos;
}

std::string lowered(std::string_view text)
{
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c | 0x20 : c; });
    return result;
}

/// Words with a rare one in a few rows; pages that repeat, so that they have codes; empty strings.
std::string textOf(size_t row, Random & random)
{
    if (row / 1000 == 3)
        return row % 2 ? "coded needle" : "coded";
    if (row % 13 == 0)
        return "";
    std::string text = row % 4001 == 10 ? "a Needle in " : "";
    static const std::string words[]{"checkout", "payment", "refused", "timeout", "order", "basket", "shipping", "quote"};
    for (size_t i = 0; i < 6; ++i)
        text += words[random.next() % 8] + std::to_string(random.next() % 1000) + " ";
    return text;
}

struct Fixture : testing::Test
{
    ObjectStorePtr store = std::make_shared<MemoryObjectStore>();
    Block block;
    PartReaderPtr reader;

    void write(int effort)
    {
        Random random(11);
        const std::pair<std::string, std::string> types[]{{"s", "String"}, {"x", "Nullable(String)"}, {"m", "Map(String, String)"}, {"o", "Map(String, Nullable(String))"}};
        PartWriteOptions options;
        block = {};
        for (const auto & [name, text] : types)
        {
            auto type = parseDataType(text);
            auto column = type->createColumn();
            for (size_t row = 0; row < rows; ++row)
            {
                Field value = textOf(row, random);
                if (name == "x" && row % 5 == 0)
                    value = Null();
                if (type->id() == TypeId::Map)
                {
                    Array pairs;
                    if (row % 3)
                        pairs.push_back(Tuple{"k", value});
                    if (row % 1000 == 7)
                        pairs.push_back(Tuple{"rare", "rare needle"});
                    if (row % 50 == 0)
                        pairs.push_back(Tuple{"k", "second needle"});
                    value = std::move(pairs);
                }
                column->insert(value);
            }
            block.add({column, type, name});
            options.columns.push_back({name, type, ""});
        }
        options.granule_rows = 1000;
        options.page_rows = 500;
        options.effort = effort;
        PartWriter writer(options);
        writer.write(block);
        auto written = writer.finish();
        auto key = "p" + std::to_string(effort);
        store->put(key, written.bytes, PutMode::IfAbsent);
        reader = PartReader::open(store, key, written.bytes.size(), std::make_shared<PartCache>(64 << 20));
    }

    using Predicate = std::function<bool(std::string_view)>;

    /// What is found in the column, or under its key, against what reading it whole gives; how many pages were left out.
    uint64_t search(const ReadColumn & column, const Predicate & passes, const ContainedBytes & contained)
    {
        ValueTest test([passes](const ColumnPtr & values)
        {
            Filter flags(values->size());
            for (size_t i = 0; i < flags.size(); ++i)
                flags[i] = passes(values->stringAt(i));
            return flags;
        }, contained);
        TestedPages tested;
        for (RowRange range : {RowRange{0, rows}, RowRange{700, 6300}, RowRange{3, 4}})
        {
            auto found = reader->filterByTest(column, range, test, tested);
            EXPECT_TRUE(found);
            auto values = reader->read({column}, range).at(0).column;
            for (size_t i = 0; found && i < range.size(); ++i)
                EXPECT_EQ((*found)[i], !values->isNullAt(i) && passes(values->get(i).get<std::string>())) << column.name << " " << range.begin + i;
        }
        return tested.skipped;
    }

    uint64_t searchAll(const Predicate & passes, const ContainedBytes & contained)
    {
        uint64_t skipped = search({"s"}, passes, contained);
        skipped += search({"x"}, passes, contained);
        for (const char * key : {"k", "rare", "nosuch"})
            skipped += search({ReadColumn::Kind::MapKey, "m", key, key}, passes, contained);
        return skipped;
    }
};

}

using StringSearch = Fixture;

TEST_F(StringSearch, FindsWhatReadingFinds)
{
    for (int effort : {1, 3})
    {
        write(effort);
        const uint64_t skipped = searchAll([](auto text) { return contains(text, "Needle"); }, "Needle")
            + searchAll([](auto text) { return contains(text, "needle"); }, "needle")
            + searchAll([](auto text) { return contains(lowered(text), "needle in"); }, {"nEEdle In", true});
        EXPECT_EQ(skipped > 0, effort > 1);
        searchAll([](auto text) { return contains(text, "refused7"); }, "refused7");
        searchAll([](auto text) { return contains(text, "t1") && text.size() > 20; }, "t1");
        searchAll([](auto) { return false; }, "a");
    }
}

TEST_F(StringSearch, RefusesWhatItCannotTell)
{
    write(3);
    ValueTest test([](const ColumnPtr & values) { return Filter(values->size(), 0); }, "needle");
    TestedPages tested;
    EXPECT_FALSE(reader->filterByTest({ReadColumn::Kind::MapKey, "o", "k", "k"}, {0, rows}, test, tested));
    EXPECT_FALSE(reader->filterByTest({"m"}, {0, rows}, test, tested));
    EXPECT_FALSE(reader->filterByTest({ReadColumn::Kind::MapHasKey, "m", "k", "k"}, {0, rows}, test, tested));
}

}
