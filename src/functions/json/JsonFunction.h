#pragma once
// What the functions of JSON text and a path in it have in common: the types of their arguments, NULLs, parsing, the
// path. A JsonFunction says what its result is and how to append it. Text that is not JSON, or has no element at the
// path, gives the default of the result's type. Immutable after registration, so the lambdas must be thread-safe.

#include "functions/json/JsonPath.h"

namespace mangrove
{

struct JsonFunction
{
    /// Appends the answer for one row and returns true, or leaves the column as it was and returns false.
    using Append = std::function<bool(Column & to, const JsonPath::Target & target)>;

    const char * name;
    /// The result without NULLs. `type` is what the last argument names, if type_argument.
    std::function<DataTypePtr(const DataTypePtr & type)> result;
    /// Made for each block; throws for a result that it cannot make.
    std::function<Append(const DataTypePtr & result)> append;
    bool type_argument = false;
    bool path = true;
};

void addJsonFunction(FunctionRegistry & registry, JsonFunction function);

}
