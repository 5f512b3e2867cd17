#pragma once

// The output formats of the generator. A writer takes spans one by one and appends blocks or rows to a buffer that the
// caller empties whenever it likes; endBlock() closes what was added so far (only Native has blocks). Not thread-safe.

#include "Attributes.h"

#include <memory>
#include <string>

namespace mangrove::bench
{

class RowWriter
{
public:
    virtual ~RowWriter() = default;
    virtual void add(const Span & span, std::span<const Attributes::Pair> attributes) = 0;
    virtual void endBlock(std::string & out) = 0;
};

/// `format` is Native, RowBinary or JSONEachRow; throws std::invalid_argument for any other.
std::unique_ptr<RowWriter> makeRowWriter(const std::string & format, const World & world, bool with_attributes);

}
