#include "base/Failpoint.h"

#include "base/Exception.h"

#include <charconv>
#include <csignal>
#include <cstdlib>
#include <map>
#include <mutex>
#include <set>

#include <unistd.h>

namespace mangrove
{

namespace
{

struct Armed
{
    bool kills = false;
    uint64_t passages_left = 1;
};

std::mutex mutex;
std::map<std::string, Armed, std::less<>> armed;
std::set<std::string, std::less<>> passed;

Armed parseAction(std::string_view item, std::string_view action)
{
    Armed result;
    auto colon = action.find(':');
    auto verb = action.substr(0, colon);
    if (verb != "kill" && verb != "throw")
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Failpoint '{}': the action is kill[:N] or throw[:N]", item);
    result.kills = verb == "kill";
    if (colon == std::string_view::npos)
        return result;
    auto count = action.substr(colon + 1);
    auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), result.passages_left);
    if (error != std::errc{} || end != count.data() + count.size() || result.passages_left == 0)
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Failpoint '{}': N is a number from 1", item);
    return result;
}

const bool read_environment = []
{
    if (const char * list = std::getenv("MANGROVE_FAILPOINTS"))
        setFailpoints(list);
    return true;
}();

}

namespace failpoint_detail
{

std::atomic<bool> enabled{false};

void pass(std::string_view name)
{
    std::unique_lock lock(mutex);
    if (!passed.contains(name))
        passed.emplace(name);
    auto it = armed.find(name);
    if (it == armed.end() || --it->second.passages_left > 0)
        return;
    bool kills = it->second.kills;
    armed.erase(it);
    if (kills)
        ::kill(::getpid(), SIGKILL);
    throw Exception(ErrorCode::ABORTED, "Failpoint {} fired", name);
}

}

void setFailpoints(std::string_view list)
{
    std::map<std::string, Armed, std::less<>> parsed;
    while (!list.empty())
    {
        auto comma = list.find(',');
        auto item = list.substr(0, comma);
        list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
        auto equals = item.find('=');
        if (equals == std::string_view::npos || equals == 0)
            throw Exception(ErrorCode::BAD_ARGUMENTS, "Failpoint '{}': write NAME=kill or NAME=throw", item);
        parsed[std::string(item.substr(0, equals))] = parseAction(item, item.substr(equals + 1));
    }
    std::lock_guard lock(mutex);
    failpoint_detail::enabled = !parsed.empty();
    armed = std::move(parsed);
}

std::vector<std::string> passedFailpoints()
{
    std::lock_guard lock(mutex);
    return {passed.begin(), passed.end()};
}

}
