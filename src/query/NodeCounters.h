#pragma once
// What the node has done since it started, by ClickHouse's names: system.events and /metrics. Thread-safe.

#include <array>
#include <atomic>
#include <cstdint>

namespace mangrove
{

struct NodeCounters
{
    std::atomic<uint64_t> queries{0}, selects{0}, inserts{0}, failed_queries{0}, failed_selects{0}, failed_inserts{0};
    std::atomic<uint64_t> query_us{0}, select_us{0}, insert_us{0};
    std::atomic<uint64_t> selected_rows{0}, selected_bytes{0}, inserted_rows{0}, inserted_bytes{0}, duplicate_inserts{0};
    std::atomic<uint64_t> merges{0}, merged_rows{0}, merge_ms{0}, parts_removed{0};
    std::atomic<int64_t> http_connections{0};

    struct Event
    {
        const char * name;
        std::atomic<uint64_t> NodeCounters::* value;
        const char * description;
    };
    static constexpr auto events()
    {
        using C = NodeCounters;
        return std::to_array<Event>({
            {"Query", &C::queries, "Queries that started"},
            {"SelectQuery", &C::selects, "SELECT queries that started"},
            {"InsertQuery", &C::inserts, "INSERT queries that started"},
            {"FailedQuery", &C::failed_queries, "Queries that failed"},
            {"FailedSelectQuery", &C::failed_selects, "SELECT queries that failed"},
            {"FailedInsertQuery", &C::failed_inserts, "INSERT queries that failed"},
            {"QueryTimeMicroseconds", &C::query_us, "Time of all queries"},
            {"SelectQueryTimeMicroseconds", &C::select_us, "Time of SELECT queries"},
            {"InsertQueryTimeMicroseconds", &C::insert_us, "Time of INSERT queries"},
            {"SelectedRows", &C::selected_rows, "Rows that SELECT queries read"},
            {"SelectedBytes", &C::selected_bytes, "Uncompressed bytes that SELECT queries read"},
            {"InsertedRows", &C::inserted_rows, "Rows inserted, those of views included"},
            {"InsertedBytes", &C::inserted_bytes, "Uncompressed bytes inserted, those of views included"},
            {"DuplicatedInsertedBlocks", &C::duplicate_inserts, "INSERT queries whose token was seen before"},
            {"Merge", &C::merges, "Merges that ended, failed ones included"},
            {"MergedRows", &C::merged_rows, "Rows read by merges"},
            {"MergeTotalMilliseconds", &C::merge_ms, "Time of merges"},
            {"PartsRemoved", &C::parts_removed, "Outdated parts whose objects this node deleted"},
        });
    }
};

}
