#include "exec/HashAggregation.h"

#include "exec/Arena.h"
#include "exec/GroupKeys.h"
#include "expressions/Evaluator.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <thread>

namespace mangrove
{

namespace
{

/// Where each aggregate's state lies inside a group's memory.
struct StateLayout
{
    explicit StateLayout(const std::vector<BoundAggregate> & calls)
    {
        for (const auto & call : calls)
        {
            size_t align = call.function->stateAlignment();
            bytes = (bytes + align - 1) / align * align;
            offsets.push_back(bytes);
            functions.push_back(call.function.get());
            bytes += call.function->stateBytes();
            alignment = std::max(alignment, align);
        }
    }
    void create(char * memory) const
    {
        for (size_t i = 0; i < functions.size(); ++i)
            functions[i]->create(memory + offsets[i]);
    }
    void destroy(char * memory) const
    {
        for (size_t i = 0; i < functions.size(); ++i)
            if (!functions[i]->trivialDestroy())
                functions[i]->destroy(memory + offsets[i]);
    }
    void merge(char * to, const char * from) const
    {
        for (size_t i = 0; i < functions.size(); ++i)
            functions[i]->merge(to + offsets[i], from + offsets[i]);
    }

    std::vector<const AggregateFunction *> functions;
    std::vector<size_t> offsets;
    size_t bytes = 0;
    size_t alignment = 1;
};

uint64_t hashOf(uint64_t key) { return mixHash(key); }
uint64_t hashOf(UInt128 key) { return mixHash(static_cast<uint64_t>(key) ^ mixHash(static_cast<uint64_t>(key >> 64))); }
uint64_t hashOf(std::string_view key)
{
    uint64_t hash = key.size();
    size_t i = 0;
    for (; i + 8 <= key.size(); i += 8)
    {
        uint64_t word;
        std::memcpy(&word, key.data() + i, 8);
        hash = combineHash(hash, word);
    }
    uint64_t rest = 0;
    std::memcpy(&rest, key.data() + i, key.size() - i);
    return combineHash(hash, rest);
}

template <typename Key>
struct KeyHash
{
    using is_avalanching = void;
    size_t operator()(const Key & key) const { return hashOf(key); }
};

/// Groups in order of first appearance; a key finds its number.
template <typename Key>
struct GroupTable
{
    std::vector<Key> keys;
    std::vector<char *> states;
    boost::unordered_flat_map<Key, uint32_t, KeyHash<Key>> numbers;
    std::vector<uint32_t> direct; /// GroupMethod::Direct: key → number + 1
};

class Aggregation
{
public:
    Aggregation(const AggregateStep & step, QueryContext & context)
        : step_(step), context_(context), layout_(headerOf(step.keys)), states_(step.aggregates)
    {
        for (const auto & key : step.keys)
            expressions_.push_back(key.expression);
        for (const auto & call : step.aggregates)
            for (const auto & argument : call.arguments)
                expressions_.push_back(argument);
    }

    Stream run(Stream & input)
    {
        switch (layout_.method())
        {
            case GroupMethod::None:
            case GroupMethod::Direct:
            case GroupMethod::Packed8:
                return runWithKey<uint64_t>(input);
            case GroupMethod::Packed16:
                return runWithKey<UInt128>(input);
            case GroupMethod::Serialized:
                return runWithKey<std::string_view>(input);
        }
        CHECK(false);
    }

private:
    template <typename Key>
    struct Worker
    {
        Worker(const GroupKeyLayout & layout, QueryContext & context) : arena(context), packer(layout), table_memory(context) { }
        Arena arena;
        GroupKeyPacker packer;
        GroupTable<Key> table;
        MemoryCharge table_memory;
        PodVector<Key> packed;
        PodVector<AggregateState> row_states;
    };

    template <typename Key>
    char * stateOf(Worker<Key> & worker, Key key)
    {
        auto & table = worker.table;
        auto add = [&]
        {
            if (context_.limits.max_rows_to_group_by && table.keys.size() >= context_.limits.max_rows_to_group_by)
                throw Exception(ErrorCode::TOO_MANY_ROWS, "Limit for rows to GROUP BY exceeded: max rows: {}", context_.limits.max_rows_to_group_by);
            // Charged in steps: what the table and the lists of keys and states take.
            if (table.keys.size() % 1024 == 0)
                worker.table_memory.grow(1024 * (2 * sizeof(Key) + 2 * sizeof(uint32_t) + sizeof(char *)));
            char * state = worker.arena.allocate(std::max<size_t>(states_.bytes, 1), states_.alignment);
            states_.create(state);
            table.states.push_back(state);
            return static_cast<uint32_t>(table.states.size() - 1);
        };
        if constexpr (std::is_same_v<Key, uint64_t>)
            if (layout_.method() == GroupMethod::Direct)
            {
                if (key >= table.direct.size())
                    table.direct.resize(std::max<size_t>(key + 1, table.direct.size() * 2), 0);
                auto & number = table.direct[key];
                if (!number)
                {
                    number = add() + 1;
                    table.keys.push_back(key);
                }
                return table.states[number - 1];
            }
        auto it = table.numbers.find(key);
        if (it != table.numbers.end())
            return table.states[it->second];
        if constexpr (std::is_same_v<Key, std::string_view>)
        {
            char * copy = worker.arena.allocate(std::max<size_t>(key.size(), 1));
            std::memcpy(copy, key.data(), key.size());
            key = {copy, key.size()};
        }
        auto number = add();
        table.keys.push_back(key);
        table.numbers.emplace(key, number);
        return table.states[number];
    }

