// What the part format takes and how fast it is, without a server around it: parts NATIVE_FILE [effort] [page_rows]
// reads the bench's generated table (one Native block is one insert), writes a part per 400,000 rows as an insert
// does, merges all of them into one as OPTIMIZE does, prints bytes a row by column and CPU ns a row by
// step, and times reads of the result. The table and its sort key are those of bench/schema.

#include "merging/mergeParts.h"
#include "types/Serialization.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <numeric>
#include <sstream>

using namespace mangrove;

namespace
{

/// CPU seconds of this thread: other work on the machine does not count.
double now()
{
    timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec + time.tv_nsec * 1e-9;
}

double secondsSince(double begin)
{
    return now() - begin;
}

Block readBlock(ReadBuffer & in)
{
    uint64_t columns = in.readVarUInt();
    uint64_t rows = in.readVarUInt();
    Block block;
    for (uint64_t i = 0; i < columns; ++i)
    {
        std::string name = in.readString();
        DataTypePtr type = parseDataType(in.readString());
        auto column = type->createColumn();
        serializationOf(type)->readBulk(*column, rows, in, {});
        block.add({column, type, name});
    }
    return block;
}

Permutation sortedOrder(const Block & block)
{
    const Column & service = *block.byName("service").column;
    const Column & time = *block.byName("start_time").column;
    Permutation order(block.rows());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b)
    {
        int by_service = service.compareAt(a, b, service, 1);
        return by_service ? by_service < 0 : time.compareAt(a, b, time, 1) < 0;
    });
    return order;
}

PartWriteOptions optionsFor(const Block & block, int effort, uint64_t page_rows)
{
    PartWriteOptions options;
    for (const auto & column : block.columns())
        options.columns.push_back({column.name, column.type, ""});
    options.sort_key = {{"service", block.byName("service").type}, {"start_time", block.byName("start_time").type}};
    options.lookup_columns = {"trace_id"};
    options.lookup_order_column = "start_time";
    options.effort = effort;
    options.page_rows = page_rows;
    return options;
}

void printSizes(const PartSummary & summary)
{
    for (const auto & column : summary.columns)
        std::printf("  %-16s %8.3f\n", column.name.c_str(), double(column.compressed_bytes) / summary.rows);
    std::printf("  %-16s %8.3f\n", "whole object", double(summary.bytes) / summary.rows);
}

template <typename Action>
void timeRead(const char * what, uint64_t rows, Action && action)
{
    for (const char * pass : {"cold", "warm"})
    {
        auto begin = now();
        action();
        double seconds = secondsSince(begin);
        std::printf("  %-28s %s %9.3f ms %8.2f ns/row\n", what, pass, seconds * 1e3, seconds * 1e9 / rows);
    }
}

}

int main(int argc, char ** argv)
{
    if (argc < 2)
        return std::fprintf(stderr, "usage: parts NATIVE_FILE [effort] [page_rows]\n"), 1;
    int effort = argc > 2 ? std::atoi(argv[2]) : 1;
    uint64_t page_rows = argc > 3 ? std::atoi(argv[3]) : 0;
    std::stringstream file;
    file << std::ifstream(argv[1], std::ios::binary).rdbuf();
    std::string bytes = file.str();
    ReadBuffer in(bytes);

    auto store = makeObjectStore("memory://");
    auto cache = std::make_shared<PartCache>(2ULL << 30);
    PartMergeTask task;
    double parse_seconds = 0;
    double sort_seconds = 0;
    double write_seconds = 0;
    uint64_t rows = 0;
    while (!in.eof())
    {
        auto begin = now();
        std::vector<Block> blocks;
        for (uint64_t batch = 0; batch < 400'000 && !in.eof();)
        {
            blocks.push_back(readBlock(in));
            batch += blocks.back().rows();
        }
        Block block = blocks.size() == 1 ? blocks[0] : Block::concat(blocks);
        parse_seconds += secondsSince(begin);
        begin = now();
        Permutation order = sortedOrder(block);
        sort_seconds += secondsSince(begin);
        begin = now();
        PartWriter writer(optionsFor(block, 1, page_rows));
        writer.write(block, order);
        WrittenPart part = writer.finish();
        write_seconds += secondsSince(begin);
        rows += part.summary.rows;
        if (task.parts.empty())
        {
            std::printf("first insert, bytes a row:\n");
            printSizes(part.summary);
            task.write = optionsFor(block, effort, page_rows);
        }
        std::string key = "part-" + std::to_string(task.parts.size());
        store->put(key, part.bytes, PutMode::IfAbsent);
        task.parts.push_back(PartReader::open(store, key, part.bytes.size(), cache));
    }
    std::printf("insert: parse %.0f, sort %.0f, write %.0f ns/row (%lu rows)\n", parse_seconds * 1e9 / rows,
        sort_seconds * 1e9 / rows, write_seconds * 1e9 / rows, rows);

    task.merge.sort_key = {"service", "start_time"};
    auto begin = now();
    auto merged = mergeParts(task);
    double merge_seconds = secondsSince(begin);
    std::printf(
        "merge of %zu parts: %.0f ns/row\nmerged, bytes a row:\n", task.parts.size(), merge_seconds * 1e9 / rows);
    printSizes(merged->summary);

    store->put("merged", merged->bytes, PutMode::IfAbsent);
    auto part = PartReader::open(store, "merged", 0, cache);
    for (const char * column : {"span_id", "start_time", "duration", "status", "service", "name", "attributes"})
        timeRead(column, rows, [&]
        {
            for (uint64_t row = 0; row < rows; row += 131072)
                part->read({column}, {row, std::min(rows, row + 131072)}, {true});
        });
    ReadColumn route(ReadColumn::Kind::MapKey, "attributes", "http.route", "route");
    timeRead("attributes['http.route'] = x", rows, [&]
    {
        ColumnPtr dictionary = part->dictionary(route);
        Filter matches(dictionary ? dictionary->size() : 0, 0);
        if (matches.empty())
            return;
        matches[1] = 1;
        for (uint64_t row = 0; row < rows; row += 131072)
            part->filterByDictionary(route, {row, std::min(rows, row + 131072)}, matches);
    });
    Field trace = part->read({"trace_id"}, {rows / 2, rows / 2 + 1}).at(0).column->get(0);
    ReadColumns all;
    for (const auto & column : task.write.columns)
        all.emplace_back(column.name);
    timeRead("one trace, all columns", 1, [&]
    {
        auto found = part->findRows("trace_id", trace);
        part->readRows(all, *found);
    });
    return 0;
}
