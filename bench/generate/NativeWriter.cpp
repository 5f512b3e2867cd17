#include "NativeWriter.h"
#include "binary.h"

namespace mangrove::bench
{

namespace
{

void putHeader(std::string & out, std::string_view name, std::string_view type)
{
    putString(out, name);
    putString(out, type);
}

template <typename T>
void putIndexes(std::string & out, const std::vector<uint32_t> & indexes)
{
    for (const uint32_t index : indexes)
        put(out, static_cast<T>(index));
}

}

void NativeWriter::Dictionary::add(uint32_t number, std::string_view text)
{
    const auto [found, inserted] = codes.try_emplace(number, static_cast<uint32_t>(codes.size()));
    if (inserted)
        putString(texts, text);
    indexes.push_back(found->second);
}

void NativeWriter::Dictionary::write(std::string & out) const
{
    constexpr uint64_t SHARED_DICTIONARIES_WITH_ADDITIONAL_KEYS = 1;
    constexpr uint64_t HAS_ADDITIONAL_KEYS = 1 << 9;
    constexpr uint64_t NEED_UPDATE_DICTIONARY = 1 << 10;
    const uint64_t index_type = codes.size() <= 256 ? 0 : codes.size() <= 65536 ? 1 : 2;
    put(out, SHARED_DICTIONARIES_WITH_ADDITIONAL_KEYS);
    put(out, index_type | HAS_ADDITIONAL_KEYS | NEED_UPDATE_DICTIONARY);
    put(out, uint64_t{codes.size()});
    out += texts;
    put(out, uint64_t{indexes.size()});
    if (index_type == 0)
        putIndexes<uint8_t>(out, indexes);
    else if (index_type == 1)
        putIndexes<uint16_t>(out, indexes);
    else
        putIndexes<uint32_t>(out, indexes);
}

void NativeWriter::add(const Span & span, std::span<const Attributes::Pair> attributes)
{
    ++block_.rows;
    const Operation & operation = world_.operations[span.operation];
    put(block_.trace_id, span.trace_high);
    put(block_.trace_id, span.trace_low);
    put(block_.span_id, span.id);
    put(block_.parent_span_id, span.parent_id);
    block_.service.add(span.service, world_.services[span.service].name);
    block_.name.add(span.operation, operation.name);
    put(block_.kind, static_cast<uint8_t>(operation.kind));
    put(block_.status, span.status);
    put(block_.start_time, span.start_ns);
    put(block_.duration, span.duration_ns);
    put(block_.http_status, span.http_status);
    block_.host.add(span.host, world_.hosts[span.host]);
    if (!with_attributes_)
        return;
    block_.attribute_count += attributes.size();
    put(block_.attribute_offsets, block_.attribute_count);
    for (const auto & [key, value] : attributes)
    {
        putString(block_.attribute_keys, key);
        putString(block_.attribute_values, value);
    }
}

void NativeWriter::endBlock(std::string & out)
{
    if (block_.rows == 0)
        return;
    putVarUInt(out, with_attributes_ ? 12 : 11);
    putVarUInt(out, block_.rows);
    const auto plain = [&](std::string_view name, std::string_view type, const std::string & data)
    {
        putHeader(out, name, type);
        out += data;
    };
    const auto dictionary = [&](std::string_view name, const Dictionary & column)
    {
        putHeader(out, name, "LowCardinality(String)");
        column.write(out);
    };
    plain("trace_id", "FixedString(16)", block_.trace_id);
    plain("span_id", "UInt64", block_.span_id);
    plain("parent_span_id", "UInt64", block_.parent_span_id);
    dictionary("service", block_.service);
    dictionary("name", block_.name);
    plain("kind", "UInt8", block_.kind);
    plain("status", "UInt8", block_.status);
    plain("start_time", "DateTime64(9)", block_.start_time);
    plain("duration", "UInt64", block_.duration);
    plain("http_status", "UInt16", block_.http_status);
    dictionary("host", block_.host);
    if (with_attributes_)
    {
        putHeader(out, "attributes", "Map(String, String)");
        ((out += block_.attribute_offsets) += block_.attribute_keys) += block_.attribute_values;
    }
    block_ = {};
}

}
