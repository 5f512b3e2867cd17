#pragma once
// The one exception of the project: a ClickHouse error code and a message that says what, where and what to
// do. It ends the request; it is caught at three boundaries only: a server handler, a background loop, a
// thread join. CHECK is an invariant: always on, throws LOGICAL_ERROR (aborts in sanitizer builds).

#include "base/ErrorCodes.h"

#include <exception>
#include <string>

#include <fmt/format.h>

namespace mangrove
{

class Exception : public std::exception
{
public:
    Exception(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) { count(code); }

    template <typename... Args>
    Exception(ErrorCode code, fmt::format_string<Args...> format, Args &&... args)
        requires(sizeof...(Args) > 0)
        : Exception(code, fmt::format(format, std::forward<Args>(args)...))
    {
    }

    ErrorCode code() const { return code_; }
    const std::string & message() const { return message_; }
    const char * what() const noexcept override { return message_.c_str(); }

    /// Adds "…: while doing X" as the exception travels up.
    void addContext(const std::string & context) { message_ += ": " + context; }

    /// How often `code` was thrown in this process (system.errors).
    static uint64_t thrownCount(ErrorCode code);

private:
    static void count(ErrorCode code);

    ErrorCode code_;
    std::string message_;
};

[[noreturn]] void failCheck(const char * condition, const char * file, int line, const std::string & details);

}

/// CHECK(rows == expected, "part {} has {} rows", name, rows)
#define CHECK(condition, ...) \
    do \
    { \
        if (!(condition)) [[unlikely]] \
            ::mangrove::failCheck(#condition, __FILE__, __LINE__, ::fmt::format("" __VA_ARGS__)); \
    } while (false)

#ifdef NDEBUG
#define DCHECK(condition, ...) \
    do \
    { \
    } while (false)
#else
#define DCHECK CHECK
#endif
