#include "object_store/LocalObjectStore.h"

#include "base/Random.h"
#include "base/Uuid.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mangrove
{

namespace
{

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;
constexpr time_t stale_temporary_s = 3600;
/// How often a put starts again because a concurrent remove took its folder away.
constexpr int publish_attempts_max = 100;

[[noreturn]] void throwErrno(std::string_view doing, const std::string & what)
{
    const int error = errno;
    const ErrorCode code = error == ENOSPC || error == EDQUOT ? ErrorCode::NOT_ENOUGH_SPACE : ErrorCode::S3_ERROR;
    throw Exception(code, "Cannot {} '{}' in the local object store: {}", doing, what, std::strerror(error));
}

void syncHandle(const FileHandle & handle, const std::string & what)
{
    if (::fsync(handle.get()) != 0)
        throwErrno("sync", what);
}

void writeAll(const FileHandle & file, std::string_view bytes, const std::string & what)
{
    while (!bytes.empty())
    {
        const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            throwErrno("write", what);
        bytes.remove_prefix(static_cast<size_t>(written));
    }
}

int64_t toMs(const timespec & time)
{
    return static_cast<int64_t>(time.tv_sec) * 1000 + time.tv_nsec / 1'000'000;
}

std::string_view lastComponent(std::string_view key)
{
    return key.substr(key.rfind('/') + 1);
}

struct FolderEntry
{
    std::string name; /// of a folder with '/' at the end: entries then sort as the keys below them do
    bool is_folder = false;
};

std::vector<FolderEntry> readFolder(const FileHandle & folder, const std::string & path)
{
    const int copy = ::openat(folder.get(), ".", folder_flags);
    if (copy < 0)
        throwErrno("list", path);
    const std::unique_ptr<DIR, int (*)(DIR *)> stream(::fdopendir(copy), ::closedir);
    if (!stream)
    {
        ::close(copy);
        throwErrno("list", path);
    }
    std::vector<FolderEntry> entries;
    while (const dirent * entry = ::readdir(stream.get()))
    {
        const std::string name = entry->d_name;
        if (name == "." || name == ".." || (path.empty() && name == ".tmp"))
            continue;
        bool is_folder = entry->d_type == DT_DIR;
        if (entry->d_type == DT_UNKNOWN)
        {
            struct stat info;
            is_folder = ::fstatat(folder.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode);
        }
        else if (!is_folder && entry->d_type != DT_REG)
            continue;
        entries.push_back({is_folder ? name + "/" : name, is_folder});
    }
    std::sort(entries.begin(), entries.end(), [](const auto & a, const auto & b) { return a.name < b.name; });
    return entries;
}

}

FileHandle::~FileHandle()
{
    if (fd_ >= 0)
        ::close(fd_);
}

LocalObjectStore::LocalObjectStore(std::string root) : root_path_(std::move(root))
{
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(root_path_) / ".tmp", error);
    if (error)
        throw Exception(
            ErrorCode::CANNOT_OPEN_FILE, "Cannot create the object store folder '{}': {}", root_path_, error.message());
    /// The root itself may be a symbolic link: who configured it may point it anywhere.
    root_ = FileHandle(::open(root_path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root_)
        throwErrno("open", root_path_);
    temp_folder_ = FileHandle(::openat(root_.get(), ".tmp", folder_flags));
    if (!temp_folder_)
        throwErrno("open", root_path_ + "/.tmp");
    removeStaleTemporaries();
}

PutResult LocalObjectStore::put(const std::string & key, std::string_view bytes, PutMode mode)
{
    validateObjectKey(key);
    if (bytes.size() > object_bytes_max)
        throw Exception(ErrorCode::TOO_MANY_BYTES, "Object '{}' has {} bytes, at most {} fit", key, bytes.size(),
            object_bytes_max);
    counters_.countPut(bytes.size());

    const std::string temp_name = Uuid::fromRandom(randomSeed(), randomSeed()).toString();
    struct RemoveTemporary
    {
        const FileHandle & folder;
        const std::string & name;
        ~RemoveTemporary() { ::unlinkat(folder.get(), name.c_str(), 0); }
    } remove_temporary{temp_folder_, temp_name};

    const FileHandle file(
        ::openat(temp_folder_.get(), temp_name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!file)
        throwErrno("create a temporary file for", key);
    writeAll(file, bytes, key);
    syncHandle(file, key);

    PutResult result = PutResult::Created;
    for (int attempt = 0; attempt < publish_attempts_max; ++attempt)
        if (publish(temp_name, key, mode, result))
            return result;
    throw Exception(ErrorCode::S3_ERROR, "Cannot put '{}': its folder kept vanishing", key);
}

bool LocalObjectStore::publish(
    const std::string & temp_name, const std::string & key, PutMode mode, PutResult & result)
{
    const FileHandle parent = openParent(key, /* create = */ true);
    const std::string name(lastComponent(key));
    const int failed = mode == PutMode::IfAbsent
        ? ::linkat(temp_folder_.get(), temp_name.c_str(), parent.get(), name.c_str(), 0)
        : ::renameat(temp_folder_.get(), temp_name.c_str(), parent.get(), name.c_str());
    if (failed && errno == ENOENT)
        return false;
    if (failed && errno == EEXIST && mode == PutMode::IfAbsent)
    {
        struct stat info;
        if (::fstatat(parent.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(info.st_mode))
        {
            errno = EISDIR;
            throwErrno("put", key);
        }
        result = PutResult::AlreadyExists;
    }
    else if (failed)
        throwErrno("put", key);
    else
        result = PutResult::Created;
    /// Also when it was there already: the winner may not have synced the folder yet, and the caller may now rely
    /// on the object being durable.
    syncHandle(parent, key);
    return true;
}

FileHandle LocalObjectStore::openParent(const std::string & key, bool create) const
{
    FileHandle folder(::openat(root_.get(), ".", folder_flags));
    if (!folder)
        throwErrno("open the root for", key);
    for (size_t begin = 0, end; (end = key.find('/', begin)) != std::string::npos; begin = end + 1)
    {
        const std::string name = key.substr(begin, end - begin);
        FileHandle next(::openat(folder.get(), name.c_str(), folder_flags));
        /// A concurrent remove may take away a folder that was just made: make it again.
        for (int attempt = 0; !next && errno == ENOENT && create && attempt < publish_attempts_max; ++attempt)
        {
            if (::mkdirat(folder.get(), name.c_str(), 0755) == 0)
                syncHandle(folder, key);
            else if (errno == ENOENT)
                return openParent(key, create); /// `folder` itself is gone
            else if (errno != EEXIST)
                throwErrno("create a folder for", key);
            next = FileHandle(::openat(folder.get(), name.c_str(), folder_flags));
        }
        if (!next)
        {
            /// ENOTDIR: a component is an object (or a link), so nothing can be below it.
            if (!create && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
                return FileHandle();
            throwErrno("open the folder of", key);
        }
        folder = std::move(next);
    }
    return folder;
}

std::optional<LocalObjectStore::OpenObject> LocalObjectStore::openObject(const std::string & key) const
{
    validateObjectKey(key);
    const FileHandle parent = openParent(key, /* create = */ false);
    if (!parent)
        return std::nullopt;
    const std::string name(lastComponent(key));
    /// O_NONBLOCK: a pipe planted in the folder must not hang the reader; it means nothing for a file.
    FileHandle file(::openat(parent.get(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!file)
    {
        if (errno == ENOENT || errno == ELOOP)
            return std::nullopt;
        throwErrno("open", key);
    }
    struct stat info;
    if (::fstat(file.get(), &info) != 0)
        throwErrno("stat", key);
    if (!S_ISREG(info.st_mode))
        return std::nullopt;
    return OpenObject{std::move(file), static_cast<uint64_t>(info.st_size), toMs(info.st_mtim)};
}

std::string LocalObjectStore::readAt(const OpenObject & object, const std::string & key, ObjectRange range)
{
    const uint64_t offset = std::min(range.offset, object.size);
    std::string bytes(std::min(range.length, object.size - offset), '\0');
    for (size_t done = 0; done < bytes.size();)
    {
        const ssize_t count
            = ::pread(object.file.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            throwErrno("read", key);
        if (count == 0)
            throw Exception(ErrorCode::S3_ERROR, "Object '{}' was cut short while it was read", key);
        done += static_cast<size_t>(count);
    }
    counters_.countGet(bytes.size());
    return bytes;
}

std::optional<ObjectBytes> LocalObjectStore::get(const std::string & key)
{
    return getRange(key, {0, object_bytes_max});
}

std::optional<ObjectBytes> LocalObjectStore::getRange(const std::string & key, ObjectRange range)
{
    const auto object = openObject(key);
    if (!object)
    {
        counters_.countGet(0);
        return std::nullopt;
    }
    return ObjectBytes{readAt(*object, key, range), object->size};
}

std::optional<ObjectBytes> LocalObjectStore::getSuffix(const std::string & key, uint64_t length)
{
    const auto object = openObject(key);
    if (!object)
    {
        counters_.countGet(0);
        return std::nullopt;
    }
    const uint64_t offset = object->size - std::min(length, object->size);
    return ObjectBytes{readAt(*object, key, {offset, length}), object->size};
}

std::optional<std::vector<std::string>>
LocalObjectStore::getRanges(const std::string & key, const std::vector<ObjectRange> & ranges)
{
    const auto object = openObject(key);
    if (!object)
    {
        counters_.countGet(0);
        return std::nullopt;
    }
    std::vector<std::string> result;
    result.reserve(ranges.size());
    for (const ObjectRange & range : ranges)
        result.push_back(readAt(*object, key, range));
    return result;
}

std::optional<ObjectInfo> LocalObjectStore::head(const std::string & key)
{
    counters_.count(&RequestCounters::heads);
    const auto object = openObject(key);
    if (!object)
        return std::nullopt;
    return ObjectInfo{key, object->size, object->mtime_ms};
}

ListPage LocalObjectStore::list(const std::string & prefix, const std::string & start_after, size_t limit)
{
    counters_.count(&RequestCounters::lists);
    ListPage page;
    listFolder(root_, "", prefix, start_after, std::clamp<size_t>(limit, 1, list_limit_max), page, 0);
    return page;
}

void LocalObjectStore::listFolder(
    const FileHandle & folder, const std::string & path, const std::string & prefix, const std::string & start_after,
    size_t limit, ListPage & page, size_t depth) const
{
    /// 1024 bytes of key cannot nest deeper.
    if (depth > 512)
        throw Exception(ErrorCode::S3_ERROR, "Folder '{}' of the object store is nested too deeply", path);
    for (const FolderEntry & entry : readFolder(folder, path))
    {
        const std::string key = path + entry.name;
        const size_t common = std::min(key.size(), prefix.size());
        if (key.compare(0, common, prefix, 0, common) != 0 || (!entry.is_folder && key.size() < prefix.size()))
            continue;
        /// All keys below a folder are ≤ start_after when its path is smaller and not a beginning of start_after.
        if (entry.is_folder ? key < start_after && !start_after.starts_with(key) : key <= start_after)
            continue;
        if (entry.is_folder)
        {
            const std::string name = entry.name.substr(0, entry.name.size() - 1);
            const FileHandle child(::openat(folder.get(), name.c_str(), folder_flags));
            if (child)
                listFolder(child, key, prefix, start_after, limit, page, depth + 1);
            else if (errno != ENOENT)
                throwErrno("list", key);
            if (page.truncated)
                return;
            continue;
        }
        struct stat info;
        if (::fstatat(folder.get(), entry.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
        {
            if (errno == ENOENT)
                continue;
            throwErrno("stat", key);
        }
        if (page.objects.size() == limit)
        {
            page.truncated = true;
            return;
        }
        page.objects.push_back({key, static_cast<uint64_t>(info.st_size), toMs(info.st_mtim)});
    }
}

void LocalObjectStore::remove(const std::string & key)
{
    validateObjectKey(key);
    counters_.count(&RequestCounters::deletes);
    std::string path = key;
    for (bool is_object = true;; is_object = false)
    {
        const FileHandle parent = openParent(path, /* create = */ false);
        if (!parent)
            return;
        const std::string name(lastComponent(path));
        if (::unlinkat(parent.get(), name.c_str(), is_object ? 0 : AT_REMOVEDIR) != 0)
        {
            if (errno == ENOENT || !is_object) /// a folder that is not empty stays
                return;
            if (errno == EISDIR)
                return; /// no object has this key
            throwErrno("remove", key);
        }
        if (is_object)
            syncHandle(parent, key);
        const size_t slash = path.rfind('/');
        if (slash == std::string::npos)
            return;
        path.resize(slash);
    }
}

void LocalObjectStore::removeStaleTemporaries() const
{
    const time_t now = ::time(nullptr);
    for (const FolderEntry & entry : readFolder(temp_folder_, ".tmp/"))
    {
        struct stat info;
        if (::fstatat(temp_folder_.get(), entry.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0
            && S_ISREG(info.st_mode) && info.st_mtime + stale_temporary_s < now)
            ::unlinkat(temp_folder_.get(), entry.name.c_str(), 0);
    }
}

}
