#include "ProgressLine.h"

#include <fmt/format.h>

#include <algorithm>

namespace mangrove
{

namespace
{

std::string scaled(double value, const char * const * units, size_t unit_count, const char * plain)
{
    size_t unit = 0;
    while (value >= 1000 && unit + 1 < unit_count)
    {
        value /= 1000;
        ++unit;
    }
    return unit == 0 ? fmt::format("{:.0f}{}", value, plain) : fmt::format("{:.2f} {}", value, units[unit]);
}

}

std::string readableNumber(double value)
{
    static constexpr const char * units[] = {"", "thousand", "million", "billion", "trillion"};
    return scaled(value, units, 5, "");
}

std::string readableBytes(double bytes)
{
    static constexpr const char * units[] = {"B", "KB", "MB", "GB", "TB", "PB"};
    return scaled(bytes, units, 6, " B");
}

void ProgressLine::draw(const QueryProgress & progress, double seconds)
{
    if (!enabled_)
        return;
    auto per_second = [&](uint64_t count) { return static_cast<double>(count) / std::max(seconds, 0.001); };
    auto line = fmt::format("Progress: {} rows, {} ({} rows/s., {}/s.)", readableNumber(static_cast<double>(progress.read_rows)),
        readableBytes(static_cast<double>(progress.read_bytes)), readableNumber(per_second(progress.read_rows)), readableBytes(per_second(progress.read_bytes)));
    if (progress.total_rows)
    {
        constexpr uint64_t width = 30;
        auto done = std::min(progress.read_rows, progress.total_rows);
        line += "  ";
        for (uint64_t i = 0; i < width; ++i)
            line += i * progress.total_rows < done * width ? "█" : "░";
        line += fmt::format(" {}%", 100 * done / progress.total_rows);
    }
    std::fprintf(stderr, "\r\033[K%s", line.c_str());
    std::fflush(stderr);
    drawn_ = true;
}

void ProgressLine::erase()
{
    if (drawn_)
        std::fputs("\r\033[K", stderr);
    drawn_ = false;
}

}
