// The commit section can be set on any part, read back alone, and does not disturb the rest.

#include "parts/PartCommit.h"
#include "parts/PartReader.h"
#include "parts/PartWriter.h"

#include <gtest/gtest.h>

using namespace mangrove;

namespace
{

std::string makePart()
{
    auto type = parseDataType("UInt64");
    auto column = type->createColumn();
    for (uint64_t i = 0; i < 10; ++i)
        column->insert(Field(i));
    PartWriteOptions options;
    options.columns = {{"x", type, ""}};
    PartWriter writer(options);
    writer.write(Block({{column, type, "x"}}));
    return writer.finish().bytes;
}

ObjectStorePtr storeOf(const std::string & part)
{
    auto store = makeObjectStore("memory://");
    store->put("part", part, PutMode::IfAbsent);
    return store;
}

PartReaderPtr open(const ObjectStorePtr & store)
{
    return PartReader::open(store, "part", 0, std::make_shared<PartCache>(1 << 20));
}

}

TEST(PartCommit, IsReadBackAndReplaced)
{
    std::string part = makePart();
    const std::string plain = part;
    EXPECT_EQ(readCommit(*storeOf(part), "part"), "");
    EXPECT_EQ(readCommit(*storeOf(part), "nothing"), std::nullopt);

    // Longer than the suffix that is read first, then short again.
    const std::string long_entry(100'000, 'e');
    for (const std::string & entry : {std::string("entry"), long_entry, std::string("e")})
    {
        attachCommit(part, entry);
        auto store = storeOf(part);
        EXPECT_EQ(readCommit(*store, "part"), entry);
        auto reader = open(store);
        EXPECT_EQ(reader->read({"x"}, {0, 10}).at(0).column->get(7), Field(uint64_t(7)));
        reader->verify();
    }
    attachCommit(part, "");
    EXPECT_EQ(part, plain);
}

TEST(PartCommit, CostsItsBytesAndOneMore)
{
    std::string part = makePart();
    const size_t before = part.size();
    attachCommit(part, "12345");
    EXPECT_EQ(part.size(), before + 6);
}

TEST(PartCommit, DamageIsFound)
{
    std::string part = makePart();
    const size_t commit_begin = part.size() - 52;
    attachCommit(part, "a log entry");
    for (size_t i = commit_begin; i < part.size(); ++i)
    {
        std::string bad = part;
        bad[i] = static_cast<char>(bad[i] ^ 1);
        auto store = storeOf(bad);
        // The root's checksum, of no concern to readCommit(), is open()'s to check.
        EXPECT_THROW(
            {
                EXPECT_EQ(readCommit(*store, "part"), "a log entry");
                open(store)->verify();
            },
            Exception) << i;
    }
}
