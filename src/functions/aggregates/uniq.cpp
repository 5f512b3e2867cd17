// uniq (estimate, equal to ClickHouse's) and uniqExact, over one or more arguments of any type.

#include "columns/ColumnArray.h"
#include "columns/ColumnFixedString.h"
#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnString.h"
#include "columns/ColumnTuple.h"
#include "functions/aggregates/AggregateBase.h"
#include "functions/aggregates/DictionaryHashes.h"
#include "functions/aggregates/FlatHashSet.h"
#include "functions/aggregates/UniquesHashSet.h"
#include "functions/aggregates/registerAggregates.h"
#include "io/Checksum.h"

namespace mangrove
{

namespace
{

/// The bytes of a value as they lie in memory, which is what ClickHouse hashes.
std::string_view rawBytes(const Column & column, size_t row)
{
    if (isNumberKind(column.kind()))
        return visitNumbers(column, [&]<typename T>(const ColumnVector<T> & numbers)
        { return std::string_view(reinterpret_cast<const char *>(numbers.data().data() + row), sizeof(T)); });
    if (column.kind() == ColumnKind::String || column.kind() == ColumnKind::FixedString)
        return column.stringAt(row);
    if (column.kind() == ColumnKind::Array)
    {
        auto & array = static_cast<const ColumnArray &>(column);
        if (array.beginOf(row) == array.endOf(row))
            return {};
        std::string_view first = rawBytes(array.data(), array.beginOf(row));
        std::string_view last = rawBytes(array.data(), array.endOf(row) - 1);
        return {first.data(), static_cast<size_t>(last.data() + last.size() - first.data())};
    }
    throw Exception(ErrorCode::NOT_IMPLEMENTED, "uniq does not take {}; use uniqExact", column.name());
}

uint64_t hashNumber(const Column & column, size_t row)
{
    return visitNumbers(column, [&]<typename T>(const ColumnVector<T> & numbers) -> uint64_t
    {
        T x = numbers.data()[row];
        if constexpr (std::is_same_v<T, float>)
            return std::bit_cast<uint32_t>(x);
        else if constexpr (std::is_same_v<T, double>)
            return std::bit_cast<uint64_t>(x);
        else if constexpr (sizeof(T) == 16)
            return intHash64(static_cast<uint64_t>(x) ^ static_cast<uint64_t>(x >> 64));
        else
            return static_cast<uint64_t>(x);
    });
}

class AggregateUniq final : public AggregateBase<UniquesHashSet, AggregateUniq>
{
public:
    using AggregateBase::AggregateBase;

    bool acceptsLowCardinality() const override { return arguments_.size() == 1; }

    void addOne(UniquesHashSet & set, AggregateArguments arguments, size_t row) const
    {
        if (arguments.size() != 1)
            set.insertHashed(hashTuple(arguments, row));
        else if (auto * coded = tryColumnAs<ColumnLowCardinality>(*arguments[0]))
            set.insertHashed(hashOne(coded->dictionary(), coded->codes()[row]));
        else
            set.insertHashed(hashOne(*arguments[0], row));
    }
    void addRows(std::span<const AggregateState> states, size_t offset, AggregateArguments arguments, size_t begin,
        size_t end) const override
    {
        forEachHash(arguments, begin, end, [&](size_t row, uint64_t hash) { data(states[row] + offset).insertHashed(hash); });
    }
    void addRange(AggregateState state, AggregateArguments arguments, size_t begin, size_t end) const override
    {
        UniquesHashSet & set = data(state);
        forEachHash(arguments, begin, end, [&](size_t, uint64_t hash) { set.insertHashed(hash); });
    }
    void mergeData(UniquesHashSet & to, const UniquesHashSet & from) const { to.merge(from); }
    void write(const UniquesHashSet & set, WriteBuffer & out) const { set.write(out); }
    void read(UniquesHashSet & set, ReadBuffer & in) const { set.read(in); }
    void result(UniquesHashSet & set, Column & to) const { appendNumber<uint64_t>(to, set.estimate()); }

private:
    /// The kind of column is looked at once, not for every row.
    template <typename Insert>
    void forEachHash(AggregateArguments arguments, size_t begin, size_t end, Insert && insert) const
    {
        const Column & column = *arguments[0];
        auto forAll = [&](auto && hash)
        {
            for (size_t row = begin; row < end; ++row)
                insert(row, hash(row));
        };
        if (arguments.size() != 1)
            forAll([&](size_t row) { return hashTuple(arguments, row); });
        else if (column.kind() == ColumnKind::LowCardinality)
        {
            auto & coded = static_cast<const ColumnLowCardinality &>(column);
            const uint32_t * codes = coded.codes().data();
            auto hashes = hashes_.of(coded.dictionaryPtr());
            forAll([&](size_t row) -> uint64_t
            {
                return hashes->of(codes[row], [&] { return static_cast<uint32_t>(hashOne(coded.dictionary(), codes[row])); });
            });
        }
        else if (column.kind() == ColumnKind::FixedString)
            forAll([&](size_t row) { return intHash64(cityHash64(static_cast<const ColumnFixedString &>(column).at(row))); });
        else if (column.kind() == ColumnKind::String)
            forAll([&](size_t row) { return intHash64(cityHash64(static_cast<const ColumnString &>(column).at(row))); });
        else if (isNumberKind(column.kind()))
            visitNumbers(column, [&]<typename T>(const ColumnVector<T> & numbers)
            {
                if constexpr (std::is_integral_v<T> && sizeof(T) <= 8)
                    forAll([&](size_t row) { return intHash64(static_cast<uint64_t>(numbers.data()[row])); });
                else
                    forAll([&](size_t row) { return intHash64(hashNumber(column, row)); });
            });
        else
            forAll([&](size_t row) { return hashOne(column, row); });
    }
    static uint64_t hashOne(const Column & column, size_t row)
    {
        if (column.kind() == ColumnKind::Tuple)
            return hashTuple(static_cast<const ColumnTuple &>(column).elements(), row);
        return intHash64(isNumberKind(column.kind()) ? hashNumber(column, row) : cityHash64(rawBytes(column, row)));
    }
    template <typename Columns>
    static uint64_t hashTuple(const Columns & columns, size_t row)
    {
        if (columns.empty())
            return 0; // all empty tuples are equal
        uint64_t hash = cityHash64(rawBytes(*columns[0], row));
        for (size_t i = 1; i < columns.size(); ++i)
            hash = cityHash128to64(cityHash64(rawBytes(*columns[i], row)), hash);
        return hash;
    }

