// formatReadableSize, formatReadableDecimalSize, formatReadableQuantity, formatReadableTimeDelta.

#include "functions/scalar/registerScalar.h"
#include "functions/strings/mapStrings.h"

namespace mangrove
{

namespace
{

template <size_t N>
std::string scaled(double x, double base, const char * const (&units)[N], const char * between)
{
    size_t unit = 0;
    while (unit + 1 < N && std::abs(x) >= base)
    {
        x /= base;
        ++unit;
    }
    // Half a hundredth, exactly, goes up (ClickHouse); printing rounds it to even.
    double tie = std::floor(std::abs(x) * 100) + 0.5;
    if (std::fma(std::abs(x), 100.0, -tie) == 0)
        x = std::copysign((tie + 0.5) / 100, x);
    return fmt::format("{:.2f}{}{}", x, *units[unit] ? between : "", units[unit]);
}

constexpr const char * binary_units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"};
constexpr const char * decimal_units[] = {"B", "KB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"};
constexpr const char * quantity_units[] = {"", "thousand", "million", "billion", "trillion", "quadrillion",
    "quintillion", "sextillion", "septillion"};

/// Seconds as "1 hour, 1 minute and 1 second".
std::string timeDelta(double seconds)
{
    if (!std::isfinite(seconds))
        return std::isnan(seconds) ? "nan" : seconds < 0 ? "-inf" : "inf";
    static constexpr std::pair<const char *,
        int64_t> units[] = {{"year", 31536000}, {"month", 2635200}, {"day", 86400}, {"hour", 3600}, {"minute", 60},
            {"second", 1}};
    if (std::abs(seconds) >= 9e18)
        throw Exception(ErrorCode::BAD_ARGUMENTS, "formatReadableTimeDelta: {} seconds are too many", seconds);
    auto rest = static_cast<int64_t>(std::abs(seconds));
    std::vector<std::string> parts;
    for (const auto & [name, length] : units)
    {
        int64_t count = rest / length;
        rest %= length;
        if (count)
            parts.push_back(fmt::format("{} {}{}", count, name, count == 1 ? "" : "s"));
    }
    if (parts.empty())
        return "0 seconds";
    std::string text = seconds < 0 ? "-" : "";
    for (size_t i = 0; i < parts.size(); ++i)
        text += (i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ") + parts[i];
    return text;
}

FunctionSpec readableSpec(const char * name, std::string (*format)(double))
{
    return {
        .name = name, .arguments_min = 1, .arguments_max = 1,
        .return_type = [name](const Arguments & arguments)
        {
            expectNumber(name, arguments, 0);
            return makeType(TypeId::String);
        },
        .execute = [format](const Arguments & arguments, const DataTypePtr &, size_t rows)
        {
            NumberArgument<double> x(*arguments[0].column);
            return buildStrings(rows, [&](size_t i, PodVector<char> & out) { append(out, format(x[i])); });
        }};
}

}

void registerReadable(FunctionRegistry & registry)
{
    addFunction(registry, readableSpec("formatReadableSize",
        [](double x) { return scaled(x, 1024, binary_units, " "); }));
    registry.addAlias("FORMAT_BYTES", "formatReadableSize", true);
    addFunction(registry, readableSpec("formatReadableDecimalSize",
        [](double x) { return scaled(x, 1000, decimal_units, " "); }));
    addFunction(registry, readableSpec("formatReadableQuantity",
        [](double x) { return scaled(x, 1000, quantity_units, " "); }));
    addFunction(registry, readableSpec("formatReadableTimeDelta", timeDelta));
}

}