    template <typename Key>
    void consume(Worker<Key> & worker, const Block & block)
    {
        auto columns = evaluate(expressions_, block);
        size_t rows = block.rows();
        Columns keys;
        for (size_t i = 0; i < layout_.keyCount(); ++i)
        {
            auto key = columns[i];
            bool coded = key->kind() == ColumnKind::LowCardinality && layout_.method() != GroupMethod::Serialized && step_.keys[i].expression->type->isLowCardinality();
            if (key->kind() == ColumnKind::Const && step_.keys[i].expression->type->isLowCardinality())
            {
                auto full = step_.keys[i].expression->type->createColumn();
                for (size_t row = 0; row < rows; ++row)
                    full->insert(key->get(0));
                key = full;
                coded = true;
            }
            keys.push_back(coded ? key : key->materialize());
        }
        worker.row_states.resize(rows);
        if (layout_.method() == GroupMethod::None)
        {
            auto * state = stateOf<Key>(worker, Key{});
            addArguments(columns, [&](const AggregateFunction & function, size_t offset, auto arguments)
                { function.addRange(state + offset, arguments, 0, rows); });
            return;
        }
        if constexpr (std::is_same_v<Key, std::string_view>)
        {
            std::string key;
            for (size_t row = 0; row < rows; ++row)
            {
                key.clear();
                for (const auto & column : keys)
                    column->serializeKey(row, key);
                worker.row_states[row] = stateOf<Key>(worker, key);
            }
        }
        else
        {
            worker.packer.pack(keys, rows, worker.packed);
            for (size_t row = 0; row < rows; ++row)
                worker.row_states[row] = row && worker.packed[row] == worker.packed[row - 1] ? worker.row_states[row - 1]
                                                                                             : stateOf<Key>(worker, worker.packed[row]);
        }
        addArguments(columns, [&](const AggregateFunction & function, size_t offset, auto arguments)
            { function.addRows(std::span<const AggregateState>(worker.row_states.data(), rows), offset, arguments, 0, rows); });
    }

    template <typename Add>
    void addArguments(const Columns & columns, Add && add)
    {
        size_t position = layout_.keyCount();
        for (size_t i = 0; i < step_.aggregates.size(); ++i)
        {
            Columns full;
            std::vector<const Column *> arguments;
            for (size_t a = 0; a < step_.aggregates[i].arguments.size(); ++a)
            {
                auto column = columns[position++];
                bool keep = column->kind() == ColumnKind::LowCardinality && states_.functions[i]->acceptsLowCardinality();
                full.push_back(keep ? column : column->materialize());
                arguments.push_back(full.back().get());
            }
            add(*states_.functions[i], states_.offsets[i], std::span<const Column * const>(arguments));
        }
    }

    template <typename Key>
    Stream runWithKey(Stream & input)
    {
        std::vector<std::unique_ptr<Worker<Key>>> workers(std::max<size_t>(context_.threads, 1));
        for (auto & worker : workers)
            worker = std::make_unique<Worker<Key>>(layout_, context_);
        std::vector<Block> blocks;
        try
        {
            runStream(input, context_, [&](Block block, size_t number)
            {
                consume(*workers[number], block);
                return true;
            });
            if (layout_.method() == GroupMethod::None)
                stateOf<Key>(*workers[0], Key{}); // an empty input still has one group
            blocks = mergeAndFinish(workers);
        }
        catch (...)
        {
            for (auto & worker : workers)
                for (auto * state : worker->table.states)
                    if (state)
                        states_.destroy(state);
            throw;
        }
        Stream result;
        result.source = std::make_shared<BlocksSource>(std::move(blocks));
        result.header = step_.header;
        if (step_.with_totals)
            result.totals = totals_;
        return result;
    }

    template <typename Key>
    std::vector<Block> mergeAndFinish(std::vector<std::unique_ptr<Worker<Key>>> & workers)
    {
        if (step_.with_totals)
            startTotals();
        size_t groups = 0, used = 0;
        for (auto & worker : workers)
        {
            groups += worker->table.keys.size();
            used += !worker->table.keys.empty();
        }
        std::vector<Block> blocks;
        if (used <= 1)
        {
            for (auto & worker : workers)
                finish(worker->table, blocks);
        }
        else
        {
            size_t ranges = groups < 20'000 ? 1 : workers.size();
            std::vector<std::vector<Block>> results(ranges);
            std::vector<std::exception_ptr> errors(ranges);
            auto merge_range = [&](size_t range)
            {
                try
                {
                    GroupTable<Key> merged = mergeRange(workers, range, ranges);
                    finish(merged, results[range]);
                }
                catch (...)
                {
                    errors[range] = std::current_exception();
                }
            };
            {
                std::vector<std::jthread> threads;
                for (size_t range = 1; range < ranges; ++range)
                    threads.emplace_back([&, range]
                    {
                        MemoryScope memory(&context_.memory());
                        merge_range(range);
                    });
                merge_range(0);
            }
            for (auto & error : errors)
                if (error)
                    std::rethrow_exception(error);
            for (auto & result : results)
                std::move(result.begin(), result.end(), std::back_inserter(blocks));
        }
        if (step_.with_totals)
            finishTotals();
        return blocks;
    }

