#include "types/TimeZone.h"

#include "base/Exception.h"

#include <gtest/gtest.h>

#include <random>

#include <absl/time/civil_time.h>
#include <absl/time/time.h>

namespace mangrove
{
namespace
{

TEST(TimeZone, CalendarAgreesWithAbsl)
{
    for (int32_t days = -800000; days < 800000; days += 13)
    {
        absl::CivilDay day = absl::CivilDay(1970, 1, 1) + days;
        CivilTime civil = civilFromDays(days);
        ASSERT_EQ(civil.year, day.year());
        ASSERT_EQ(civil.month, day.month());
        ASSERT_EQ(civil.day, day.day());
        ASSERT_EQ(civil.day_of_year, absl::GetYearDay(day));
        ASSERT_EQ(civil.weekday - 1, static_cast<int>(absl::GetWeekday(day)));
        ASSERT_EQ(daysFromCivil(civil.year, civil.month, civil.day), days);
    }
}

/// ClickHouse's answers of toUnixTimestamp64Second(toDateTime64('…', 0, zone)).
TEST(TimeZone, MomentsOfWallTimesAreClickHouses)
{
    auto berlin = TimeZone::get("Europe/Berlin");
    EXPECT_EQ(berlin->unixSeconds(2024, 3, 31, 1, 59, 59), 1711846799);
    EXPECT_EQ(berlin->unixSeconds(2024, 3, 31, 3, 0, 0), 1711846800);
    EXPECT_EQ(berlin->unixSeconds(2024, 3, 31, 2, 30, 0), 1711845000) << "skipped";
    EXPECT_EQ(berlin->unixSeconds(2024, 10, 27, 2, 30, 0), 1729989000) << "repeated";
    EXPECT_EQ(berlin->unixSeconds(1905, 6, 1, 12, 0, 0), -2038136400);
    EXPECT_EQ(berlin->unixSeconds(2290, 7, 1, 12, 0, 0), 10113933600);
    EXPECT_EQ(TimeZone::get("America/New_York")->unixSeconds(2290, 1, 1, 12, 0, 0), 10098320400);
    EXPECT_EQ(TimeZone::get("America/Sao_Paulo")->unixSeconds(2018, 11, 4, 0, 30, 0), 1541298600) << "skipped midnight";
}

TEST(TimeZone, StartOfDay)
{
    auto berlin = TimeZone::get("Europe/Berlin");
    EXPECT_EQ(berlin->startOfDay(1711846800), 1711839600) << "2024-03-31 has 23 hours";
    EXPECT_EQ(berlin->dayNumber(1711839599), daysFromCivil(2024, 3, 30));
    EXPECT_EQ(berlin->dayNumber(1711839600), daysFromCivil(2024, 3, 31));
    auto sao_paulo = TimeZone::get("America/Sao_Paulo");
    EXPECT_EQ(sao_paulo->startOfDay(1541340000), 1541300400) << "midnight is skipped: the day begins at 01:00";
    EXPECT_EQ(sao_paulo->civil(1541300400).hour, 1);
    EXPECT_EQ(TimeZone::get("UTC")->startOfDay(-1), -86400);
}

TEST(TimeZone, OffsetsAgreeWithAblsEverywhere)
{
    std::mt19937_64 random(1);
    for (const char * name :
         {"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca",
          "America/Sao_Paulo", "Asia/Tehran", "Etc/GMT+12", "Pacific/Kiritimati", "Europe/Dublin", "Antarctica/Troll"})
    {
        auto zone = TimeZone::get(name);
        absl::TimeZone expected;
        ASSERT_TRUE(absl::LoadTimeZone(name, &expected));
        auto check = [&](int64_t moment)
        {
            auto info = expected.At(absl::FromUnixSeconds(moment));
            ASSERT_EQ(zone->offsetAt(moment), info.offset) << name << " " << moment;
            CivilTime civil = zone->civil(moment);
            ASSERT_EQ(absl::CivilSecond(civil.year, civil.month, civil.day, civil.hour, civil.minute, civil.second), info.cs);
            // Reading the wall time back gives this moment, or an earlier one of a repeated hour.
            int64_t back = zone->unixSeconds(civil.year, civil.month, civil.day, civil.hour, civil.minute, civil.second);
            ASSERT_EQ(absl::FromUnixSeconds(back), expected.At(info.cs).pre) << name << " " << moment;
        };
        for (int i = 0; i < 5000; ++i)
            check(static_cast<int64_t>(random() % 15000000000ULL) - 3000000000);
        // Around every change of the offset.
        absl::Time from = absl::FromUnixSeconds(-2208988800);
        absl::TimeZone::CivilTransition transition;
        for (int i = 0; i < 400 && expected.NextTransition(from, &transition); ++i)
        {
            from = expected.At(transition.to).trans;
            for (int64_t delta : {-86401, -3601, -1, 0, 1, 1800, 3600, 86400})
                check(absl::ToUnixSeconds(from) + delta);
        }
    }
}

TEST(TimeZone, SurvivesMomentsOutsideOfAnyCalendar)
{
    auto zone = TimeZone::get("Europe/Berlin");
    for (int64_t moment : {INT64_MIN, INT64_MIN + 1, -90'000'000'000'001, 90'000'000'000'001, INT64_MAX})
    {
        EXPECT_EQ(zone->civil(moment).year, zone->civil(moment > 0 ? 90'000'000'000'000 : -90'000'000'000'000).year);
        EXPECT_EQ(zone->dayNumber(moment) > 0, moment > 0);
        EXPECT_EQ(zone->startOfDay(moment) > 0, moment > 0);
    }
    EXPECT_GT(zone->unixSeconds(INT32_MAX, 12, 31, 23, 59, 59), zone->unixSeconds(4'999'999, 1, 1, 0, 0, 0));
    EXPECT_LT(zone->unixSeconds(INT32_MIN, 1, 1, 0, 0, 0), zone->unixSeconds(-4'999'999, 1, 1, 0, 0, 0));
}

TEST(TimeZone, NamesAndErrors)
{
    EXPECT_TRUE(TimeZone::get("UTC")->isUTC());
    EXPECT_TRUE(TimeZone::get("Etc/UTC")->isUTC());
    EXPECT_FALSE(TimeZone::get("Europe/London")->isUTC());
    EXPECT_EQ(TimeZone::get("Asia/Tokyo"), TimeZone::get("Asia/Tokyo"));
    EXPECT_EQ(TimeZone::get("Asia/Tokyo")->name(), "Asia/Tokyo");
    EXPECT_FALSE(TimeZone::get("")->name().empty());
    for (const char * name : {"Foo/Bar", "/etc/passwd", "../../etc/passwd", "Europe/../Europe/Berlin", "file:/etc/passwd", "Europe", ":UTC", " UTC"})
    {
        try
        {
            TimeZone::get(name);
            FAIL() << name;
        }
        catch (const Exception & e)
        {
            EXPECT_EQ(e.code(), ErrorCode::BAD_ARGUMENTS);
        }
    }
}

}
}
