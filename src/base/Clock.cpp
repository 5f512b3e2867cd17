#include "base/Clock.h"

#include <ctime>

namespace mangrove
{

namespace
{
int64_t readMs(clockid_t id)
{
    timespec now{};
    clock_gettime(id, &now);
    return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}
}

int64_t SystemClock::wallMs() const
{
    return readMs(CLOCK_REALTIME);
}

int64_t SystemClock::monotonicMs() const
{
    return readMs(CLOCK_BOOTTIME);
}

void SystemClock::sleepMs(int64_t duration_ms)
{
    if (duration_ms <= 0)
        return;
    timespec wait{.tv_sec = duration_ms / 1000, .tv_nsec = (duration_ms % 1000) * 1'000'000};
    while (nanosleep(&wait, &wait) != 0)
        ;
}

SystemClock & SystemClock::instance()
{
    static SystemClock clock;
    return clock;
}

}
