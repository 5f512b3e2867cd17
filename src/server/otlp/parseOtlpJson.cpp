#include "server/otlp/parseOtlpJson.h"

#include "base/Exception.h"
#include "server/otlp/attributeText.h"
#include "server/otlp/trace.pb.h"

#include <absl/strings/escaping.h>
#include <simdjson.h>

#include <charconv>

namespace mangrove
{

namespace
{

using simdjson::dom::element;

[[noreturn]] void fail(std::string_view field, std::string_view expected)
{
    throw Exception(ErrorCode::INCORRECT_DATA, "OTLP JSON: field '{}' must be {}", field, expected);
}

std::string_view text(element value, std::string_view field)
{
    std::string_view result;
    if (value.get(result))
        fail(field, "a string");
    return result;
}

/// 64-bit numbers are strings in protobuf's JSON, but numbers are common too.
template <typename T>
T integer(element value, std::string_view field)
{
    if (value.is_string())
    {
        auto digits = text(value, field);
        T number{};
        auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (error != std::errc() || end != digits.data() + digits.size())
            fail(field, "an integer");
        return number;
    }
    if (uint64_t number; !value.get(number))
        return static_cast<T>(number);
    if (int64_t number; !value.get(number))
        return static_cast<T>(number);
    fail(field, "an integer");
}

std::string idBytes(element value, std::string_view field)
{
    auto hex = text(value, field);
    if (hex.size() % 2 || hex.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos)
        fail(field, "hexadecimal");
    return absl::HexStringToBytes(absl::string_view(hex.data(), hex.size()));
}

template <typename Each>
void forEach(element value, std::string_view field, Each && each)
{
    if (value.is_null())
        return;
    simdjson::dom::array array;
    if (value.get(array))
        fail(field, "an array");
    for (auto item : array)
        each(item);
}

template <typename Each>
void forFields(element value, std::string_view field, Each && each)
{
    if (value.is_null())
        return;
    simdjson::dom::object object;
    if (value.get(object))
        fail(field, "an object");
    for (auto [key, item] : object)
        if (!item.is_null())
            each(key, item);
}

void readKeyValue(element value, otlp::KeyValue & pair, int depth);

void readValue(element value, otlp::AnyValue & any, int depth)
{
    if (depth > attribute_depth_max)
        throw Exception(ErrorCode::INCORRECT_DATA, "OTLP JSON: attribute values are nested more than {} deep", attribute_depth_max);
    forFields(value, "value", [&](std::string_view key, element item)
    {
        if (key == "stringValue")
            any.set_string_value(std::string(text(item, key)));
        else if (key == "boolValue")
        {
            bool flag;
            if (item.get(flag))
                fail(key, "true or false");
            any.set_bool_value(flag);
        }
        else if (key == "intValue")
            any.set_int_value(integer<int64_t>(item, key));
        else if (key == "doubleValue")
        {
            double number;
            if (item.is_string())
            {
                auto special = text(item, key);
                number = special == "NaN" ? std::numeric_limits<double>::quiet_NaN()
                    : special == "Infinity" ? std::numeric_limits<double>::infinity()
                    : special == "-Infinity" ? -std::numeric_limits<double>::infinity()
                                             : std::strtod(std::string(special).c_str(), nullptr);
            }
            else if (item.get(number))
                fail(key, "a number");
            any.set_double_value(number);
        }
        else if (key == "bytesValue")
        {
            std::string bytes;
            if (!absl::Base64Unescape(std::string(text(item, key)), &bytes))
                fail(key, "base64");
            any.set_bytes_value(bytes);
        }
        else if (key == "arrayValue")
        {
            auto * array = any.mutable_array_value();
            forFields(item, key, [&](std::string_view inner, element values)
            {
                if (inner == "values")
                    forEach(values, inner, [&](element v) { readValue(v, *array->add_values(), depth + 1); });
            });
        }
        else if (key == "kvlistValue")
        {
            auto * list = any.mutable_kvlist_value();
            forFields(item, key, [&](std::string_view inner, element values)
            {
                if (inner == "values")
                    forEach(values, inner, [&](element v) { readKeyValue(v, *list->add_values(), depth + 1); });
            });
        }
    });
}

void readKeyValue(element value, otlp::KeyValue & pair, int depth)
{
    forFields(value, "attribute", [&](std::string_view key, element item)
    {
        if (key == "key")
            pair.set_key(std::string(text(item, key)));
        else if (key == "value")
            readValue(item, *pair.mutable_value(), depth);
    });
}

template <typename Message>
void readAttributes(element value, Message & message)
{
    forEach(value, "attributes", [&](element item) { readKeyValue(item, *message.add_attributes(), 0); });
}

void readEvent(element value, otlp::Event & event)
{
    forFields(value, "event", [&](std::string_view key, element item)
    {
        if (key == "timeUnixNano")
            event.set_time_unix_nano(integer<uint64_t>(item, key));
        else if (key == "name")
            event.set_name(std::string(text(item, key)));
        else if (key == "attributes")
            readAttributes(item, event);
        else if (key == "droppedAttributesCount")
            event.set_dropped_attributes_count(integer<uint32_t>(item, key));
    });
}

void readLink(element value, otlp::Link & link)
{
    forFields(value, "link", [&](std::string_view key, element item)
    {
        if (key == "traceId")
            link.set_trace_id(idBytes(item, key));
        else if (key == "spanId")
            link.set_span_id(idBytes(item, key));
        else if (key == "traceState")
            link.set_trace_state(std::string(text(item, key)));
        else if (key == "attributes")
            readAttributes(item, link);
        else if (key == "droppedAttributesCount")
            link.set_dropped_attributes_count(integer<uint32_t>(item, key));
        else if (key == "flags")
            link.set_flags(integer<uint32_t>(item, key));
    });
}

void readSpan(element value, otlp::Span & span)
{
    forFields(value, "span", [&](std::string_view key, element item)
    {
        if (key == "traceId")
            span.set_trace_id(idBytes(item, key));
        else if (key == "spanId")
            span.set_span_id(idBytes(item, key));
        else if (key == "parentSpanId")
            span.set_parent_span_id(idBytes(item, key));
        else if (key == "traceState")
            span.set_trace_state(std::string(text(item, key)));
        else if (key == "name")
            span.set_name(std::string(text(item, key)));
        else if (key == "kind")
            span.set_kind(integer<int32_t>(item, key));
        else if (key == "startTimeUnixNano")
            span.set_start_time_unix_nano(integer<uint64_t>(item, key));
        else if (key == "endTimeUnixNano")
            span.set_end_time_unix_nano(integer<uint64_t>(item, key));
        else if (key == "attributes")
            readAttributes(item, span);
        else if (key == "droppedAttributesCount")
            span.set_dropped_attributes_count(integer<uint32_t>(item, key));
        else if (key == "events")
            forEach(item, key, [&](element event) { readEvent(event, *span.add_events()); });
        else if (key == "droppedEventsCount")
            span.set_dropped_events_count(integer<uint32_t>(item, key));
        else if (key == "links")
            forEach(item, key, [&](element link) { readLink(link, *span.add_links()); });
        else if (key == "droppedLinksCount")
            span.set_dropped_links_count(integer<uint32_t>(item, key));
        else if (key == "flags")
            span.set_flags(integer<uint32_t>(item, key));
        else if (key == "status")
            forFields(item, key, [&](std::string_view inner, element status)
            {
                if (inner == "message")
                    span.mutable_status()->set_message(std::string(text(status, inner)));
                else if (inner == "code")
                    span.mutable_status()->set_code(integer<int32_t>(status, inner));
            });
    });
}

void readScopeSpans(element value, otlp::ScopeSpans & scope_spans)
{
    forFields(value, "scopeSpans", [&](std::string_view key, element item)
    {
        if (key == "spans")
            forEach(item, key, [&](element span) { readSpan(span, *scope_spans.add_spans()); });
        else if (key == "scope")
        {
            auto * scope = scope_spans.mutable_scope();
            forFields(item, key, [&](std::string_view inner, element field)
            {
                if (inner == "name")
                    scope->set_name(std::string(text(field, inner)));
                else if (inner == "version")
                    scope->set_version(std::string(text(field, inner)));
                else if (inner == "attributes")
                    readAttributes(field, *scope);
            });
        }
    });
}

}

void parseOtlpJson(std::string_view body, otlp::ExportTraceServiceRequest & request)
{
    simdjson::dom::parser parser;
    element root;
    if (auto error = parser.parse(body.data(), body.size()).get(root))
        throw Exception(ErrorCode::INCORRECT_DATA, "The body is not JSON: {}", simdjson::error_message(error));
    forFields(root, "body", [&](std::string_view key, element item)
    {
        if (key != "resourceSpans")
            return;
        forEach(item, key, [&](element value)
        {
            auto * resource_spans = request.add_resource_spans();
            forFields(value, "resourceSpans", [&](std::string_view inner, element field)
            {
                if (inner == "resource")
                    forFields(field, inner, [&](std::string_view name, element attributes)
                    {
                        if (name == "attributes")
                            readAttributes(attributes, *resource_spans->mutable_resource());
                    });
                else if (inner == "scopeSpans")
                    forEach(field, inner, [&](element scope) { readScopeSpans(scope, *resource_spans->add_scope_spans()); });
            });
        });
    });
}

}
