#include "object_store/probeObjectStore.h"

#include "base/Random.h"
#include "base/Uuid.h"

namespace mangrove
{

namespace
{

void require(bool kept, const ObjectStore & store, std::string_view promise)
{
    if (!kept)
        throw Exception(
            ErrorCode::S3_ERROR, "The object store {} cannot be used: {}. Use another server or bucket",
            store.describe(), promise);
}

void probe(ObjectStore & store, const std::string & key)
{
    const auto isListed = [&] { return !store.list(key, "", 1).objects.empty(); };

    require(store.put(key, "0123456789", PutMode::IfAbsent) == PutResult::Created, store, "a new key is refused");
    require(
        store.put(key, "another", PutMode::IfAbsent) == PutResult::AlreadyExists, store,
        "it overwrites an object that If-None-Match protects");
    const auto whole = store.get(key);
    require(whole && whole->bytes == "0123456789", store, "an object does not read back as it was written");
    const auto suffix = store.getSuffix(key, 4);
    require(
        suffix && suffix->bytes == "6789" && suffix->object_size == 10, store,
        "a suffix range does not answer the end and the size of the object");
    require(isListed(), store, "a listing lacks an object that was just written");
    store.remove(key);
    require(!store.head(key), store, "an object is still there after it was removed");
    require(!isListed(), store, "a listing shows an object that was removed");
}

}

void probeObjectStore(ObjectStore & store)
{
    const std::string key = "probe/" + Uuid::fromRandom(randomSeed(), randomSeed()).toString();
    try
    {
        probe(store, key);
    }
    catch (...)
    {
        try
        {
            store.remove(key);
        }
        catch (const Exception &)
        {
            /// What the probe found is what matters.
        }
        throw;
    }
}

}
