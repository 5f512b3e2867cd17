#pragma once
// An ObjectStore in a bucket that speaks S3: Amazon, Ceph RGW, MinIO and the like. Thread-safe, blocking.
//
// The server must honour "If-None-Match: *" on PUT; probeObjectStore() finds out. Each put sends a random id as
// user metadata: a put with IfAbsent that is refused looks at the id of the object that is there, and so tells its
// own earlier attempt, whose answer was lost, from another writer's object, even one with the same bytes.

#include "object_store/S3Client.h"

namespace mangrove
{

class S3ObjectStore final : public ObjectStore
{
public:
    S3ObjectStore(S3Config config, Clock & clock);

    PutResult put(const std::string & key, std::string_view bytes, PutMode mode) override;
    std::optional<ObjectBytes> get(const std::string & key) override;
    std::optional<ObjectBytes> getRange(const std::string & key, ObjectRange range) override;
    std::optional<ObjectBytes> getSuffix(const std::string & key, uint64_t length) override;
    std::optional<std::vector<std::string>>
    getRanges(const std::string & key, const std::vector<ObjectRange> & ranges) override;
    std::optional<ObjectInfo> head(const std::string & key) override;
    ListPage list(const std::string & prefix, const std::string & start_after, size_t limit) override;
    void remove(const std::string & key) override;
    void removeMany(const std::vector<std::string> & keys) override;
    ReadCosts readCosts() const override { return distant_read_costs; }
    ObjectStoreCounters counters() const override { return counters_.snapshot(); }
    std::string describe() const override { return client_.describe(); }

private:
    void createBucket();
    void checkKey(const std::string & key) const;
    S3Request readRequest(const std::string & key, const std::string & range, uint64_t length);
    std::optional<ObjectBytes>
    readAnswer(const S3Request & request, HttpResponse & response, const std::string & key, ObjectRange range);
    std::optional<HttpResponse> headAnswer(const std::string & key);
    std::optional<uint64_t> sizeOf(const std::string & key);
    bool removeBatch(const std::vector<std::string> & keys);

    S3Client client_;
    RequestCounters counters_;
    std::atomic<bool> batch_delete_works_{true};
};

}
