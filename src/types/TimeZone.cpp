#include "types/TimeZone.h"

#include "base/Exception.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <unordered_map>
#include <vector>

#include <absl/time/civil_time.h>
#include <absl/time/time.h>

namespace mangrove
{

namespace
{

constexpr int64_t seconds_per_day = 86400;

int64_t floorDiv(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/// DateTime64(0) holds any int64: moments millions of years away become the last ones that calendars can count.
int64_t clampMoment(int64_t unix_seconds)
{
    constexpr int64_t limit = 90'000'000'000'000;
    return std::clamp(unix_seconds, -limit, limit);
}

/// The transitions of 1900 to 2299, ClickHouse's range of DateTime64, are kept in order; a table of buckets of some
/// 24 days finds them without a search. Moments outside ask absl.
class CachedTimeZone final : public TimeZone
{
public:
    CachedTimeZone(std::string name, absl::TimeZone zone);

    const std::string & name() const override { return name_; }
    int32_t offsetAt(int64_t unix_seconds) const override;
    CivilTime civil(int64_t unix_seconds) const override;
    int64_t unixSeconds(int32_t year, int month, int day, int hour, int minute, int second) const override;
    int32_t dayNumber(int64_t unix_seconds) const override
    {
        unix_seconds = clampMoment(unix_seconds);
        return static_cast<int32_t>(floorDiv(unix_seconds + offsetAt(unix_seconds), seconds_per_day));
    }
    int64_t startOfDay(int64_t unix_seconds) const override;
    bool isUTC() const override { return is_utc_; }

private:
    struct Segment
    {
        int64_t begin;
        int32_t offset;
    };
    /// The moment of seconds since the epoch by the local clock.
    int64_t fromLocal(int64_t local, bool skipped_moves_forward) const;

    static constexpr int bucket_bits = 21;
    static constexpr int64_t cache_begin = -2208988800; /// 1900-01-01
    static constexpr int64_t cache_end = 10413792000;   /// 2300-01-01

    std::string name_;
    absl::TimeZone zone_;
    std::vector<Segment> segments_;
    std::vector<uint32_t> bucket_segments_; /// the segment at the begin of each bucket
    bool is_utc_;
};

CachedTimeZone::CachedTimeZone(std::string name, absl::TimeZone zone) : name_(std::move(name)), zone_(zone)
{
    auto offset_of = [&](int64_t moment) { return zone_.At(absl::FromUnixSeconds(moment)).offset; };
    segments_.push_back({cache_begin, offset_of(cache_begin)});
    absl::TimeZone::CivilTransition transition;
    for (absl::Time from = absl::FromUnixSeconds(cache_begin); zone_.NextTransition(from, &transition);)
    {
        from = zone_.At(transition.to).trans;
        int64_t moment = absl::ToUnixSeconds(from);
        if (moment >= cache_end)
            break;
        if (moment > segments_.back().begin && offset_of(moment) != segments_.back().offset)
            segments_.push_back({moment, offset_of(moment)});
    }
    uint32_t segment = 0;
    for (int64_t begin = cache_begin; begin < cache_end; begin += int64_t{1} << bucket_bits)
    {
        while (segment + 1 < segments_.size() && segments_[segment + 1].begin <= begin)
            ++segment;
        bucket_segments_.push_back(segment);
    }
    is_utc_ = segments_.size() == 1 && segments_[0].offset == 0;
}

int32_t CachedTimeZone::offsetAt(int64_t unix_seconds) const
{
    if (unix_seconds < cache_begin || unix_seconds >= cache_end) [[unlikely]]
        return zone_.At(absl::FromUnixSeconds(unix_seconds)).offset;
    size_t segment = bucket_segments_[(unix_seconds - cache_begin) >> bucket_bits];
    while (segment + 1 < segments_.size() && segments_[segment + 1].begin <= unix_seconds)
        ++segment;
    return segments_[segment].offset;
}

CivilTime CachedTimeZone::civil(int64_t unix_seconds) const
{
    unix_seconds = clampMoment(unix_seconds);
    int64_t local = unix_seconds + offsetAt(unix_seconds);
    int64_t days = floorDiv(local, seconds_per_day);
    auto second_of_day = static_cast<int32_t>(local - days * seconds_per_day);
    CivilTime result = civilFromDays(static_cast<int32_t>(days));
    result.hour = static_cast<uint8_t>(second_of_day / 3600);
    result.minute = static_cast<uint8_t>(second_of_day / 60 % 60);
    result.second = static_cast<uint8_t>(second_of_day % 60);
    return result;
}

int64_t CachedTimeZone::fromLocal(int64_t local, bool skipped_moves_forward) const
{
    // The moment is less than a day from `local` read as UTC. If the offset changes around it, both are tried.
    int32_t before = offsetAt(local - seconds_per_day);
    int32_t after = offsetAt(local + seconds_per_day);
    int64_t with_before = local - before;
    if (before == after || offsetAt(with_before) == before)
        return with_before;
    int64_t with_after = local - after;
    if (offsetAt(with_after) == after)
        return with_after;
    return skipped_moves_forward ? with_before : with_after;
}

int64_t CachedTimeZone::unixSeconds(int32_t year, int month, int day, int hour, int minute, int second) const
{
    int64_t local = daysFromCivil(year, month, day) * seconds_per_day + hour * 3600 + minute * 60 + second;
    return fromLocal(local, false);
}

int64_t CachedTimeZone::startOfDay(int64_t unix_seconds) const
{
    return fromLocal(dayNumber(unix_seconds) * seconds_per_day, true);
}

/// A name that can only be a file of the tz database: absl would open any path.
bool isSafeName(const std::string & name)
{
    constexpr size_t length_max = 64;
    auto allowed = [](char c)
    {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-' || c == '/';
    };
    return !name.empty() && name.size() <= length_max && name[0] != '/' && std::all_of(name.begin(), name.end(), allowed);
}

/// TZ, else the target of /etc/localtime, else UTC.
std::string serverZoneName()
{
    absl::TimeZone zone;
    if (const char * from_environment = std::getenv("TZ"))
    {
        std::string name = from_environment[0] == ':' ? from_environment + 1 : from_environment;
        if (isSafeName(name) && absl::LoadTimeZone(name, &zone))
            return name;
    }
    std::error_code error;
    std::string path = std::filesystem::read_symlink("/etc/localtime", error).string();
    constexpr std::string_view directory = "zoneinfo/";
    if (size_t at = path.find(directory); !error && at != std::string::npos)
    {
        std::string name = path.substr(at + directory.size());
        if (isSafeName(name) && absl::LoadTimeZone(name, &zone))
            return name;
    }
    return "UTC";
}

}

TimeZonePtr TimeZone::get(const std::string & name)
{
    if (name.empty())
    {
        static const TimeZonePtr server_zone = get(serverZoneName());
        return server_zone;
    }

    static std::mutex mutex;
    static std::unordered_map<std::string, TimeZonePtr> zones;
    std::lock_guard lock(mutex);
    if (auto found = zones.find(name); found != zones.end())
        return found->second;
    absl::TimeZone zone;
    if (!isSafeName(name) || !absl::LoadTimeZone(name, &zone))
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Cannot load time zone {}", name.substr(0, 100));
    return zones[name] = std::make_shared<CachedTimeZone>(name, zone);
}

}
