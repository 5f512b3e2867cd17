#pragma once
// The state of windowFunnel, sequenceMatch and sequenceCount: moments with what happened at them.

#include "functions/aggregates/AggregateBase.h"

#include <algorithm>
#include <vector>

namespace mangrove
{

/// ILLEGAL_TYPE_OF_ARGUMENT unless arguments from `first` on are UInt8 or Bool.
void expectConditions(const std::string & function, const DataTypes & arguments, size_t first);

constexpr size_t event_kinds_max = 32;

/// The first argument as a number: an unsigned integer, a Date or a DateTime.
using MomentReader = uint64_t (*)(const Column & column, size_t row);
inline MomentReader momentReader(const std::string & function, const DataType & type)
{
    if ((!type.isUnsigned() || type.id() == TypeId::UInt128) && type.id() != TypeId::Date && type.id() != TypeId::DateTime)
        throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT,
            "Illegal type {} of first argument of aggregate function {}, must be an unsigned number, Date or DateTime", type.name(), function);
    return visitNumberKind(type.createColumn()->kind(), []<typename T>(std::type_identity<T>) -> MomentReader
    { return [](const Column & column, size_t row) { return static_cast<uint64_t>(numberAt<T>(column, row)); }; });
}

/// What one row says: bits of its conditions, or the number of one.
struct TimedEvent
{
    uint64_t time;
    uint32_t what;
};

struct TimedEvents
{
    std::vector<TimedEvent> events;
    bool sorted = true;

    template <typename Less>
    void sort(Less less)
    {
        if (!sorted)
            std::stable_sort(events.begin(), events.end(), less);
        sorted = true;
    }
    void merge(const TimedEvents & other)
    {
        events.insert(events.end(), other.events.begin(), other.events.end());
        sorted = events.empty();
    }
    void write(WriteBuffer & out) const
    {
        out.writeVarUInt(events.size());
        for (const TimedEvent & event : events)
        {
            out.writeVarUInt(event.time);
            out.writeVarUInt(event.what);
        }
    }
    void read(ReadBuffer & in)
    {
        size_t size = readStateSize(in);
        events.clear();
        for (size_t i = 0; i < size; ++i)
        {
            uint64_t time = in.readVarUInt();
            events.push_back({time, static_cast<uint32_t>(in.readVarUInt())});
        }
        sorted = events.empty();
    }
};

}
