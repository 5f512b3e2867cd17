// windowFunnel(window[, mode…])(time, c1, c2, …): how many of the conditions were met one after the other within the
// window. Modes as ClickHouse has them: strict_deduplication, strict_order, strict_increase, allow_reentry; strict_once
// is refused.

#include "functions/aggregates/TimedEvents.h"
#include "functions/aggregates/registerEvents.h"

#include <optional>

namespace mangrove
{

namespace
{

struct FunnelModes
{
    bool strict_deduplication = false;
    bool strict_order = false;
    bool strict_increase = false;
    bool allow_reentry = false;
};

class AggregateWindowFunnel final : public AggregateBase<TimedEvents, AggregateWindowFunnel>
{
public:
    AggregateWindowFunnel(std::string name, std::vector<Field> parameters, DataTypes arguments, uint64_t window, FunnelModes modes)
        : AggregateBase(name, std::move(parameters), arguments, makeType(TypeId::UInt8))
        , window_(window), modes_(modes), steps_(arguments.size() - 1), time_(momentReader(name, *arguments[0]))
    {
    }

    void addOne(TimedEvents & data, AggregateArguments arguments, size_t row) const
    {
        const uint64_t time = time_(*arguments[0], row);
        bool any = false;
        /// From the last: a row that meets two conditions in a row must not count for both.
        for (size_t step = steps_; step > 0; --step)
            if (numberAt<uint8_t>(*arguments[step], row))
            {
                append(data, time, static_cast<uint32_t>(step));
                any = true;
            }
        if (!any && modes_.strict_order)
            append(data, time, 0);
    }
    void mergeData(TimedEvents & to, const TimedEvents & from) const { to.merge(from); }
    void write(const TimedEvents & data, WriteBuffer & out) const { data.write(out); }
    void read(TimedEvents & data, ReadBuffer & in) const
    {
        data.read(in);
        for (const TimedEvent & event : data.events)
            if (event.what > steps_)
                throw Exception(ErrorCode::INCORRECT_DATA, "A state of aggregate function windowFunnel has step {} of {}", event.what, steps_);
    }
    void result(TimedEvents & data, Column & to) const { appendNumber<uint8_t>(to, static_cast<uint8_t>(levelOf(data))); }

private:
    static bool isBefore(const TimedEvent & a, const TimedEvent & b)
    {
        return a.time != b.time ? a.time < b.time : a.what < b.what;
    }
    static void append(TimedEvents & data, uint64_t time, uint32_t step)
    {
        TimedEvent event{time, step};
        data.sorted = data.sorted && (data.events.empty() || !isBefore(event, data.events.back()));
        data.events.push_back(event);
    }

    /// When a chain that has reached a step began, and when it reached it.
    struct Reached
    {
        uint64_t begin;
        uint64_t last;
    };
    using Chains = std::vector<std::optional<Reached>>;

    static size_t highest(const Chains & chains)
    {
        size_t level = chains.size();
        while (level > 0 && !chains[level - 1])
            --level;
        return level;
    }
    static size_t firstMissing(const Chains & chains)
    {
        size_t level = 0;
        while (level < chains.size() && chains[level])
            ++level;
        return level;
    }

    size_t levelOf(TimedEvents & data) const
    {
        if (data.events.empty())
            return 0;
        if (steps_ == 1 && !modes_.strict_order)
            return 1;
        data.sort(isBefore);
        Chains chains(steps_);
        bool begun = false;
        for (const TimedEvent & event : data.events)
        {
            if (event.what == 0)
            {
                if (begun)
                    break;
                continue;
            }
            const size_t step = event.what - 1;
            if (step == 0)
            {
                chains[0] = Reached{event.time, event.time};
                begun = true;
                continue;
            }
            if (modes_.strict_deduplication && chains[step])
                return highest(chains);
            const auto & before = chains[step - 1];
            if (modes_.strict_order && begun && !before)
            {
                if (modes_.allow_reentry)
                    continue;
                return firstMissing(chains);
            }
            if (!before || event.time > before->begin + window_ || (modes_.strict_increase && before->last >= event.time))
                continue;
            chains[step] = Reached{before->begin, event.time};
            if (step + 1 == steps_)
                return steps_;
        }
        return highest(chains);
    }

    uint64_t window_;
    FunnelModes modes_;
    size_t steps_;
    MomentReader time_;
};

FunnelModes parseModes(const std::string & name, const std::vector<Field> & parameters)
{
    FunnelModes modes;
    for (size_t i = 1; i < parameters.size(); ++i)
    {
        const std::string mode = parameters[i].is<std::string>() ? parameters[i].get<std::string>() : "";
        if (mode == "strict_deduplication")
            modes.strict_deduplication = true;
        else if (mode == "strict_order")
            modes.strict_order = true;
        else if (mode == "strict_increase")
            modes.strict_increase = true;
        else if (mode == "allow_reentry")
            modes.allow_reentry = true;
        else
            throw Exception(ErrorCode::BAD_ARGUMENTS, "Aggregate function {} doesn't support a parameter: {}", name, mode);
    }
    if (modes.allow_reentry && !modes.strict_order)
        throw Exception(ErrorCode::BAD_ARGUMENTS, "allow_reentry option requires strict_order to be enabled in Aggregate function {}", name);
    return modes;
}

}

void registerWindowFunnel(FunctionRegistry & registry)
{
    registry.addAggregate("windowFunnel", [](const std::string & name, const std::vector<Field> & parameters,
        const DataTypes & arguments)
    {
        if (parameters.empty() || arguments.size() < 2 || arguments.size() > event_kinds_max + 1)
            throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH,
                "Aggregate function {} requires a window as parameter, and a time and 1 to {} conditions as arguments", name, event_kinds_max);
        if (!parameters[0].is<uint64_t>())
            throw Exception(ErrorCode::BAD_ARGUMENTS, "The window of aggregate function {} must be an unsigned number", name);
        expectConditions(name, arguments, 1);
        return std::make_shared<AggregateWindowFunnel>(name, parameters, arguments, parameters[0].get<uint64_t>(),
            parseModes(name, parameters));
    });
}

}
