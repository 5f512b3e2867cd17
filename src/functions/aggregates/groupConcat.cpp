// groupConcat('delimiter'[, limit])(x): the texts of the values of a group, one after the other. The analyzer makes
// groupConcat(x, 'delimiter') this.

#include "columns/ColumnString.h"
#include "functions/aggregates/AggregateBase.h"
#include "functions/aggregates/registerCollections.h"
#include "functions/cast/Cast.h"
#include "types/Serialization.h"

namespace mangrove
{

namespace
{

struct Texts
{
    std::string joined;
    std::vector<uint64_t> ends; /// of each text, for the limit
};

class AggregateGroupConcat final : public AggregateBase<Texts, AggregateGroupConcat>
{
public:
    AggregateGroupConcat(std::string name, std::vector<Field> parameters, DataTypes arguments, std::string delimiter, uint64_t limit)
        : AggregateBase(std::move(name), std::move(parameters), arguments, makeType(TypeId::String))
        , serialization_(serializationOf(arguments[0])), delimiter_(std::move(delimiter)), limit_(limit)
    {
    }

    void addOne(Texts & data, AggregateArguments arguments, size_t row) const
    {
        const DataType & type = *arguments_[0];
        if (type.isString())
            return append(data, arguments[0]->stringAt(row));
        if (type.id() == TypeId::FixedString)
        {
            std::string_view text = arguments[0]->stringAt(row);
            size_t last = text.find_last_not_of('\0');
            return append(data, text.substr(0, last == std::string_view::npos ? 0 : last + 1));
        }
        WriteBuffer out;
        serialization_->writeRaw(*arguments[0], row, out, {});
        append(data, out.str());
    }
    void mergeData(Texts & to, const Texts & from) const
    {
        for (size_t i = 0; i < from.ends.size(); ++i)
            append(to, textAt(from, i));
    }
    void write(const Texts & data, WriteBuffer & out) const
    {
        out.writeVarUInt(data.ends.size());
        for (size_t i = 0; i < data.ends.size(); ++i)
            out.writeString(textAt(data, i));
    }
    void read(Texts & data, ReadBuffer & in) const
    {
        data = Texts{};
        size_t size = readStateSize(in);
        for (size_t i = 0; i < size; ++i)
            append(data, in.readString());
    }
    void result(Texts & data, Column & to) const { static_cast<ColumnString &>(to).append(data.joined); }

private:
    std::string_view textAt(const Texts & data, size_t i) const
    {
        const uint64_t before = i ? data.ends[i - 1] : 0;
        const uint64_t begin = before ? before + delimiter_.size() : 0;
        return std::string_view(data.joined).substr(begin, data.ends[i] - begin);
    }
    /// As in ClickHouse there is no delimiter before the first byte, be it of the first text or of a later one.
    void append(Texts & data, std::string_view text) const
    {
        if (data.ends.size() >= limit_)
            return;
        if (!data.joined.empty())
            data.joined += delimiter_;
        data.joined += text;
        data.ends.push_back(data.joined.size());
    }

    SerializationPtr serialization_;
    std::string delimiter_;
    uint64_t limit_;
};

}

void registerGroupConcat(FunctionRegistry & registry)
{
    registry.addAggregate("groupConcat", [](const std::string & name, const std::vector<Field> & parameters,
        const DataTypes & arguments)
    {
        expectArguments(name, arguments, 1);
        if (parameters.size() > 2)
            throw Exception(ErrorCode::TOO_MANY_ARGUMENTS_FOR_FUNCTION,
                "Incorrect number of parameters for aggregate function {}, should be 0, 1 or 2, got: {}", name, parameters.size());
        if (!parameters.empty() && !parameters[0].is<std::string>())
            throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "First parameter for aggregate function {} should be string", name);
        if (parameters.size() == 2 && (!parameters[1].is<uint64_t>() || parameters[1].get<uint64_t>() == 0))
            throw Exception(ErrorCode::BAD_ARGUMENTS, "Second parameter for aggregate function {} should be a positive number", name);
        return std::make_shared<AggregateGroupConcat>(name, parameters, arguments,
            parameters.empty() ? "" : parameters[0].get<std::string>(),
            parameters.size() == 2 ? parameters[1].get<uint64_t>() : ~0ULL);
    });
    registry.addAlias("group_concat", "groupConcat", true);
    registry.addAlias("string_agg", "groupConcat", true);
}

}
