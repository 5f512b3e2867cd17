#pragma once
// Log lines to stderr: time, level, component, text (spdlog behind the .cpp). Thread-safe; never throws.

#include <string_view>

#include <fmt/core.h>

namespace mangrove
{

enum class LogLevel : int { Debug, Info, Warning, Error };

void setLogLevel(LogLevel level);
bool isLogged(LogLevel level);
void writeLog(LogLevel level, std::string_view component, std::string_view text) noexcept;

#define MANGROVE_LOG_FUNCTION(name, level) \
    template <typename... Args> \
    void name(std::string_view component, fmt::format_string<Args...> format, Args &&... args) \
    { \
        if (isLogged(level)) \
            writeLog(level, component, fmt::format(format, std::forward<Args>(args)...)); \
    }
MANGROVE_LOG_FUNCTION(logDebug, LogLevel::Debug)
MANGROVE_LOG_FUNCTION(logInfo, LogLevel::Info)
MANGROVE_LOG_FUNCTION(logWarning, LogLevel::Warning)
MANGROVE_LOG_FUNCTION(logError, LogLevel::Error)
#undef MANGROVE_LOG_FUNCTION

}