    /// Takes the states of the groups whose hash falls into the range away from the workers' tables.
    template <typename Key>
    GroupTable<Key> mergeRange(std::vector<std::unique_ptr<Worker<Key>>> & workers, size_t range, size_t ranges)
    {
        GroupTable<Key> merged;
        for (auto & worker : workers)
            for (size_t i = 0; i < worker->table.keys.size(); ++i)
            {
                const auto & key = worker->table.keys[i];
                if (ranges > 1 && (hashOf(key) >> 32) % ranges != range)
                    continue;
                auto & state = worker->table.states[i];
                auto [it, inserted] = merged.numbers.try_emplace(key, static_cast<uint32_t>(merged.keys.size()));
                if (inserted)
                {
                    merged.keys.push_back(key);
                    merged.states.push_back(std::exchange(state, nullptr));
                    continue;
                }
                states_.merge(merged.states[it->second], state);
                states_.destroy(state);
                state = nullptr;
            }
        return merged;
    }

    /// Results of all groups, in blocks; destroys the states.
    template <typename Key>
    void finish(GroupTable<Key> & table, std::vector<Block> & blocks)
    {
        for (size_t begin = 0; begin < table.keys.size(); begin += context_.block_rows_max)
        {
            context_.check();
            size_t count = std::min<size_t>(context_.block_rows_max, table.keys.size() - begin);
            Columns keys;
            if constexpr (std::is_same_v<Key, std::string_view>)
                keys = layout_.deserialize(table.keys.data() + begin, count);
            else
                keys = layout_.unpack(table.keys.data() + begin, count);
            Block block;
            for (size_t i = 0; i < keys.size(); ++i)
                block.add({keys[i], step_.header[i].type, step_.header[i].name});
            for (size_t i = 0; i < step_.aggregates.size(); ++i)
            {
                auto column = step_.aggregates[i].function->returnType()->createColumn();
                column->reserve(count);
                for (size_t row = 0; row < count; ++row)
                    states_.functions[i]->insertResult(table.states[begin + row] + states_.offsets[i], *column);
                block.add({column, step_.header[keys.size() + i].type, step_.header[keys.size() + i].name});
            }
            if (block.empty())
                block.setRowsWithoutColumns(count);
            if (step_.with_totals)
                block = addPassingToTotals(block, table.states.data() + begin);
            for (size_t row = 0; row < count; ++row)
            {
                states_.destroy(table.states[begin + row]);
                table.states[begin + row] = nullptr;
            }
            blocks.push_back(std::move(block));
        }
    }

    Block addPassingToTotals(Block block, char * const * states)
    {
        Filter filter(block.rows(), 1);
        auto passed = step_.having ? makeFilter(evaluate(step_.having, block), block.rows(), filter) : block.rows();
        for (size_t row = 0; row < block.rows(); ++row)
            if (filter[row])
                addToTotals(states[row]);
        return block.filter(filter, passed);
    }

    void startTotals()
    {
        totals_arena_ = std::make_unique<Arena>(context_);
        totals_state_ = totals_arena_->allocate(std::max<size_t>(states_.bytes, 1), states_.alignment);
        states_.create(totals_state_);
    }

    void addToTotals(const char * state)
    {
        std::lock_guard lock(totals_mutex_);
        states_.merge(totals_state_, state);
    }

    void finishTotals()
    {
        totals_ = Block();
        for (size_t i = 0; i < step_.keys.size(); ++i)
        {
            auto column = step_.header[i].type->createColumn();
            column->insert(step_.header[i].type->defaultValue()); // of an enum: its first element
            totals_.add({column, step_.header[i].type, step_.header[i].name});
        }
        for (size_t i = 0; i < step_.aggregates.size(); ++i)
        {
            auto column = step_.aggregates[i].function->returnType()->createColumn();
            states_.functions[i]->insertResult(totals_state_ + states_.offsets[i], *column);
            const auto & header = step_.header[step_.keys.size() + i];
            totals_.add({column, header.type, header.name});
        }
        states_.destroy(totals_state_);
    }

    const AggregateStep & step_;
    QueryContext & context_;
    GroupKeyLayout layout_;
    StateLayout states_;
    Expressions expressions_;
    std::mutex totals_mutex_;
    std::unique_ptr<Arena> totals_arena_;
    char * totals_state_ = nullptr;
    Block totals_;
};

}

Stream aggregate(Stream input, const AggregateStep & step, QueryContext & context)
{
    return Aggregation(step, context).run(input);
}

}
