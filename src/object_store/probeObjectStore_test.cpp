#include "object_store/probeObjectStore.h"

#include "object_store/MemoryObjectStore.h"

#include <gtest/gtest.h>

namespace mangrove
{

namespace
{

/// A MemoryObjectStore that breaks one promise.
class BrokenObjectStore : public ObjectStore
{
public:
    enum class Flaw
    {
        None,
        IgnoresIfAbsent,
        KeepsRemoved,
        IgnoresSuffix,
        LagsInListing,
        CutsBytes,
    };

    explicit BrokenObjectStore(Flaw flaw) : flaw_(flaw) {}

    PutResult put(const std::string & key, std::string_view bytes, PutMode mode) override
    {
        return base_.put(key, flaw_ == Flaw::CutsBytes ? bytes.substr(1) : bytes,
            flaw_ == Flaw::IgnoresIfAbsent ? PutMode::Overwrite : mode);
    }
    std::optional<ObjectBytes> get(const std::string & key) override { return base_.get(key); }
    std::optional<ObjectBytes> getRange(const std::string & key, ObjectRange range) override
    {
        return base_.getRange(key, range);
    }
    std::optional<ObjectBytes> getSuffix(const std::string & key, uint64_t length) override
    {
        return flaw_ == Flaw::IgnoresSuffix ? base_.get(key) : base_.getSuffix(key, length);
    }
    std::optional<ObjectInfo> head(const std::string & key) override { return base_.head(key); }
    ListPage list(const std::string & prefix, const std::string & after, size_t limit) override
    {
        return flaw_ == Flaw::LagsInListing ? ListPage{} : base_.list(prefix, after, limit);
    }
    void remove(const std::string & key) override
    {
        if (flaw_ != Flaw::KeepsRemoved)
            base_.remove(key);
    }
    ObjectStoreCounters counters() const override { return base_.counters(); }
    std::string describe() const override { return "broken"; }

private:
    MemoryObjectStore base_;
    const Flaw flaw_;
};

}

TEST(ProbeObjectStore, AcceptsAGoodStoreAndLeavesNothing)
{
    BrokenObjectStore store(BrokenObjectStore::Flaw::None);
    probeObjectStore(store);
    EXPECT_TRUE(store.list("", "", 10).objects.empty());
}

TEST(ProbeObjectStore, NamesTheBrokenPromise)
{
    using Flaw = BrokenObjectStore::Flaw;
    const std::vector<std::pair<Flaw, std::string>> cases{
        {Flaw::IgnoresIfAbsent, "If-None-Match"}, {Flaw::KeepsRemoved, "after it was removed"},
        {Flaw::IgnoresSuffix, "suffix"}, {Flaw::LagsInListing, "lacks"}, {Flaw::CutsBytes, "read back"}};
    for (const auto & [flaw, words] : cases)
    {
        BrokenObjectStore store(flaw);
        try
        {
            probeObjectStore(store);
            ADD_FAILURE() << "not found: " << words;
        }
        catch (const Exception & error)
        {
            EXPECT_NE(error.message().find(words), std::string::npos) << error.message();
        }
        if (flaw != Flaw::KeepsRemoved)
            EXPECT_TRUE(store.list("", "", 10).objects.empty()) << words;
    }
}

}
