#pragma once
// All functions by name. Filled once before main() work begins by registerFunctions() (one line per file), then
// read-only and thread-safe. Names are case-sensitive except those that ClickHouse takes in any case.

#include "functions/AggregateFunction.h"
#include "functions/Function.h"

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace mangrove
{

struct FunctionDescription
{
    std::string name;
    bool is_aggregate = false;
    bool case_insensitive = false;
    std::string alias_to;
};

class FunctionRegistry
{
public:
    static const FunctionRegistry & instance();

    /// UNKNOWN_FUNCTION (46), with similar names in the message.
    FunctionPtr get(std::string_view name) const;
    FunctionPtr tryGet(std::string_view name) const; /// null if unknown
    bool isAggregate(std::string_view name) const;   /// combinators included
    /// "quantileIf", parameters {0.9}, argument types. UNKNOWN_AGGREGATE_FUNCTION (63), ILLEGAL_TYPE_OF_ARGUMENT (43)…
    AggregateFunctionPtr getAggregate(std::string_view name, const std::vector<Field> & parameters,
        const DataTypes & arguments) const;

    std::vector<FunctionDescription> list() const; /// system.functions

    using Maker = std::function<FunctionPtr()>;
    using AggregateMaker = std::function<AggregateFunctionPtr(
        const std::string & name, const std::vector<Field> & parameters, const DataTypes & arguments)>;
    void add(std::string name, Maker maker, bool case_insensitive = false);
    void addAggregate(std::string name, AggregateMaker maker, bool case_insensitive = false);
    void addAlias(std::string alias, std::string name, bool case_insensitive = false);

private:
    FunctionRegistry();
    struct Tables;
    std::shared_ptr<Tables> tables_;
};

}
