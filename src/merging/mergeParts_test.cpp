#include "merging/mergeParts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

using namespace mangrove;

namespace
{

const NamesAndTypes & schema()
{
    static const NamesAndTypes columns = [] {
        NamesAndTypes result;
        for (auto [name, type] : {std::pair("service", "LowCardinality(String)"),
                 std::pair("time", "DateTime64(9, 'UTC')"), std::pair("id", "UInt64"), std::pair("trace", "String"),
                 std::pair("tags", "Map(LowCardinality(String), String)"), std::pair("version", "UInt32"),
                 std::pair("deleted", "UInt8")})
            result.push_back({name, parseDataType(type)});
        return result;
    }();
    return columns;
}

struct Row
{
    std::string service;
    int64_t time;
    uint64_t id;
    uint64_t version;
    uint64_t deleted;
    auto key() const { return std::pair(service, time); }
};

std::string traceOf(const Row & row)
{
    return "trace-" + std::to_string(row.id % 50);
}

Block makeBlock(std::vector<Row> rows)
{
    std::stable_sort(rows.begin(), rows.end(), [](const Row & a, const Row & b) { return a.key() < b.key(); });
    std::vector<ColumnWithType> columns;
    for (const auto & column : schema())
        columns.push_back({column.type->createColumn(), column.type, column.name});
    for (const Row & row : rows)
    {
        Field fields[] = {row.service, row.time, row.id, traceOf(row), Array{Tuple{"id", std::to_string(row.id)}},
            row.version, row.deleted};
        for (size_t i = 0; i < columns.size(); ++i)
            const_cast<Column &>(*columns[i].column).insert(fields[i]);
    }
    return Block(std::move(columns));
}

PartWriteOptions writeOptions()
{
    PartWriteOptions options;
    for (const auto & column : schema())
        options.columns.push_back({column.name, column.type, ""});
    options.sort_key = {{"service", schema()[0].type}, {"time", schema()[1].type}};
    options.lookup_columns = {"trace"};
    options.granule_rows = 32;
    options.page_rows = 8;
    return options;
}

struct Parts
{
    ObjectStorePtr store = makeObjectStore("memory://");
    PartCachePtr cache = std::make_shared<PartCache>(64 << 20);
    std::vector<PartReaderPtr> readers;

    PartReaderPtr add(const std::string & bytes)
    {
        std::string key = "p/" + std::to_string(readers.size());
        store->put(key, bytes, PutMode::IfAbsent);
        readers.push_back(PartReader::open(store, key, bytes.size(), cache));
        return readers.back();
    }
    void add(std::vector<Row> rows)
    {
        PartWriter writer(writeOptions());
        writer.write(makeBlock(std::move(rows)));
        add(writer.finish().bytes);
    }
};

std::vector<std::vector<Row>> randomParts(size_t parts, size_t rows, uint64_t key_space)
{
    std::mt19937_64 random(parts * 31 + rows);
    std::vector<std::vector<Row>> result(parts);
    uint64_t id = 0;
    for (auto & part : result)
        for (size_t i = 0; i < rows; ++i)
            part.push_back({"svc-" + std::to_string(random() % 7), int64_t(random() % key_space), ++id, random() % 4,
                random() % 2});
    return result;
}

PartMergeTask taskOf(const Parts & parts)
{
    PartMergeTask task;
    task.parts = parts.readers;
    task.write = writeOptions();
    task.merge.sort_key = {"service", "time"};
    task.merge.block_rows = 40;
    return task;
}

std::vector<uint64_t> idsOf(const PartReader & part)
{
    Block block = part.read({"id"}, {0, part.rows()});
    std::vector<uint64_t> ids;
    for (size_t i = 0; i < block.rows(); ++i)
        ids.push_back(block.at(0).column->get(i).get<uint64_t>());
    return ids;
}

}

