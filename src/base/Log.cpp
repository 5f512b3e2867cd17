#include "base/Log.h"

#include <atomic>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace mangrove
{

namespace
{

std::atomic<LogLevel> level_min{LogLevel::Info};

spdlog::logger & logger()
{
    static auto instance = []
    {
        auto created = std::make_shared<spdlog::logger>("mangrove", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        created->set_pattern("%Y-%m-%d %H:%M:%S.%e %l %v");
        created->set_level(spdlog::level::debug);
        return created;
    }();
    return *instance;
}

}

void setLogLevel(LogLevel level)
{
    level_min = level;
}

bool isLogged(LogLevel level)
{
    return level >= level_min.load(std::memory_order_relaxed);
}

void writeLog(LogLevel level, std::string_view component, std::string_view text) noexcept
{
    static constexpr spdlog::level::level_enum levels[] = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err};
    try
    {
        logger().log(levels[static_cast<int>(level)], "[{}] {}", component, text);
    }
    catch (...)
    {
        // A log line that cannot be written must not end a query.
    }
}

}
