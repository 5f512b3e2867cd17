#include "exec/HashAggregation.h"

#include "columns/ColumnLowCardinality.h"
#include "exec/CodedGroups.h"
#include "exec/GroupKeys.h"
#include "exec/GroupResults.h"
#include "exec/GroupTable.h"
#include "exec/inParallel.h"
#include "expressions/Evaluator.h"

#include <algorithm>
#include <map>

namespace mangrove
{

namespace
{

/// Rows of a group that stand together, on average, from which on they are added together.
constexpr size_t run_rows_min = 8;

class Aggregation
{
public:
    Aggregation(const AggregateStep & step, QueryContext & context)
        : step_(step), context_(context), layout_(headerOf(step.keys)), states_(step.aggregates),
          only_counts_(std::ranges::all_of(step.aggregates, [](const auto & call) { return call.arguments.empty(); })),
          // The limit is on groups, which are told apart by value.
          uses_codes_(step.keys.size() == 1 && !context.limits.max_rows_to_group_by), results_(step, states_, context)
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
        Worker(const GroupKeyLayout & layout, const StateLayout & states, bool only_counts, QueryContext & context)
            : arena(context), packer(layout), table(states), coded(states, only_counts, context), table_memory(context)
        {
        }
        Arena arena;
        GroupKeyPacker packer;
        GroupTable<Key> table;
        CodedGroups coded;
        MemoryCharge table_memory;
        PodVector<Key> packed;
        PodVector<AggregateState> row_states;
    };

