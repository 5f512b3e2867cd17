#include "server/otlp/SpanColumns.h"

#include "columns/ColumnArray.h"
#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnMap.h"
#include "columns/ColumnString.h"
#include "columns/ColumnVector.h"
#include "server/otlp/attributeText.h"
#include "server/otlp/trace.pb.h"
#include "types/DataTypes.h"

#include <limits>

namespace mangrove
{

namespace
{

constexpr uint64_t time_ns_max = 4'291'747'200ULL * 1'000'000'000; /// 2106-01-01

const char * kindName(int kind)
{
    static constexpr const char * names[] = {"Unspecified", "Internal", "Server", "Client", "Producer", "Consumer"};
    return kind >= 0 && kind <= 5 ? names[kind] : names[0];
}

const char * statusName(int code)
{
    static constexpr const char * names[] = {"Unset", "Ok", "Error"};
    return code >= 0 && code <= 2 ? names[code] : names[0];
}

void appendHex(std::string_view bytes, ColumnString & column)
{
    static constexpr char digits[] = "0123456789abcdef";
    char text[32];
    for (size_t i = 0; i < bytes.size(); ++i)
    {
        text[2 * i] = digits[static_cast<uint8_t>(bytes[i]) >> 4];
        text[2 * i + 1] = digits[static_cast<uint8_t>(bytes[i]) & 15];
    }
    column.append({text, 2 * bytes.size()});
}

bool isId(std::string_view bytes, size_t length)
{
    return bytes.size() == length && bytes.find_first_not_of('\0') != std::string_view::npos;
}

class LowCardinalityStrings
{
public:
    LowCardinalityStrings() : column_(std::make_shared<ColumnLowCardinality>(ColumnString())) { }
    void append(std::string_view value)
    {
        // Neighbouring spans often share the value.
        if (!has_last_ || value != last_)
        {
            last_code_ = column_->codeOf(value);
            last_ = value;
            has_last_ = true;
        }
        column_->appendCode(last_code_);
    }
    ColumnPtr take() { return column_; }

private:
    std::shared_ptr<ColumnLowCardinality> column_;
    std::string last_;
    uint32_t last_code_ = 0;
    bool has_last_ = false;
};

/// attributes and attribute_types side by side.
class AttributeColumns
{
public:
    template <typename Pairs>
    void append(const Pairs & pairs)
    {
        for (const auto & pair : pairs)
        {
            keys_.append(pair.key());
            text_.clear();
            appendAttributeText(pair.value(), text_);
            values_->append(text_);
            int type = attributeType(pair.value());
            if (type != 1)
            {
                type_keys_.append(pair.key());
                types_->data().push_back(static_cast<int8_t>(type));
            }
        }
        offsets_->data().push_back(values_->size());
        type_offsets_->data().push_back(types_->size());
    }
    ColumnPtr takeValues() { return ColumnMap::create(keys_.take(), values_, offsets_); }
    ColumnPtr takeTypes() { return ColumnMap::create(type_keys_.take(), types_, type_offsets_); }

private:
    LowCardinalityStrings keys_, type_keys_;
    std::shared_ptr<ColumnString> values_ = ColumnString::create();
    std::shared_ptr<ColumnInt8> types_ = ColumnInt8::create();
    std::shared_ptr<ColumnUInt64> offsets_ = ColumnUInt64::create(), type_offsets_ = ColumnUInt64::create();
    std::string text_;
};

class SpanColumns
{
public:
    void append(const otlp::Span & span, const otlp::ResourceSpans & resource, const otlp::InstrumentationScope & scope, std::string_view tenant, std::string_view service_name)
    {
        appendHex(span.trace_id(), *trace_id);
        appendHex(span.span_id(), *span_id);
        appendHex(isId(span.parent_span_id(), 8) ? std::string_view(span.parent_span_id()) : std::string_view(), *parent_span_id);
        trace_state->append(span.trace_state());
        flags->data().push_back(span.flags());
        tenants.append(tenant);
        service.append(service_name);
        name.append(span.name());
        kind.append(kindName(span.kind()));
        start->data().push_back(static_cast<int64_t>(span.start_time_unix_nano()));
        bool backwards = span.end_time_unix_nano() < span.start_time_unix_nano();
        duration->data().push_back(backwards ? 0 : span.end_time_unix_nano() - span.start_time_unix_nano());
        status.append(statusName(span.status().code()));
        status_message->append(span.status().message());
        attributes.append(span.attributes());
        resource_attributes.append(resource.resource().attributes());
        scope_name.append(scope.name());
        scope_version.append(scope.version());
        scope_attributes.append(scope.attributes());
        for (const auto & event : span.events())
        {
            event_time->data().push_back(static_cast<int64_t>(std::min<uint64_t>(event.time_unix_nano(), std::numeric_limits<int64_t>::max())));
            event_name.append(event.name());
            event_attributes.append(event.attributes());
            event_dropped->data().push_back(event.dropped_attributes_count());
        }
        event_offsets->data().push_back(event_time->size());
        for (const auto & link : span.links())
        {
            appendHex(isId(link.trace_id(), 16) ? std::string_view(link.trace_id()) : std::string_view(), *link_trace_id);
            appendHex(isId(link.span_id(), 8) ? std::string_view(link.span_id()) : std::string_view(), *link_span_id);
            link_trace_state->append(link.trace_state());
            link_flags->data().push_back(link.flags());
            link_attributes.append(link.attributes());
            link_dropped->data().push_back(link.dropped_attributes_count());
        }
        link_offsets->data().push_back(link_flags->size());
        dropped_attributes->data().push_back(span.dropped_attributes_count());
        dropped_events->data().push_back(span.dropped_events_count());
        dropped_links->data().push_back(span.dropped_links_count());
    }

