// JSONHas, JSONLength, JSONType, JSONKey, JSONExtract…, and isValidJSON, which has no path.

#include "columns/ColumnArray.h"
#include "columns/ColumnTuple.h"
#include "functions/json/JsonExtractor.h"
#include "functions/json/JsonFunction.h"
#include "functions/json/registerJson.h"

namespace mangrove
{

namespace
{

using Append = JsonFunction::Append;

auto always(DataTypePtr type)
{
    return [type](const DataTypePtr &) { return type; };
}

DataTypePtr arrayOf(DataTypePtr element)
{
    return std::make_shared<DataTypeArray>(element);
}

DataTypePtr arrayOfPairs(const DataTypePtr & value)
{
    return arrayOf(std::make_shared<DataTypeTuple>(DataTypes{makeType(TypeId::String), value}));
}

/// Functions of a fixed type that write numbers: answer(target) is one, or nothing.
template <typename T, typename F>
void addNumberFunction(FunctionRegistry & registry, const char * name, const DataTypePtr & type, F answer, bool path = true)
{
    addJsonFunction(registry, {
        .name = name, .result = always(type),
        .append = [answer](const DataTypePtr &) -> Append
        {
            return [answer](Column & to, const JsonPath::Target & target)
            {
                std::optional<T> value = answer(target);
                if (value)
                    static_cast<ColumnVector<T> &>(to).data().push_back(*value);
                return value.has_value();
            };
        },
        .path = path});
}

void addExtract(FunctionRegistry & registry, const char * name, TypeId type)
{
    addJsonFunction(registry, {
        .name = name, .result = always(makeType(type)),
        .append = [name](const DataTypePtr & result) -> Append
        {
            std::shared_ptr<const JsonExtractor> extractor = makeJsonExtractor(result, name, JsonBools::Refused);
            return [extractor](Column & to, const JsonPath::Target & target) { return extractor->extract(to, target.element); };
        }});
}

void appendRaw(Column & to, const JsonElement & element)
{
    WriteBuffer out;
    writeJsonElement(element, out);
    static_cast<ColumnString &>(to).append(out.str());
}

/// JSONExtractKeys…: each(elements, field) appends what it makes of one field of an object, or nothing.
template <typename F>
Append fromFields(F each)
{
    return [each](Column & to, const JsonPath::Target & target)
    {
        simdjson::dom::object fields;
        if (target.element.get(fields) != simdjson::SUCCESS)
            return false;
        auto & array = static_cast<ColumnArray &>(to);
        for (simdjson::dom::key_value_pair field : fields)
            each(array.dataMutable(), field);
        array.offsetsMutable().push_back(array.data().size());
        return true;
    };
}

std::optional<uint64_t> lengthOf(const JsonPath::Target & target)
{
    simdjson::dom::array array;
    simdjson::dom::object object;
    if (target.element.get(array) == simdjson::SUCCESS)
        return jsonSize(array);
    if (target.element.get(object) == simdjson::SUCCESS)
        return jsonSize(object);
    return std::nullopt;
}

std::optional<uint8_t> truthOf(const JsonPath::Target & target)
{
    bool truth = false;
    int64_t integer = 0;
    if (target.element.get(truth) == simdjson::SUCCESS)
        return truth;
    if (target.element.get(integer) == simdjson::SUCCESS)
        return integer != 0;
    return target.element.is_uint64(); // above the range of int64_t
}

std::optional<int8_t> typeOf(const JsonPath::Target & target)
{
    using simdjson::dom::element_type;
    switch (target.element.type())
    {
        case element_type::ARRAY: return '[';
        case element_type::OBJECT: return '{';
        case element_type::STRING: return '"';
        case element_type::INT64: return 'i';
        case element_type::UINT64: return 'u';
        case element_type::DOUBLE: return 'd';
        case element_type::BOOL: return 'b';
        case element_type::NULL_VALUE: return 0;
    }
    return std::nullopt;
}

void registerJsonArrays(FunctionRegistry & registry)
{
    const DataTypePtr string = makeType(TypeId::String);
    addJsonFunction(registry, {
        .name = "JSONExtractArrayRaw", .result = always(arrayOf(string)),
        .append = [](const DataTypePtr &) -> Append
        {
            return [](Column & to, const JsonPath::Target & target)
            {
                simdjson::dom::array items;
                if (target.element.get(items) != simdjson::SUCCESS)
                    return false;
                auto & array = static_cast<ColumnArray &>(to);
                for (JsonElement item : items)
                    appendRaw(array.dataMutable(), item);
                array.offsetsMutable().push_back(array.data().size());
                return true;
            };
        }});
    addJsonFunction(registry, {
        .name = "JSONExtractKeys", .result = always(arrayOf(string)),
        .append = [](const DataTypePtr &)
        {
            return fromFields([](Column & keys, const simdjson::dom::key_value_pair & field)
                { static_cast<ColumnString &>(keys).append(field.key); });
        }});
    addJsonFunction(registry, {
        .name = "JSONExtractKeysAndValuesRaw", .result = always(arrayOfPairs(string)),
        .append = [](const DataTypePtr &)
        {
            return fromFields([](Column & pairs, const simdjson::dom::key_value_pair & field)
            {
                auto & tuple = static_cast<ColumnTuple &>(pairs);
                static_cast<ColumnString &>(tuple.elementMutable(0)).append(field.key);
                appendRaw(tuple.elementMutable(1), field.value);
            });
        }});
    addJsonFunction(registry, {
        .name = "JSONExtractKeysAndValues", .result = arrayOfPairs,
        .append = [](const DataTypePtr & result)
        {
            auto & pair = typeAs<DataTypeTuple>(*typeAs<DataTypeArray>(*result).element());
            std::shared_ptr<const JsonExtractor> extractor
                = makeJsonExtractor(pair.elements()[1], "JSONExtractKeysAndValues", JsonBools::AreNumbers);
            return fromFields([extractor](Column & pairs, const simdjson::dom::key_value_pair & field)
            {
                auto & tuple = static_cast<ColumnTuple &>(pairs);
                if (extractor->extract(tuple.elementMutable(1), field.value))
                    static_cast<ColumnString &>(tuple.elementMutable(0)).append(field.key);
            });
        },
        .type_argument = true});
}

}

void registerJsonPaths(FunctionRegistry & registry)
{
    using Target = JsonPath::Target;
    const DataTypePtr uint8 = makeType(TypeId::UInt8);
    const DataTypePtr types = std::make_shared<DataTypeEnum>(TypeId::Enum8, DataTypeEnum::Values{{"Null", 0}, {"String", '"'},
        {"Array", '['}, {"Bool", 'b'}, {"Double", 'd'}, {"Int64", 'i'}, {"UInt64", 'u'}, {"Object", '{'}});

    auto one = [](const Target &) -> std::optional<uint8_t> { return 1; };
    addNumberFunction<uint8_t>(registry, "JSONHas", uint8, one);
    addNumberFunction<uint8_t>(registry, "isValidJSON", uint8, one, false);
    addNumberFunction<uint64_t>(registry, "JSONLength", makeType(TypeId::UInt64), lengthOf);
    addNumberFunction<uint8_t>(registry, "JSONExtractBool", uint8, truthOf);
    addNumberFunction<int8_t>(registry, "JSONType", types, typeOf);
    addExtract(registry, "JSONExtractInt", TypeId::Int64);
    addExtract(registry, "JSONExtractUInt", TypeId::UInt64);
    addExtract(registry, "JSONExtractFloat", TypeId::Float64);
    addExtract(registry, "JSONExtractString", TypeId::String);
    addJsonFunction(registry, {
        .name = "JSONKey", .result = always(makeType(TypeId::String)),
        .append = [](const DataTypePtr &) -> Append
        {
            return [](Column & to, const Target & target)
            {
                static_cast<ColumnString &>(to).append(target.key);
                return true;
            };
        }});
    addJsonFunction(registry, {
        .name = "JSONExtractRaw", .result = always(makeType(TypeId::String)),
        .append = [](const DataTypePtr &) -> Append
        {
            return [](Column & to, const Target & target)
            {
                appendRaw(to, target.element);
                return true;
            };
        }});
    addJsonFunction(registry, {
        .name = "JSONExtract", .result = [](const DataTypePtr & type) { return type; },
        .append = [](const DataTypePtr & result) -> Append
        {
            std::shared_ptr<const JsonExtractor> extractor = makeJsonExtractor(result, "JSONExtract", JsonBools::AreNumbers);
            return [extractor](Column & to, const Target & target) { return extractor->extract(to, target.element); };
        },
        .type_argument = true});
    registerJsonArrays(registry);
}

}
