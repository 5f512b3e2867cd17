#include "functions/json/JsonPath.h"

#include "types/serialization/NumberText.h"
#include "types/serialization/StringText.h"

namespace mangrove
{

using simdjson::dom::element_type;

namespace
{

/// The position from 0 that an index means; ClickHouse keeps 32 bits of it.
std::optional<size_t> positionOf(int64_t argument, size_t size)
{
    int64_t index = static_cast<int32_t>(argument);
    int64_t position = index >= 0 ? index - 1 : index + static_cast<int64_t>(size);
    if (position < 0 || position >= static_cast<int64_t>(size))
        return std::nullopt;
    return static_cast<size_t>(position);
}

template <typename Container>
auto elementAt(const Container & container, size_t position)
{
    auto it = container.begin();
    for (size_t i = 0; i < position; ++i)
        ++it;
    return it;
}

std::optional<JsonPath::Target> stepByIndex(const JsonElement & element, int64_t index)
{
    simdjson::dom::array array;
    if (element.get(array) == simdjson::SUCCESS)
    {
        auto position = positionOf(index, jsonSize(array));
        if (!position)
            return std::nullopt;
        return JsonPath::Target{*elementAt(array, *position), {}};
    }
    simdjson::dom::object object;
    if (element.get(object) != simdjson::SUCCESS)
        return std::nullopt;
    auto position = positionOf(index, jsonSize(object));
    if (!position)
        return std::nullopt;
    auto field = elementAt(object, *position);
    return JsonPath::Target{field.value(), field.key()};
}

std::optional<JsonPath::Target> stepByKey(const JsonElement & element, std::string_view key)
{
    simdjson::dom::object object;
    JsonElement value;
    if (element.get(object) != simdjson::SUCCESS || object.at_key(key).get(value) != simdjson::SUCCESS)
        return std::nullopt;
    return JsonPath::Target{value, key};
}

}

void JsonPath::check(std::string_view function, const Arguments & arguments, size_t end)
{
    for (size_t i = 1; i < end; ++i)
    {
        const DataType & type = *removeLowCardinalityAndNullable(arguments[i].type);
        bool index = (type.isInteger() && type.id() != TypeId::UInt128) || type.id() == TypeId::Bool;
        if (!type.isString() && !index)
            throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT,
                "The argument {} of function {} should be a string specifying key or an integer specifying index, "
                "illegal type: {}", i + 1, function, type.name());
    }
}

JsonPath::JsonPath(const Arguments & arguments, size_t end)
{
    for (size_t i = 1; i < end; ++i)
    {
        if (arguments[i].type->isString())
            steps_.emplace_back(StringArgument(*arguments[i].column));
        else
            steps_.emplace_back(std::make_unique<const NumberArgument<int64_t>>(*arguments[i].column));
    }
}

std::optional<JsonPath::Target> JsonPath::follow(JsonElement root, size_t row) const
{
    std::optional<Target> target = Target{root, {}};
    for (const auto & step : steps_)
    {
        if (auto * key = std::get_if<StringArgument>(&step))
            target = stepByKey(target->element, key->at(row));
        else
            target = stepByIndex(target->element, (*std::get<Index>(step))[row]);
        if (!target)
            return target;
    }
    return target;
}

void writeJsonElement(const JsonElement & element, WriteBuffer & out)
{
    // value_unsafe(): the switch has just seen the type.
    switch (element.type())
    {
        case element_type::INT64: return writeIntText(element.get_int64().value_unsafe(), out);
        case element_type::UINT64: return writeIntText(element.get_uint64().value_unsafe(), out);
        case element_type::DOUBLE: return writeFloatText(element.get_double().value_unsafe(), out);
        case element_type::STRING: return writeJsonString(element.get_string().value_unsafe(), out, false);
        case element_type::BOOL: return out.write(element.get_bool().value_unsafe() ? "true" : "false");
        case element_type::NULL_VALUE: return out.write("null");
        case element_type::ARRAY:
        {
            char separator = '[';
            for (JsonElement item : element.get_array().value_unsafe())
            {
                out.writeByte(separator);
                writeJsonElement(item, out);
                separator = ',';
            }
            return out.write(separator == '[' ? "[]" : "]");
        }
        case element_type::OBJECT:
        {
            char separator = '{';
            for (simdjson::dom::key_value_pair field : element.get_object().value_unsafe())
            {
                out.writeByte(separator);
                writeJsonString(field.key, out, false);
                out.writeByte(':');
                writeJsonElement(field.value, out);
                separator = ',';
            }
            return out.write(separator == '{' ? "{}" : "}");
        }
    }
}

}
