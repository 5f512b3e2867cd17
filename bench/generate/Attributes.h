#pragma once

// The attributes of a generated span: about 6.3 of 25 keys, 91 bytes of keys and 117 of values, of which about 1.3
// values a span are nearly unique (paths with ids, addresses, message ids) as in recorded data. Drawn from the span's
// own id, so they need not be kept while a span is in flight. The views live until the next fill(). Not thread-safe.

#include "SpanSource.h"

#include <span>
#include <string_view>
#include <utility>

namespace mangrove::bench
{

class Attributes
{
public:
    using Pair = std::pair<std::string_view, std::string_view>;

    explicit Attributes(const World & world) : world_(world) { scratch_.reserve(SCRATCH_BYTES); }

    std::span<const Pair> fill(const Span & span);

private:
    /// Views point into scratch_, which must therefore never grow beyond what is reserved.
    static constexpr size_t SCRATCH_BYTES = 4096;

    void add(std::string_view key, std::string_view value) { pairs_.emplace_back(key, value); }
    void addHttpServer(const Span & span, const Operation & operation, Random & random);
    void addHttpClient(const Span & span, const Operation & operation, Random & random);
    void addDatabase(const Operation & operation, Random & random);
    void addMessage(const Operation & operation, Random & random);
    std::string_view keep(const std::string & text);

    const World & world_;
    std::vector<Pair> pairs_;
    std::string scratch_;
};

}
