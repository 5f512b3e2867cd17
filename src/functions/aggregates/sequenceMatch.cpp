// sequenceMatch('pattern')(time, c1, c2, …) and sequenceCount: do the rows of a group, in order of time, contain the
// pattern, and how often without overlap. A pattern is made of (?N) for a row that meets condition N, `.` for any row that
// meets one, `.*` for any number of them, and (?t<=S), (?t<S), (?t>=S), (?t>S), (?t==S) for the time since the row before.

#include "functions/aggregates/TimedEvents.h"
#include "functions/aggregates/registerEvents.h"

#include <charconv>

namespace mangrove
{

namespace
{

constexpr size_t steps_max = 1'000'000;

struct Action
{
    enum Kind : uint8_t { Event, AnyEvent, Star, TimeLessOrEqual, TimeLess, TimeGreaterOrEqual, TimeGreater, TimeEqual };
    Kind kind;
    uint64_t argument = 0;

    bool isTime() const { return kind >= TimeLessOrEqual; }
};

class Pattern
{
public:
    Pattern(const std::string & text, size_t kinds)
    {
        actions_.push_back({Action::Star});
        std::string_view rest = text;
        auto fail = [&](std::string_view what)
        {
            throw Exception(ErrorCode::SYNTAX_ERROR, "{} '{}' at position {}", what, rest, text.size() - rest.size());
        };
        auto consume = [&](std::string_view token)
        {
            bool matches = rest.starts_with(token);
            rest.remove_prefix(matches ? token.size() : 0);
            return matches;
        };
        auto number = [&]
        {
            uint64_t value = 0;
            auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), value);
            if (parsed.ec != std::errc{})
                fail("Could not parse number");
            rest.remove_prefix(parsed.ptr - rest.data());
            return value;
        };
        while (!rest.empty())
        {
            if (consume("(?t"))
            {
                Action::Kind kind{};
                if (consume("<="))
                    kind = Action::TimeLessOrEqual;
                else if (consume("<"))
                    kind = Action::TimeLess;
                else if (consume(">="))
                    kind = Action::TimeGreaterOrEqual;
                else if (consume(">"))
                    kind = Action::TimeGreater;
                else if (consume("=="))
                    kind = Action::TimeEqual;
                else
                    fail("Unknown time condition");
                uint64_t seconds = number();
                if (actions_.back().isTime())
                    throw Exception(ErrorCode::BAD_ARGUMENTS, "Temporal condition should be preceded by an event condition");
                actions_.push_back({kind, seconds});
                if (!consume(")"))
                    fail("Expected closing parenthesis, found");
            }
            else if (consume("(?"))
            {
                uint64_t event = number();
                if (event == 0 || event > kinds)
                    throw Exception(ErrorCode::BAD_ARGUMENTS, "Event number {} is out of range", event);
                actions_.push_back({Action::Event, event - 1});
                needed_ |= 1U << (event - 1);
                if (!consume(")"))
                    fail("Expected closing parenthesis, found");
            }
            else if (consume(".*"))
                actions_.push_back({Action::Star});
            else if (consume("."))
                actions_.push_back({Action::AnyEvent});
            else
                fail("Could not parse pattern, unexpected starting symbol");
        }
    }

    /// Events that every match has.
    uint32_t needed() const { return needed_; }

    /// Searches from `position` on and moves it behind the match, or to the end. Of several ways the one is found that
    /// leaves the least to each star.
    bool match(std::span<const TimedEvent> events, size_t & position) const
    {
        struct Choice
        {
            size_t action, event, base;
        };
        std::vector<Choice> choices;
        const size_t begin = position;
        size_t action = 0;
        size_t base = position;
        auto takeBack = [&]
        {
            while (!choices.empty())
            {
                Choice choice = choices.back();
                choices.pop_back();
                action = choice.action;
                position = choice.event + 1;
                base = choice.base;
                if (position != events.size())
                    return true;
            }
            return false;
        };
        size_t steps = 0;
        while (action != actions_.size() && position != events.size())
        {
            const Action & current = actions_[action];
            if (current.kind == Action::Event || current.kind == Action::AnyEvent)
            {
                if (current.kind == Action::AnyEvent || events[position].what >> current.argument & 1)
                {
                    base = position++;
                    ++action;
                }
                else if (!takeBack())
                    break;
            }
            else if (holds(current, events[base].time, events[position].time))
            {
                choices.push_back({action, position, base});
                base = position;
                ++action;
            }
            else if (current.kind == Action::TimeLess || current.kind == Action::TimeLessOrEqual)
            {
                if (!takeBack())
                    break;
            }
            else if (++position == events.size() && !takeBack())
                break;
            if (++steps > steps_max)
                throw Exception(ErrorCode::TOO_SLOW, "Pattern application proves too difficult, exceeding max iterations ({})", steps_max);
        }
        while (action != actions_.size() && actions_[action].kind == Action::Star)
            ++action;
        if (position == begin)
            ++position;
        return action == actions_.size();
    }

private:
    static bool holds(const Action & action, uint64_t before, uint64_t now)
    {
        const uint64_t limit = before + action.argument;
        switch (action.kind)
        {
            case Action::TimeLessOrEqual: return now <= limit;
            case Action::TimeLess: return now < limit;
            case Action::TimeGreaterOrEqual: return now >= limit;
            case Action::TimeGreater: return now > limit;
            case Action::TimeEqual: return now == limit;
            default: return true;
        }
    }

