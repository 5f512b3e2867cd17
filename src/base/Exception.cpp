#include "base/Exception.h"

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace mangrove
{

namespace
{
constexpr size_t code_count_max = 10000;
std::array<std::atomic<uint64_t>, code_count_max> thrown{};
}

void Exception::count(ErrorCode code)
{
    if (auto index = static_cast<size_t>(code); index < code_count_max)
        thrown[index].fetch_add(1, std::memory_order_relaxed);
}

uint64_t Exception::thrownCount(ErrorCode code)
{
    auto index = static_cast<size_t>(code);
    return index < code_count_max ? thrown[index].load(std::memory_order_relaxed) : 0;
}

void failCheck(const char * condition, const char * file, int line, const std::string & details)
{
    auto message = fmt::format("Invariant broken: {} at {}:{}{}{}", condition, file, line, details.empty() ? "" : ": ", details);
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
    std::fputs((message + "\n").c_str(), stderr);
    std::abort();
#endif
    throw Exception(ErrorCode::LOGICAL_ERROR, message);
}

}
