#pragma once

// ClickHouse's Native format: per block the counts of columns and rows, per column name, type and data; LowCardinality
// columns carry a dictionary per block as ClickHouse's own clients send them. Layout as SerializationLowCardinality
// and SerializationMap of ClickHouse write it at revision 0. Not thread-safe.

#include "RowWriters.h"

#include <unordered_map>

namespace mangrove::bench
{

class NativeWriter final : public RowWriter
{
public:
    NativeWriter(const World & world, bool with_attributes) : world_(world), with_attributes_(with_attributes) {}

    void add(const Span & span, std::span<const Attributes::Pair> attributes) override;
    void endBlock(std::string & out) override;

private:
    /// One LowCardinality(String) column of the block under construction.
    struct Dictionary
    {
        std::unordered_map<uint32_t, uint32_t> codes; ///< number of the text in the World -> position in the dictionary
        std::string texts;
        std::vector<uint32_t> indexes;

        void add(uint32_t number, std::string_view text);
        void write(std::string & out) const;
    };

    /// The block under construction; replaced by an empty one when it is written.
    struct Columns
    {
        uint64_t rows = 0;
        std::string trace_id, span_id, parent_span_id, kind, status, start_time, duration, http_status;
        Dictionary service, name, host;
        std::string attribute_offsets, attribute_keys, attribute_values;
        uint64_t attribute_count = 0;
    };

    const World & world_;
    const bool with_attributes_;
    Columns block_;
};

}
