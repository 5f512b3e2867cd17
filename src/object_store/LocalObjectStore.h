#pragma once
// An ObjectStore in a folder (file:///…): one file per object. Several processes may share the folder.
//
// A put writes a temporary file below ROOT/.tmp, syncs it, then link(2)s it (IfAbsent: the kernel picks the one
// winner) or renames it (Overwrite) to its name and syncs the folder: after put() returns, a power cut loses
// nothing, and a reader sees whole objects only. Temporary files that a crash left behind are removed at the next
// start, an hour later. A folder cannot hold both "a" and "a/b"; the second put of such a pair fails.
// Every path is walked component by component with O_NOFOLLOW from the root's descriptor: neither a key nor a
// symbolic link planted in the folder leads outside of it. Thread-safe.

#include "object_store/RequestCounters.h"

#include <utility>

namespace mangrove
{

/// Owns a file descriptor.
class FileHandle
{
public:
    explicit FileHandle(int fd = -1) : fd_(fd) {}
    FileHandle(FileHandle && other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
    FileHandle & operator=(FileHandle && other) noexcept
    {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~FileHandle();

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }

private:
    int fd_;
};

class LocalObjectStore final : public ObjectStore
{
public:
    /// Creates the folder, and its missing parents, if needed.
    explicit LocalObjectStore(std::string root);

    PutResult put(const std::string & key, std::string_view bytes, PutMode mode) override;
    std::optional<ObjectBytes> get(const std::string & key) override;
    std::optional<ObjectBytes> getRange(const std::string & key, ObjectRange range) override;
    std::optional<ObjectBytes> getSuffix(const std::string & key, uint64_t length) override;
    std::optional<std::vector<std::string>>
    getRanges(const std::string & key, const std::vector<ObjectRange> & ranges) override;
    std::optional<ObjectInfo> head(const std::string & key) override;
    ListPage list(const std::string & prefix, const std::string & start_after, size_t limit) override;
    void remove(const std::string & key) override;
    ObjectStoreCounters counters() const override { return counters_.snapshot(); }
    std::string describe() const override { return "file://" + root_path_; }

private:
    struct OpenObject
    {
        FileHandle file;
        uint64_t size = 0;
        int64_t mtime_ms = 0;
    };

    /// The folder that holds the last component of `key`, or an empty handle if it is not there. With `create`,
    /// missing folders are made and their parents synced.
    FileHandle openParent(const std::string & key, bool create) const;
    std::optional<OpenObject> openObject(const std::string & key) const;
    std::string readAt(const OpenObject & object, const std::string & key, ObjectRange range);
    /// False: the parent folder vanished meanwhile (a concurrent remove emptied it); try again.
    bool publish(const std::string & temp_name, const std::string & key, PutMode mode, PutResult & result);
    void listFolder(
        const FileHandle & folder, const std::string & path, const std::string & prefix,
        const std::string & start_after, size_t limit, ListPage & page, size_t depth) const;
    void removeStaleTemporaries() const;

    std::string root_path_;
    FileHandle root_;
    FileHandle temp_folder_;
    RequestCounters counters_;
};

}