    std::vector<Action> actions_;
    uint32_t needed_ = 0;
};

class AggregateSequence final : public AggregateBase<TimedEvents, AggregateSequence>
{
public:
    AggregateSequence(std::string name, std::vector<Field> parameters, DataTypes arguments, Pattern pattern, bool counts)
        : AggregateBase(name, std::move(parameters), arguments, makeType(counts ? TypeId::UInt64 : TypeId::UInt8))
        , pattern_(std::move(pattern)), counts_(counts), time_(momentReader(name, *arguments[0]))
    {
    }

    void addOne(TimedEvents & data, AggregateArguments arguments, size_t row) const
    {
        uint32_t met = 0;
        for (size_t i = 1; i < arguments.size(); ++i)
            met |= static_cast<uint32_t>(numberAt<uint8_t>(*arguments[i], row) != 0) << (i - 1);
        if (met == 0)
            return;
        data.events.push_back({time_(*arguments[0], row), met});
        data.sorted = false;
    }
    void mergeData(TimedEvents & to, const TimedEvents & from) const { to.merge(from); }
    void write(const TimedEvents & data, WriteBuffer & out) const { data.write(out); }
    void read(TimedEvents & data, ReadBuffer & in) const { data.read(in); }
    void result(TimedEvents & data, Column & to) const
    {
        const uint64_t count = countMatches(data);
        if (counts_)
            appendNumber<uint64_t>(to, count);
        else
            appendNumber<uint8_t>(to, count != 0);
    }

private:
    uint64_t countMatches(TimedEvents & data) const
    {
        uint32_t met = 0;
        for (const TimedEvent & event : data.events)
            met |= event.what;
        if ((met & pattern_.needed()) != pattern_.needed())
            return 0;
        data.sort([](const TimedEvent & a, const TimedEvent & b) { return a.time < b.time; });
        uint64_t count = 0;
        size_t position = 0;
        while (position < data.events.size() && pattern_.match(data.events, position))
        {
            ++count;
            if (!counts_)
                break;
        }
        return count;
    }

    Pattern pattern_;
    bool counts_;
    MomentReader time_;
};

FunctionRegistry::AggregateMaker sequenceMaker(bool counts)
{
    return [counts](const std::string & name, const std::vector<Field> & parameters, const DataTypes & arguments)
    {
        if (parameters.size() != 1 || !parameters[0].is<std::string>())
            throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH, "Aggregate function {} requires exactly one parameter, the pattern", name);
        if (arguments.size() < 3)
            throw Exception(ErrorCode::TOO_FEW_ARGUMENTS_FOR_FUNCTION, "Aggregate function {} requires at least 3 arguments.", name);
        if (arguments.size() > event_kinds_max + 1)
            throw Exception(ErrorCode::TOO_MANY_ARGUMENTS_FOR_FUNCTION, "Aggregate function {} supports up to {} event arguments.", name, event_kinds_max);
        expectConditions(name, arguments, 1);
        return std::make_shared<AggregateSequence>(name, parameters, arguments,
            Pattern(parameters[0].get<std::string>(), arguments.size() - 1), counts);
    };
}

}

void registerSequenceMatch(FunctionRegistry & registry)
{
    registry.addAggregate("sequenceMatch", sequenceMaker(false));
    registry.addAggregate("sequenceCount", sequenceMaker(true));
}

}