TEST(MergeParts, PlainKeepsEveryRowInOrder)
{
    for (size_t part_count : {1, 2, 3, 9})
    {
        auto rows = randomParts(part_count, 500, 300);
        Parts parts;
        std::vector<Row> expected;
        for (auto & part : rows)
        {
            parts.add(part);
            expected.insert(expected.end(), part.begin(), part.end());
        }
        auto merged = mergeParts(taskOf(parts));
        ASSERT_TRUE(merged);
        auto reader = parts.add(merged->bytes);
        ASSERT_EQ(reader->rows(), expected.size());
        /// Stable: equal keys in the order of parts, then of rows.
        Block block = makeBlock(expected);
        Block got = reader->read({"service", "time", "id", "trace", "tags"}, {0, reader->rows()});
        for (size_t column = 0; column < got.columnCount(); ++column)
            for (size_t row = 0; row < got.rows(); ++row)
                ASSERT_TRUE(got.at(column).column->get(row) == block.at(column).column->get(row))
                    << column << " " << row;
        auto found = reader->findRows("trace", Field("trace-7"));
        ASSERT_TRUE(found);
        std::vector<uint32_t> holding;
        for (size_t row = 0; row < got.rows(); ++row)
            if (got.at(3).column->get(row) == Field("trace-7"))
                holding.push_back(static_cast<uint32_t>(row));
        EXPECT_EQ(std::vector<uint32_t>(found->begin(), found->end()), holding);
        reader->verify();
    }
}

TEST(MergeParts, ReplacingKeepsTheGreatestVersionTheLastAmongEquals)
{
    auto rows = randomParts(4, 400, 20);
    for (bool with_version : {false, true})
        for (bool drop_deleted : {false, true})
        {
            Parts parts;
            std::map<std::pair<std::string, int64_t>, Row> winners;
            for (auto & part : rows)
            {
                parts.add(part);
                for (const Row & row : part)
                {
                    auto [place, is_new] = winners.emplace(row.key(), row);
                    if (!is_new && (!with_version || row.version >= place->second.version))
                        place->second = row;
                }
            }
            PartMergeTask task = taskOf(parts);
            task.merge.mode = MergeMode::Replacing;
            task.merge.version_column = with_version ? "version" : "";
            task.merge.is_deleted_column = "deleted";
            task.merge.drop_deleted = drop_deleted;
            auto merged = mergeParts(std::move(task));
            ASSERT_TRUE(merged);
            std::vector<uint64_t> expected;
            for (const auto & [key, row] : winners)
                if (!drop_deleted || !row.deleted)
                    expected.push_back(row.id);
            EXPECT_EQ(idsOf(*parts.add(merged->bytes)), expected);
        }
}

TEST(MergeParts, RowsCanBeRemovedAndMergesCancelled)
{
    auto rows = randomParts(2, 100, 1000);
    Parts parts;
    for (auto & part : rows)
        parts.add(part);
    PartMergeTask task = taskOf(parts);
    task.merge.keep_rows = [](const Block & block, Filter & keep)
    {
        for (size_t i = 0; i < keep.size(); ++i)
            keep[i] = block.byName("id").column->get(i).get<uint64_t>() % 2;
    };
    auto merged = mergeParts(task);
    ASSERT_TRUE(merged);
    EXPECT_EQ(merged->summary.rows, 100);
    task.merge.keep_rows = [](const Block &, Filter & keep) { std::fill(keep.begin(), keep.end(), 0); };
    EXPECT_FALSE(mergeParts(task));
    task.progress = [](uint64_t) { throw Exception(ErrorCode::ABORTED, "cancelled"); };
    EXPECT_THROW(mergeParts(task), Exception);
}

TEST(MergeParts, AddedColumnsAreCompleted)
{
    Parts parts;
    parts.add(randomParts(1, 50, 100)[0]);
    PartMergeTask task = taskOf(parts);
    task.write.columns.push_back({"added", parseDataType("UInt8"), ""});
    task.write.columns.erase(task.write.columns.begin() + 4);
    task.complete = [](Block block)
    {
        auto type = parseDataType("UInt8");
        block.add({type->createConst(block.rows(), Field(uint64_t(7))), type, "added"});
        return block;
    };
    auto merged = mergeParts(std::move(task));
    ASSERT_TRUE(merged);
    auto reader = parts.add(merged->bytes);
    EXPECT_FALSE(reader->hasColumn("tags"));
    EXPECT_TRUE(reader->read({"added"}, {0, 50}).at(0).column->get(49) == Field(uint64_t(7)));
}
