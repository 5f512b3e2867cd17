#include "object_store/LocalObjectStore.h"

#include "base/Random.h"
#include "base/Uuid.h"

#include <chrono>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace mangrove
{

namespace
{

namespace fs = std::filesystem;

class LocalObjectStoreTest : public testing::Test
{
protected:
    void TearDown() override { fs::remove_all(folder); }

    static void write(const fs::path & path, const std::string & text)
    {
        fs::create_directories(path.parent_path());
        std::ofstream(path) << text;
    }

    const fs::path folder
        = fs::temp_directory_path() / ("local-store-" + Uuid::fromRandom(randomSeed(), randomSeed()).toString());
    const fs::path root = folder / "root";
};

size_t filesBelow(const fs::path & path)
{
    size_t count = 0;
    for (const auto & entry : fs::recursive_directory_iterator(path))
        count += entry.is_directory() ? 0 : 1;
    return count;
}

}

TEST_F(LocalObjectStoreTest, SymbolicLinksLeadNowhere)
{
    LocalObjectStore store(root);
    write(folder / "outside" / "secret", "secret");
    fs::create_directory_symlink(folder / "outside", root / "link");
    fs::create_symlink(folder / "outside" / "secret", root / "file");
    EXPECT_FALSE(store.get("link/secret"));
    EXPECT_FALSE(store.get("file"));
    EXPECT_FALSE(store.head("link/secret"));
    EXPECT_THROW(store.put("link/new", "x", PutMode::IfAbsent), Exception);
    EXPECT_THROW(store.put("link/secret", "x", PutMode::Overwrite), Exception);
    store.remove("link/secret");
    EXPECT_TRUE(fs::exists(folder / "outside" / "secret"));
    EXPECT_FALSE(fs::exists(folder / "outside" / "new"));
    EXPECT_TRUE(store.list("", "", 10).objects.empty());
}

TEST_F(LocalObjectStoreTest, OtherKindsOfFilesAreNotObjects)
{
    LocalObjectStore store(root);
    ASSERT_EQ(::mkfifo((root / "pipe").c_str(), 0600), 0);
    EXPECT_FALSE(store.get("pipe"));
    EXPECT_TRUE(store.list("", "", 10).objects.empty());
}

TEST_F(LocalObjectStoreTest, FailedPutsLeaveNoTemporaryFile)
{
    LocalObjectStore store(root);
    store.put("a", "x", PutMode::Overwrite);
    EXPECT_EQ(store.put("a", "y", PutMode::IfAbsent), PutResult::AlreadyExists);
    EXPECT_THROW(store.put("a/b", "below an object", PutMode::IfAbsent), Exception);
    store.put("folder/x", "x", PutMode::Overwrite);
    EXPECT_THROW(store.put("folder", "where a folder is", PutMode::IfAbsent), Exception);
    EXPECT_THROW(store.put("folder", "where a folder is", PutMode::Overwrite), Exception);
    EXPECT_FALSE(store.get("folder"));
    EXPECT_EQ(filesBelow(root), 2u);
}

TEST_F(LocalObjectStoreTest, TemporariesOfACrashGoAtAStartAnHourLater)
{
    write(root / ".tmp" / "old", "torn");
    write(root / ".tmp" / "fresh", "another process is writing it");
    fs::last_write_time(root / ".tmp" / "old", fs::file_time_type::clock::now() - std::chrono::hours(2));
    LocalObjectStore store(root);
    EXPECT_FALSE(fs::exists(root / ".tmp" / "old"));
    EXPECT_TRUE(fs::exists(root / ".tmp" / "fresh"));
    EXPECT_TRUE(store.list("", "", 10).objects.empty());
}

TEST_F(LocalObjectStoreTest, EmptiedFoldersGo)
{
    LocalObjectStore store(root);
    store.put("a/b/c", "x", PutMode::Overwrite);
    store.put("a/d", "x", PutMode::Overwrite);
    store.remove("a/b/c");
    EXPECT_FALSE(fs::exists(root / "a" / "b"));
    EXPECT_TRUE(fs::exists(root / "a"));
    store.remove("a/d");
    EXPECT_FALSE(fs::exists(root / "a"));
    EXPECT_TRUE(fs::exists(root));
}

TEST_F(LocalObjectStoreTest, TwoStoresOnOneFolderAgree)
{
    LocalObjectStore one(root);
    LocalObjectStore two(root);
    EXPECT_EQ(one.put("k", "one", PutMode::IfAbsent), PutResult::Created);
    EXPECT_EQ(two.put("k", "two", PutMode::IfAbsent), PutResult::AlreadyExists);
    EXPECT_EQ(two.get("k")->bytes, "one");
}

TEST_F(LocalObjectStoreTest, AFolderThatCannotBeMadeIsAnError)
{
    write(folder / "file", "x");
    EXPECT_THROW(LocalObjectStore(folder / "file" / "root"), Exception);
}

}
