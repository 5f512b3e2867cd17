#pragma once
// The line on stderr that moves while a statement runs, and the words for its end. Not thread-safe.

#include "NodeConnection.h"

#include <string>

namespace mangrove
{

class ProgressLine
{
public:
    explicit ProgressLine(bool enabled) : enabled_(enabled) { }
    bool enabled() const { return enabled_; }
    void draw(const QueryProgress & progress, double seconds);
    /// Before anything else is written to the terminal.
    void erase();

private:
    bool enabled_;
    bool drawn_ = false;
};

/// "8.19 thousand", "20.00 million".
std::string readableNumber(double value);
/// "1.50 MB": powers of 1000, as ClickHouse prints.
std::string readableBytes(double bytes);

}
