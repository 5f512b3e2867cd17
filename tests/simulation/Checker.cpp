#include "Checker.h"

#include "parts/PartRoot.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

namespace mangrove::sim
{

std::string encodeRows(const std::vector<uint64_t> & rows)
{
    WriteBuffer out;
    out.write({reinterpret_cast<const char *>(rows.data()), rows.size() * sizeof(uint64_t)});
    PartTail tail;
    tail.root.offset = out.str().size(); // there is no root
    tail.write(out);
    return out.str();
}

std::vector<uint64_t> decodeRows(std::string_view bytes)
{
    std::vector<uint64_t> rows(PartTail::read(bytes, bytes.size()).root.offset / sizeof(uint64_t));
    std::memcpy(rows.data(), bytes.data(), rows.size() * sizeof(uint64_t));
    return rows;
}

size_t Checker::beginDrop(const std::string & partition)
{
    drops_.push_back({partition, std::numeric_limits<uint64_t>::max()});
    return drops_.size() - 1;
}

void Checker::endDrop(size_t drop, std::optional<uint64_t> lsn)
{
    drops_[drop].lsn = lsn.value_or(0);
}

bool Checker::maybeDropped(const Request & request) const
{
    return std::any_of(drops_.begin(), drops_.end(), [&](const Drop & drop)
    {
        return drop.partition == request.partition && drop.lsn > request.lsn;
    });
}

std::multiset<uint64_t> Checker::rowsOf(const SnapshotPtr & snapshot, const std::string & table)
{
    std::multiset<uint64_t> rows;
    for (const auto & [id, partition] : snapshot->findTable(table)->partitions)
        for (const auto & part : partition->parts)
        {
            auto object = world_.bucket->get(part->object_key);
            if (!object)
            {
                world_.violate(fmt::format("I1: {}.{} is active at {} and its object is gone", table, part->name(), snapshot->lsn()));
                continue;
            }
            auto content = decodeRows(object->bytes);
            if (content.size() != part->rows)
                world_.violate(fmt::format("I3: {}.{} holds {} rows, the log says {}", table, part->name(), content.size(), part->rows));
            rows.insert(content.begin(), content.end());
        }
    return rows;
}

void Checker::checkViews(const SnapshotPtr & snapshot)
{
    if (rowsOf(snapshot, "t") != rowsOf(snapshot, "u"))
        world_.violate(fmt::format("I4: table and view differ at {}", snapshot->lsn()));
}

void Checker::checkSchemas(const SnapshotPtr & snapshot)
{
    for (const auto & [uuid, table] : snapshot->tables())
        for (const auto & [_, partition] : table->partitions)
            for (const auto & part : partition->parts)
            {
                auto next = alters_.find({uuid, part->schema_version + 1});
                if (next != alters_.end() && next->second < part->added_lsn)
                    world_.violate(fmt::format("{} was committed at {} for schema version {}, which ended at {}", part->name(),
                        part->added_lsn, part->schema_version, next->second));
            }
}

void Checker::onState(size_t node, uint64_t lsn, const std::string & hash)
{
    auto [it, added] = hashes_.try_emplace(lsn, hash);
    if (it->second != hash)
        world_.violate(fmt::format("I2: two states at {}", lsn));
    auto & last = last_lsn_[node];
    if (lsn < last)
        world_.violate(fmt::format("I7: node {} went from {} back to {}", node, last, lsn));
    last = lsn;
}

void Checker::checkPromises(const SnapshotPtr & snapshot, std::optional<int64_t> next_offset)
{
    auto rows = rowsOf(snapshot, "t");
    for (const auto & [row, request] : requests)
    {
        size_t count = rows.count(row);
        if (count > 1)
            world_.violate(fmt::format("I4: row {} of token '{}' is there {} times", row, request.token, count));
        if (request.acked && count == 0 && !maybeDropped(request))
            world_.violate(fmt::format("I4: row {}, acknowledged at {}, is not there", row, request.lsn));
        if (!request.acked && request.open_attempts == 0 && count > 0)
            world_.violate(fmt::format("I4: row {} is there, and its client was told that it is not", row));
    }
    auto stream = rowsOf(snapshot, "s");
    for (int64_t offset = 0; offset < next_offset.value_or(0); ++offset)
        if (stream.count(static_cast<uint64_t>(offset)) != 1)
            world_.violate(fmt::format("I4: message {} of the stream is there {} times", offset, stream.count(static_cast<uint64_t>(offset))));
    if (stream.size() != static_cast<size_t>(next_offset.value_or(0)))
        world_.violate(fmt::format("I4: the stream's table has {} rows, its offset is {}", stream.size(), next_offset.value_or(0)));
}

}