    Block take()
    {
        auto text = makeType(TypeId::String), number = makeType(TypeId::UInt32);
        auto low = parseDataType("LowCardinality(String)");
        auto time = parseDataType("DateTime64(9, 'UTC')");
        auto map = parseDataType("Map(LowCardinality(String), String)");
        auto types = parseDataType(
            "Map(LowCardinality(String), Enum8('empty' = 0, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7))");
        Block block;
        auto add = [&](const char * column_name, ColumnPtr column, const DataTypePtr & type) { block.add({std::move(column), type, column_name}); };
        auto addArray = [&](const char * column_name, ColumnPtr column, const ColumnPtr & offsets, const DataTypePtr & type)
        { block.add({ColumnArray::create(std::move(column), offsets), std::make_shared<DataTypeArray>(type), column_name}); };
        add("trace_id", trace_id, text);
        add("span_id", span_id, text);
        add("parent_span_id", parent_span_id, text);
        add("trace_state", trace_state, text);
        add("flags", flags, number);
        add("tenant", tenants.take(), low);
        add("service", service.take(), low);
        add("name", name.take(), low);
        add("kind", kind.take(), low);
        add("startTime", start, time);
        add("duration", duration, makeType(TypeId::UInt64));
        add("status", status.take(), low);
        add("status_message", status_message, text);
        add("attributes", attributes.takeValues(), map);
        add("attribute_types", attributes.takeTypes(), types);
        add("resource_attributes", resource_attributes.takeValues(), map);
        add("resource_attribute_types", resource_attributes.takeTypes(), types);
        add("scope_name", scope_name.take(), low);
        add("scope_version", scope_version.take(), low);
        add("scope_attributes", scope_attributes.takeValues(), map);
        addArray("events.time", event_time, event_offsets, time);
        addArray("events.name", event_name.take(), event_offsets, low);
        addArray("events.attributes", event_attributes.takeValues(), event_offsets, map);
        addArray("events.attribute_types", event_attributes.takeTypes(), event_offsets, types);
        addArray("events.dropped_attributes_count", event_dropped, event_offsets, number);
        addArray("links.trace_id", link_trace_id, link_offsets, text);
        addArray("links.span_id", link_span_id, link_offsets, text);
        addArray("links.trace_state", link_trace_state, link_offsets, text);
        addArray("links.flags", link_flags, link_offsets, number);
        addArray("links.attributes", link_attributes.takeValues(), link_offsets, map);
        addArray("links.attribute_types", link_attributes.takeTypes(), link_offsets, types);
        addArray("links.dropped_attributes_count", link_dropped, link_offsets, number);
        add("dropped_attributes_count", dropped_attributes, number);
        add("dropped_events_count", dropped_events, number);
        add("dropped_links_count", dropped_links, number);
        return block;
    }

private:
    using Strings = std::shared_ptr<ColumnString>;
    using Numbers = std::shared_ptr<ColumnUInt32>;
    using Times = std::shared_ptr<ColumnInt64>;
    Strings trace_id = ColumnString::create(), span_id = ColumnString::create(), parent_span_id = ColumnString::create();
    Strings trace_state = ColumnString::create(), status_message = ColumnString::create();
    Numbers flags = ColumnUInt32::create();
    LowCardinalityStrings tenants, service, name, kind, status, scope_name, scope_version;
    Times start = ColumnInt64::create();
    std::shared_ptr<ColumnUInt64> duration = ColumnUInt64::create();
    AttributeColumns attributes, resource_attributes, scope_attributes;
    Times event_time = ColumnInt64::create();
    LowCardinalityStrings event_name;
    AttributeColumns event_attributes;
    Numbers event_dropped = ColumnUInt32::create();
    std::shared_ptr<ColumnUInt64> event_offsets = ColumnUInt64::create(), link_offsets = ColumnUInt64::create();
    Strings link_trace_id = ColumnString::create(), link_span_id = ColumnString::create(), link_trace_state = ColumnString::create();
    Numbers link_flags = ColumnUInt32::create(), link_dropped = ColumnUInt32::create();
    AttributeColumns link_attributes;
    Numbers dropped_attributes = ColumnUInt32::create(), dropped_events = ColumnUInt32::create(), dropped_links = ColumnUInt32::create();
};

std::string whyRejected(const otlp::Span & span)
{
    if (!isId(span.trace_id(), 16))
        return fmt::format("trace_id must be 16 bytes, not all zero; it has {} bytes", span.trace_id().size());
    if (!isId(span.span_id(), 8))
        return fmt::format("span_id must be 8 bytes, not all zero; it has {} bytes", span.span_id().size());
    if (span.start_time_unix_nano() >= time_ns_max)
        return "start_time_unix_nano must be before the year 2106";
    return "";
}

}

Block makeSpanBlock(const otlp::ExportTraceServiceRequest & request, const std::string & tenant, RejectedSpans & rejected)
{
    static const otlp::InstrumentationScope no_scope;
    SpanColumns columns;
    for (const auto & resource : request.resource_spans())
    {
        std::string service = "unknown_service";
        for (const auto & attribute : resource.resource().attributes())
            if (attribute.key() == "service.name")
            {
                std::string text;
                appendAttributeText(attribute.value(), text);
                if (!text.empty())
                    service = text;
            }
        for (const auto & scope : resource.scope_spans())
            for (const auto & span : scope.spans())
            {
                if (auto reason = whyRejected(span); !reason.empty())
                {
                    if (rejected.count++ == 0)
                        rejected.first_reason = reason;
                    continue;
                }
                columns.append(span, resource, scope.has_scope() ? scope.scope() : no_scope, tenant, service);
            }
    }
    return columns.take();
}

}
