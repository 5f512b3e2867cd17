#include "RowWriters.h"

#include "NativeWriter.h"
#include "binary.h"

#include <cstring>
#include <ctime>
#include <stdexcept>

namespace mangrove::bench
{

namespace
{

class RowBinaryWriter final : public RowWriter
{
public:
    RowBinaryWriter(const World & world, bool with_attributes) : world_(world), with_attributes_(with_attributes) {}

    void add(const Span & span, std::span<const Attributes::Pair> attributes) override
    {
        put(rows_, span.trace_high);
        put(rows_, span.trace_low);
        put(rows_, span.id);
        put(rows_, span.parent_id);
        putString(rows_, world_.services[span.service].name);
        putString(rows_, world_.operations[span.operation].name);
        put(rows_, static_cast<uint8_t>(world_.operations[span.operation].kind));
        put(rows_, span.status);
        put(rows_, span.start_ns);
        put(rows_, span.duration_ns);
        put(rows_, span.http_status);
        putString(rows_, world_.hosts[span.host]);
        if (!with_attributes_)
            return;
        putVarUInt(rows_, attributes.size());
        for (const auto & [key, value] : attributes)
        {
            putString(rows_, key);
            putString(rows_, value);
        }
    }

    void endBlock(std::string & out) override
    {
        out += rows_;
        rows_.clear();
    }

private:
    const World & world_;
    const bool with_attributes_;
    std::string rows_;
};

/// trace_id is 32 hex digits here: JSON text cannot carry 16 raw bytes.
class JSONEachRowWriter final : public RowWriter
{
public:
    JSONEachRowWriter(const World & world, bool with_attributes) : world_(world), with_attributes_(with_attributes) {}

    void add(const Span & span, std::span<const Attributes::Pair> attributes) override
    {
        char time[40];
        const std::time_t seconds = span.start_ns / 1'000'000'000;
        std::tm fields{};
        gmtime_r(&seconds, &fields);
        const size_t length = std::strftime(time, sizeof(time), "%Y-%m-%d %H:%M:%S", &fields);
        const auto fraction = static_cast<long long>(span.start_ns % 1'000'000'000);
        std::snprintf(time + length, sizeof(time) - length, ".%09lld", fraction);
        const Operation & operation = world_.operations[span.operation];

        rows_ += "{\"trace_id\":\"";
        putHex(span.trace_high);
        putHex(span.trace_low);
        rows_ += "\",\"span_id\":" + std::to_string(span.id);
        rows_ += ",\"parent_span_id\":" + std::to_string(span.parent_id);
        rows_ += ",\"service\":\"" + world_.services[span.service].name + "\",\"name\":\"" + operation.name;
        rows_ += "\",\"kind\":" + std::to_string(static_cast<int>(operation.kind));
        rows_ += ",\"status\":" + std::to_string(span.status) + ",\"start_time\":\"" + time;
        rows_ += "\",\"duration\":" + std::to_string(span.duration_ns);
        rows_ += ",\"http_status\":" + std::to_string(span.http_status);
        rows_ += ",\"host\":\"" + world_.hosts[span.host] + "\"";
        if (with_attributes_)
        {
            rows_ += ",\"attributes\":{";
            const char * separator = "\"";
            for (const auto & [key, value] : attributes)
            {
                rows_ += separator;
                (((rows_ += key) += "\":\"") += value) += '"'; // the generated text needs no escaping
                separator = ",\"";
            }
            rows_ += '}';
        }
        rows_ += "}\n";
    }

    void endBlock(std::string & out) override
    {
        out += rows_;
        rows_.clear();
    }

private:
    /// In the order of the bytes in memory, so that the text is hex() of the other formats' FixedString.
    void putHex(uint64_t value)
    {
        for (size_t byte = 0; byte < 8; ++byte, value >>= 8)
        {
            rows_ += "0123456789ABCDEF"[(value >> 4) & 15];
            rows_ += "0123456789ABCDEF"[value & 15];
        }
    }

    const World & world_;
    const bool with_attributes_;
    std::string rows_;
};

}

std::unique_ptr<RowWriter> makeRowWriter(const std::string & format, const World & world, bool with_attributes)
{
    if (format == "Native")
        return std::make_unique<NativeWriter>(world, with_attributes);
    if (format == "RowBinary")
        return std::make_unique<RowBinaryWriter>(world, with_attributes);
    if (format == "JSONEachRow")
        return std::make_unique<JSONEachRowWriter>(world, with_attributes);
    throw std::invalid_argument("format must be Native, RowBinary or JSONEachRow, not " + format);
}

}
