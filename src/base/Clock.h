#pragma once
// Time from outside: whatever waits or measures takes a Clock, so that the simulation can own time.
// Leases and graces use monotonicMs() only: a suspended machine still ages (CLOCK_BOOTTIME). wallMs() is for
// stamps that people read; nothing decides on it alone. Thread-safe.

#include <atomic>
#include <cstdint>

namespace mangrove
{

class Clock
{
public:
    virtual ~Clock() = default;
    virtual int64_t wallMs() const = 0;
    virtual int64_t monotonicMs() const = 0;
    virtual void sleepMs(int64_t duration_ms) = 0;
};

class SystemClock : public Clock
{
public:
    int64_t wallMs() const override;
    int64_t monotonicMs() const override;
    void sleepMs(int64_t duration_ms) override;

    static SystemClock & instance();
};

/// Stands still until somebody moves it; a sleep moves it and returns at once.
class ManualClock : public Clock
{
public:
    explicit ManualClock(int64_t wall_ms = 1'700'000'000'000) : wall_ms_(wall_ms) { }

    int64_t wallMs() const override { return wall_ms_ + monotonic_ms_; }
    int64_t monotonicMs() const override { return monotonic_ms_; }
    void sleepMs(int64_t duration_ms) override { advance(duration_ms); }

    void advance(int64_t duration_ms) { monotonic_ms_ += duration_ms; }
    /// A clock that somebody sets: wall time jumps, monotonic time does not.
    void jumpWall(int64_t delta_ms) { wall_ms_ += delta_ms; }

private:
    std::atomic<int64_t> wall_ms_;
    std::atomic<int64_t> monotonic_ms_{0};
};

}
