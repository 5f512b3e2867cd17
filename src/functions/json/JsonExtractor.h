#pragma once
// One JSON element into a column of a type: what JSONExtract() does. A tree as the type's, immutable and thread-safe;
// made per block by the JSON functions. As in ClickHouse: a string may hold a number, any element goes into a String
// as its text, an element that does not fit gives the default of its place, and a container none of whose elements
// fits is the default itself.

#include "functions/json/JsonPath.h"

namespace mangrove
{

class JsonExtractor
{
public:
    explicit JsonExtractor(DataTypePtr type) : type_(std::move(type)) { }
    virtual ~JsonExtractor() = default;

    /// Appends the value and returns true, or leaves the column as it was and returns false.
    virtual bool extract(Column & to, const JsonElement & element) const = 0;

    void appendDefault(Column & to) const
    {
        if (type_->isEnum())
            to.insert(type_->defaultValue()); // not always zero
        else
            to.insertDefault();
    }
    void extractOrDefault(Column & to, const JsonElement & element) const
    {
        if (!extract(to, element))
            appendDefault(to);
    }

protected:
    DataTypePtr type_;
};

using JsonExtractorPtr = std::unique_ptr<const JsonExtractor>;

/// What the functions that name a type in their own name take: JSONExtractInt() gives 0 for true, JSONExtract() 1.
enum class JsonBools : uint8_t
{
    Refused,
    AreNumbers,
};

/// ILLEGAL_TYPE_OF_ARGUMENT for types that cannot be extracted (Interval, AggregateFunction, maps with other keys).
JsonExtractorPtr makeJsonExtractor(const DataTypePtr & type, std::string_view function, JsonBools bools);
/// nullptr if the type is none of Array, Tuple, Map, Nullable, LowCardinality.
JsonExtractorPtr makeJsonContainerExtractor(const DataTypePtr & type, std::string_view function, JsonBools bools);

}
