#include "keeper/EmbeddedKeeper.h"

#include "base/Failpoint.h"
#include "base/Random.h"
#include "base/Uuid.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mangrove
{

namespace
{

class EmbeddedKeeperTest : public testing::Test
{
protected:
    void TearDown() override
    {
        setFailpoints("");
        std::filesystem::remove_all(folder);
    }

    std::unique_ptr<EmbeddedKeeper> open()
    {
        return std::make_unique<EmbeddedKeeper>(folder.string(), SystemClock::instance());
    }

    const std::filesystem::path folder = std::filesystem::temp_directory_path()
        / ("embedded-keeper-" + Uuid::fromRandom(randomSeed(), randomSeed()).toString());
};

}

TEST_F(EmbeddedKeeperTest, SecondProcessIsRefusedWithAClearMessage)
{
    const auto first = open();
    try
    {
        (void)open();
        FAIL() << "two keepers on one folder";
    }
    catch (const Exception & error)
    {
        EXPECT_EQ(error.code(), ErrorCode::KEEPER_EXCEPTION);
        EXPECT_NE(error.message().find("in use by another process"), std::string::npos) << error.message();
    }
    EXPECT_TRUE(first->create("/still-works", "").committed());
}

TEST_F(EmbeddedKeeperTest, FailedSaveIsUnknownAndUndone)
{
    const auto keeper = open();
    ASSERT_TRUE(keeper->create("/before", "").committed());
    ASSERT_TRUE(keeper->create("/mine", "", CreateMode::Ephemeral).committed());
    setFailpoints("keeper.before_save=throw");
    EXPECT_TRUE(keeper->create("/lost", "").unknown());
    EXPECT_TRUE(keeper->sessionExpired());
    EXPECT_TRUE(keeper->create("/refused", "").failedWith(KeeperError::SessionExpired));
    EXPECT_THROW((void)keeper->get("/before"), Exception);
    keeper->newSession();
    EXPECT_TRUE(keeper->get("/before"));
    EXPECT_FALSE(keeper->get("/lost"));
    EXPECT_FALSE(keeper->get("/mine")) << "ephemeral nodes end with the session";
    EXPECT_TRUE(keeper->create("/after", "").committed());
}

TEST_F(EmbeddedKeeperTest, SavedButUnacknowledgedIsUnknownAndThere)
{
    const auto keeper = open();
    setFailpoints("keeper.after_save=throw");
    EXPECT_TRUE(keeper->create("/there", "").unknown());
    keeper->newSession();
    EXPECT_TRUE(keeper->get("/there"));
}

TEST_F(EmbeddedKeeperTest, KilledProcessLosesNothingAcknowledged)
{
    int acknowledged[2];
    ASSERT_EQ(::pipe(acknowledged), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0)
    {
        ::close(acknowledged[0]);
        const auto keeper = open();
        (void)keeper->create("/log", "");
        for (int i = 0;; ++i)
            if (keeper->create("/log/e-", std::to_string(i), CreateMode::PersistentSequential).committed()
                && ::write(acknowledged[1], "x", 1) != 1)
                ::_exit(1);
    }
    ::close(acknowledged[1]);
    size_t count = 0;
    char byte;
    while (count < 100 && ::read(acknowledged[0], &byte, 1) == 1)
        ++count;
    ::kill(child, SIGKILL);
    while (::read(acknowledged[0], &byte, 1) == 1)
        ++count;
    ::close(acknowledged[0]);
    ::waitpid(child, nullptr, 0);

    const auto keeper = open();
    const auto entries = keeper->children("/log");
    ASSERT_TRUE(entries);
    EXPECT_GE(count, 100u);
    EXPECT_GE(entries->size(), count);
    EXPECT_LE(entries->size(), count + 1) << "one write may have been saved and not acknowledged";
}

TEST_F(EmbeddedKeeperTest, ConcurrentWritersShareTransactions)
{
    const auto keeper = open();
    ASSERT_TRUE(keeper->create("/log", "").committed());
    constexpr size_t writers = 16;
    constexpr size_t writes = 20;
    const uint64_t before = keeper->transactionCount();
    std::vector<std::thread> threads;
    for (size_t t = 0; t < writers; ++t)
        threads.emplace_back(
            [&]
            {
                for (size_t i = 0; i < writes; ++i)
                    EXPECT_TRUE(keeper->create("/log/e-", "x", CreateMode::PersistentSequential).committed());
            });
    for (auto & thread : threads)
        thread.join();
    EXPECT_EQ(keeper->children("/log")->size(), writers * writes);
    EXPECT_LT(keeper->transactionCount() - before, writers * writes);
}

TEST_F(EmbeddedKeeperTest, DamagedFileIsAnErrorNotAnEmptyTree)
{
    {
        const auto keeper = open();
        std::vector<KeeperOp> ops;
        for (int i = 0; i < 300; ++i)
            ops.push_back(KeeperOp::create("/n" + std::to_string(i), std::string(200, 'x')));
        ASSERT_TRUE(keeper->multi(ops).committed());
    }
    std::fstream file(folder / "keeper.sqlite", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096 * 3);
    const std::string garbage(4096, '\xee');
    file.write(garbage.data(), static_cast<std::streamsize>(garbage.size()));
    file.close();
    EXPECT_THROW((void)open(), Exception);
}

TEST_F(EmbeddedKeeperTest, AFileOfAnotherKindIsRefused)
{
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "keeper.sqlite") << std::string(8192, 'z');
    EXPECT_THROW((void)open(), Exception);
}

}