    template <typename Key>
    AggregateState stateOf(Worker<Key> & worker, Key key)
    {
        auto & table = worker.table;
        auto add = [&]
        {
            if (context_.limits.max_rows_to_group_by && table.keys.size() >= context_.limits.max_rows_to_group_by)
                throw Exception(ErrorCode::TOO_MANY_ROWS, "Limit for rows to GROUP BY exceeded: max rows: {}", context_.limits.max_rows_to_group_by);
            // Charged in steps: what the table and the lists of keys and states take.
            if (table.keys.size() % 1024 == 0)
                worker.table_memory.grow(1024 * (2 * sizeof(Key) + 2 * sizeof(uint32_t) + sizeof(char *)));
            table.states.push_back(states_.make(worker.arena));
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
            key = copyKey(worker.arena, key);
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
        if (auto * codes = uses_codes_ ? tryColumnAs<ColumnLowCardinality>(*columns[0]) : nullptr)
            if (auto * table = worker.coded.tableOf(codes->dictionaryPtr(), rows))
                return consumeCoded(worker, *table, codes->codes(), columns);
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
        addToStates(worker.row_states, columns);
    }

    template <typename Key>
    void consumeCoded(Worker<Key> & worker, CodedGroups::Table & table, const PodVector<uint32_t> & codes, const Columns & columns)
    {
        if (only_counts_)
            return table.count(codes);
        worker.row_states.resize(codes.size());
        for (size_t row = 0; row < codes.size(); ++row)
        {
            auto & state = table.states[codes[row]];
            if (!state) [[unlikely]]
                state = states_.make(worker.arena);
            worker.row_states[row] = state;
        }
        addToStates(worker.row_states, columns);
    }

    /// Row i goes to states[i]; where rows of a group stand together, as in a sorted table, they go there together.
    void addToStates(const PodVector<AggregateState> & states, const Columns & columns)
    {
        size_t rows = states.size();
        size_t runs = rows != 0;
        for (size_t row = 1; row < rows; ++row)
            runs += states[row] != states[row - 1];
        const bool by_runs = runs * run_rows_min <= rows;
        addArguments(columns, [&](const AggregateFunction & function, size_t offset, auto arguments)
        {
            if (!by_runs)
                return function.addRows(std::span<const AggregateState>(states.data(), rows), offset, arguments, 0, rows);
            for (size_t begin = 0, end; begin < rows; begin = end)
            {
                for (end = begin + 1; end < rows && states[end] == states[begin];)
                    ++end;
                function.addRange(states[begin] + offset, arguments, begin, end);
            }
        });
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
            worker = std::make_unique<Worker<Key>>(layout_, states_, only_counts_, context_);
        runStream(input, context_, [&](Block block, size_t number)
        {
            consume(*workers[number], block);
            return true;
        });
        if (layout_.method() == GroupMethod::None)
            stateOf<Key>(*workers[0], Key{}); // an empty input still has one group
        auto blocks = mergeAndFinish(workers);
        Stream result;
        result.source = std::make_shared<BlocksSource>(std::move(blocks));
        result.header = step_.header;
        if (step_.with_totals)
            result.totals = results_.totals();
        return result;
    }

    template <typename Key>
    std::vector<Block> mergeAndFinish(std::vector<std::unique_ptr<Worker<Key>>> & workers)
    {
        std::vector<GroupTable<Key> *> tables;
        for (auto & worker : workers)
            if (!worker->table.keys.empty())
                tables.push_back(&worker->table);
        auto coded = tablesByDictionary(workers);
        std::vector<Block> blocks;
        if (tables.empty() && coded.size() == 1)
            blocks = finishCoded(coded[0]);
        else
        {
            std::vector<std::unique_ptr<Decoded<Key>>> decoded(coded.size());
            inParallel(coded.size(), context_, [&](size_t i) { decoded[i] = decode<Key>(coded[i]); });
            for (auto & table : decoded)
                tables.push_back(&table->table);
            blocks = mergeTables(tables);
        }
        return blocks;
    }

    /// In how many pieces so many groups are joined.
    size_t rangesFor(size_t groups) const { return groups < 20'000 ? 1 : std::max<size_t>(context_.threads, 1); }

    template <typename Key>
    std::vector<Block> mergeTables(const std::vector<GroupTable<Key> *> & tables)
    {
        size_t groups = 0;
        for (const auto * table : tables)
            groups += table->keys.size();
        const size_t ranges = tables.size() > 1 ? rangesFor(groups) : 1;
        std::vector<std::vector<Block>> blocks(ranges);
        inParallel(ranges, context_, [&](size_t range)
        {
            if (tables.size() == 1)
                return finish(*tables[0], blocks[range]);
            auto merged = mergeRange(tables, range, ranges);
            finish(merged, blocks[range]);
        });
        return joined(blocks);
    }

    static std::vector<Block> joined(std::vector<std::vector<Block>> & pieces)
    {
        std::vector<Block> blocks;
        for (auto & piece : pieces)
            std::move(piece.begin(), piece.end(), std::back_inserter(blocks));
        return blocks;
    }

    /// Takes the states of the groups whose hash falls into the range away from the tables.
    template <typename Key>
    GroupTable<Key> mergeRange(const std::vector<GroupTable<Key> *> & tables, size_t range, size_t ranges)
    {
        GroupTable<Key> merged(states_);
        for (auto * table : tables)
            for (size_t i = 0; i < table->keys.size(); ++i)
            {
                const auto & key = table->keys[i];
                if (ranges > 1 && (hashOf(key) >> 32) % ranges != range)
                    continue;
                auto [it, inserted] = merged.numbers.try_emplace(key, static_cast<uint32_t>(merged.keys.size()));
                if (inserted)
                {
                    merged.keys.push_back(key);
                    merged.states.push_back(nullptr);
                }
                merged.states.mergeFrom(it->second, table->states, i);
            }
        return merged;
    }

    /// All workers' tables of one dictionary.
    using SameDictionary = std::vector<CodedGroups::Table *>;

    template <typename Key>
    static std::vector<SameDictionary> tablesByDictionary(std::vector<std::unique_ptr<Worker<Key>>> & workers)
    {
        std::map<const Column *, SameDictionary> found;
        for (auto & worker : workers)
            for (auto & table : worker->coded.tables())
                found[table.dictionary.get()].push_back(&table);
        std::vector<SameDictionary> result;
        for (auto & [dictionary, tables] : found)
            result.push_back(std::move(tables));
        return result;
    }

    /// Joins the groups with a code in [begin, end) in the first table; answers their codes.
    PodVector<uint32_t> mergeCodes(const SameDictionary & tables, size_t begin, size_t end, Arena & arena)
    {
        for (size_t i = 1; i < tables.size(); ++i)
            tables[0]->mergeFrom(*tables[i], begin, end);
        tables[0]->countsToStates(states_, arena, begin, end);
        return tables[0]->groups(begin, end);
    }

    ColumnPtr keysOf(const CodedGroups::Table & table, PodVector<uint32_t> codes) const
    {
        if (step_.keys[0].expression->type->isLowCardinality())
            return ColumnLowCardinality::create(table.dictionary, std::move(codes));
        return table.dictionary->gather(codes);
    }

    /// All rows had one dictionary: its values are the keys.
    std::vector<Block> finishCoded(const SameDictionary & tables)
    {
        auto & table = *tables[0];
        table.states.resize(table.codes()); // where rows were counted there are none yet
        const size_t ranges = rangesFor(table.codes());
        std::vector<std::vector<Block>> blocks(ranges);
        inParallel(ranges, context_, [&](size_t range)
        {
            Arena arena(context_);
            auto codes = mergeCodes(tables, table.codes() * range / ranges, table.codes() * (range + 1) / ranges, arena);
            for (size_t begin = 0; begin < codes.size(); begin += context_.block_rows_max)
            {
                context_.check();
                auto end = std::min<size_t>(begin + context_.block_rows_max, codes.size());
                PodVector<uint32_t> some(codes.begin() + begin, codes.begin() + end);
                PodVector<AggregateState> states;
                for (auto code : some)
                    states.push_back(table.states[code]);
                blocks[range].push_back(results_.makeBlock({keysOf(table, some)}, states));
                for (auto code : some)
                    table.states.destroy(code);
            }
        });
        return joined(blocks);
    }

    /// The groups of a dictionary under their values.
    template <typename Key>
    struct Decoded
    {
        Decoded(const StateLayout & states, QueryContext & context) : arena(context), table(states) { }
        Arena arena;
        GroupTable<Key> table;
    };

    template <typename Key>
    std::unique_ptr<Decoded<Key>> decode(const SameDictionary & tables)
    {
        auto decoded = std::make_unique<Decoded<Key>>(states_, context_);
        auto & from = *tables[0];
        from.states.resize(from.codes()); // where rows were counted there are none yet
        auto codes = mergeCodes(tables, 0, from.codes(), decoded->arena);
        auto column = keysOf(from, codes);
        auto & keys = decoded->table.keys;
        if constexpr (std::is_same_v<Key, std::string_view>)
        {
            std::string key;
            for (size_t i = 0; i < codes.size(); ++i)
            {
                key.clear();
                column->serializeKey(i, key);
                keys.push_back(copyKey(decoded->arena, key));
            }
        }
        else
        {
            PodVector<Key> packed;
            GroupKeyPacker(layout_).pack({column}, codes.size(), packed);
            keys.assign(packed.begin(), packed.end());
        }
        for (auto code : codes)
            decoded->table.states.push_back(from.states.take(code));
        return decoded;
    }

    static std::string_view copyKey(Arena & arena, std::string_view key)
    {
        char * copy = arena.allocate(std::max<size_t>(key.size(), 1));
        std::memcpy(copy, key.data(), key.size());
        return {copy, key.size()};
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
            blocks.push_back(results_.makeBlock(keys, {&table.states[begin], count}));
            for (size_t row = 0; row < count; ++row)
                table.states.destroy(begin + row);
        }
    }

    const AggregateStep & step_;
    QueryContext & context_;
    GroupKeyLayout layout_;
    StateLayout states_;
    const bool only_counts_; /// a group is a number of rows
    const bool uses_codes_;
    GroupResults results_;
    Expressions expressions_;
};

}

Stream aggregate(Stream input, const AggregateStep & step, QueryContext & context)
{
    return Aggregation(step, context).run(input);
}

}