    mutable DictionaryHashes hashes_;
};

template <typename Key>
class AggregateUniqExact final : public AggregateBase<FlatHashSet<Key>, AggregateUniqExact<Key>>
{
public:
    using Base = AggregateBase<FlatHashSet<Key>, AggregateUniqExact<Key>>;
    using Base::Base;
    using Set = FlatHashSet<Key>;

    bool acceptsLowCardinality() const override { return Base::arguments_.size() == 1; }

    void addOne(Set & set, AggregateArguments arguments, size_t row) const { set.insert(keyOf(arguments, row)); }
    void addRange(AggregateState state, AggregateArguments arguments, size_t begin, size_t end) const override
    {
        /// Large sets miss the cache on every key: compute keys in chunks and touch their cells ahead.
        Set & set = Base::data(state);
        constexpr size_t chunk = 64;
        Key keys[chunk];
        for (size_t row = begin; row < end; row += chunk)
        {
            size_t count = std::min(chunk, end - row);
            for (size_t i = 0; i < count; ++i)
            {
                keys[i] = keyOf(arguments, row + i);
                set.prefetch(keys[i]);
            }
            for (size_t i = 0; i < count; ++i)
                set.insert(keys[i]);
        }
    }
    void mergeData(Set & to, const Set & from) const
    {
        to.reserve(std::max(to.size(), from.size()));
        from.forEach([&](Key key) { to.insert(key); });
    }
    void write(const Set & set, WriteBuffer & out) const
    {
        out.writeVarUInt(set.size());
        set.forEach([&](Key key) { out.writePod(key); });
    }
    void read(Set & set, ReadBuffer & in) const
    {
        set = Set{};
        size_t size = readStateSize(in);
        for (size_t i = 0; i < size; ++i)
            set.insert(in.readPod<Key>());
    }
    void result(Set & set, Column & to) const { appendNumber<uint64_t>(to, set.size()); }

private:
    static Key keyOf(AggregateArguments arguments, size_t row)
    {
        const Column & column = *arguments[0];
        if (column.kind() == ColumnKind::LowCardinality && arguments.size() == 1)
        {
            auto & coded = static_cast<const ColumnLowCardinality &>(column);
            const Column * dictionary = &coded.dictionary();
            return keyOf({&dictionary, 1}, coded.codes()[row]);
        }
        if constexpr (sizeof(Key) == 8)
            return hashNumber(column, row);
        else
        {
            if (arguments.size() == 1)
            {
                if (column.kind() == ColumnKind::FixedString)
                {
                    std::string_view bytes = static_cast<const ColumnFixedString &>(column).at(row);
                    if (bytes.size() == 16)
                    {
                        Key key;
                        std::memcpy(&key, bytes.data(), 16);
                        return key;
                    }
                    return xxh3_128(bytes);
                }
                if (column.kind() == ColumnKind::String)
                    return xxh3_128(static_cast<const ColumnString &>(column).at(row));
                if (column.kind() == ColumnKind::UInt128)
                    return numberAt<UInt128>(column, row);
            }
            std::string key;
            for (const Column * argument : arguments)
                argument->serializeKey(row, key);
            return xxh3_128(key);
        }
    }
};

AggregateFunctionPtr makeUniqExact(const std::string & name, const std::vector<Field> & parameters,
    const DataTypes & arguments)
{
    expectNoParameters(name, parameters);
    if (arguments.empty())
        expectArguments(name, arguments, 1);
    ColumnKind kind = arguments[0]->createColumn()->kind();
    if (arguments.size() == 1 && isNumberKind(kind) && kind != ColumnKind::UInt128)
        return std::make_shared<AggregateUniqExact<uint64_t>>(name, parameters, arguments, makeType(TypeId::UInt64));
    return std::make_shared<AggregateUniqExact<UInt128>>(name, parameters, arguments, makeType(TypeId::UInt64));
}

}

void registerUniq(FunctionRegistry & registry)
{
    registry.addAggregate("uniq", [](const std::string & name, const std::vector<Field> & parameters,
        const DataTypes & arguments)
    {
        expectNoParameters(name, parameters);
        if (arguments.empty())
            expectArguments(name, arguments, 1);
        return std::make_shared<AggregateUniq>(name, parameters, arguments, makeType(TypeId::UInt64));
    });
    registry.addAggregate("uniqExact", makeUniqExact);
}

}
