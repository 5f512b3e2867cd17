#pragma once
// The way from the root of a JSON document to one of its elements: the arguments between the document and the type in
// JSONExtract(json, 'a', 1, 'Int64'). A string steps into an object, an integer into an array or object: from 1, or
// from the end if it is negative. Also the text of an element. Called by the JSON functions for each row; a JsonPath
// reads the columns of one block, which must outlive it. simdjson limits the depth of documents (1024), and so the
// recursion here.

#include "functions/FunctionSpec.h"
#include "io/WriteBuffer.h"

#include <simdjson.h>

#include <memory>
#include <optional>
#include <variant>

namespace mangrove
{

using JsonElement = simdjson::dom::element;

class JsonPath
{
public:
    /// ILLEGAL_TYPE_OF_ARGUMENT unless arguments [1, end) are strings and integers.
    static void check(std::string_view function, const Arguments & arguments, size_t end);

    JsonPath(const Arguments & arguments, size_t end);

    struct Target
    {
        JsonElement element;
        std::string_view key; /// of the last step; empty for the root and for elements of arrays
    };
    std::optional<Target> follow(JsonElement root, size_t row) const;

private:
    using Index = std::unique_ptr<const NumberArgument<int64_t>>;
    std::vector<std::variant<StringArgument, Index>> steps_;
};

/// Elements of an array or object. simdjson's own count ends at 2^24 - 1.
template <typename Container>
size_t jsonSize(const Container & container)
{
    constexpr size_t saturated = 0xFFFFFF;
    size_t size = container.size();
    if (size < saturated)
        return size;
    size = 0;
    for ([[maybe_unused]] auto item : container)
        ++size;
    return size;
}

/// JSON without blanks, numbers as this server prints them.
void writeJsonElement(const JsonElement & element, WriteBuffer & out);

}
