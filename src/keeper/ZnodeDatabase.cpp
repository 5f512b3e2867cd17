#include "keeper/ZnodeDatabase.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

namespace mangrove
{

namespace
{

constexpr int64_t format_version = 1;

void syncFolder(const std::filesystem::path & folder)
{
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = fd >= 0 && ::fsync(fd) == 0;
    if (fd >= 0)
        ::close(fd);
    if (!synced)
        throw Exception(
            ErrorCode::KEEPER_EXCEPTION, "Cannot sync the folder '{}': {}", folder.string(), std::strerror(errno));
}

}

ZnodeDatabase::ZnodeDatabase(const std::string & folder) : folder_(folder)
{
    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    if (error)
        throw Exception(
            ErrorCode::KEEPER_EXCEPTION, "Cannot create the Keeper's folder '{}': {}", folder_, error.message());
    try
    {
        lockFolder();
        open();
    }
    catch (...)
    {
        close();
        throw;
    }
}

ZnodeDatabase::~ZnodeDatabase()
{
    close();
}

void ZnodeDatabase::lockFolder()
{
    const std::string path = folder_ + "/keeper.lock";
    lock_fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (lock_fd_ < 0)
        throw Exception(ErrorCode::KEEPER_EXCEPTION, "Cannot open '{}': {}", path, std::strerror(errno));
    if (::flock(lock_fd_, LOCK_EX | LOCK_NB) != 0)
        throw Exception(
            ErrorCode::KEEPER_EXCEPTION,
            "The embedded Keeper in '{}' is in use by another process: stop it, or give this one a data_dir of its "
            "own; several nodes need a keeper of host:port,…",
            folder_);
}

void ZnodeDatabase::open()
{
    const std::string path = folder_ + "/keeper.sqlite";
    if (sqlite3_open_v2(
            path.c_str(), &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr)
        != SQLITE_OK)
        throwError("open");
    execute("PRAGMA locking_mode = EXCLUSIVE");
    execute("PRAGMA journal_mode = WAL");
    execute("PRAGMA synchronous = FULL");
    const int64_t version = queryNumber("PRAGMA user_version");
    if (version == 0)
    {
        execute("BEGIN IMMEDIATE");
        execute(
            "CREATE TABLE IF NOT EXISTS znodes (path TEXT PRIMARY KEY, data BLOB NOT NULL, version INTEGER NOT NULL,"
            " next_sequence INTEGER NOT NULL, mtime_ms INTEGER NOT NULL) WITHOUT ROWID");
        execute("PRAGMA user_version = 1");
        execute("COMMIT");
        syncFolder(folder_);
        syncFolder(std::filesystem::absolute(folder_).parent_path());
    }
    else if (version != format_version)
        throw Exception(
            ErrorCode::KEEPER_EXCEPTION, "The embedded Keeper in '{}' has format {}, this program reads {}", folder_,
            version, format_version);
    upsert_ = prepare("INSERT OR REPLACE INTO znodes VALUES (?1, ?2, ?3, ?4, ?5)");
    erase_ = prepare("DELETE FROM znodes WHERE path = ?1");
}

void ZnodeDatabase::close()
{
    sqlite3_finalize(upsert_);
    sqlite3_finalize(erase_);
    sqlite3_close(db_);
    if (lock_fd_ >= 0)
        ::close(lock_fd_);
}

void ZnodeDatabase::throwError(const char * doing)
{
    const int code = db_ ? sqlite3_errcode(db_) : SQLITE_NOMEM;
    const ErrorCode error = code == SQLITE_FULL ? ErrorCode::NOT_ENOUGH_SPACE
        : code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? ErrorCode::CORRUPTED_DATA
                                                           : ErrorCode::KEEPER_EXCEPTION;
    throw Exception(
        error, "Cannot {} the embedded Keeper in '{}': {}", doing, folder_,
        db_ ? sqlite3_errmsg(db_) : "out of memory");
}

void ZnodeDatabase::execute(const char * sql)
{
    if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        throwError(sql);
}

sqlite3_stmt * ZnodeDatabase::prepare(const char * sql)
{
    sqlite3_stmt * statement = nullptr;
    if (sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr) != SQLITE_OK)
        throwError("prepare a statement for");
    return statement;
}

int64_t ZnodeDatabase::queryNumber(const char * sql)
{
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt *)> statement(prepare(sql), sqlite3_finalize);
    if (sqlite3_step(statement.get()) != SQLITE_ROW)
        throwError("read");
    return sqlite3_column_int64(statement.get(), 0);
}

void ZnodeDatabase::step(sqlite3_stmt * statement)
{
    const int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    if (code != SQLITE_DONE)
        throwError("write to");
}

ZnodeTree ZnodeDatabase::load()
{
    /// A torn page must be an error here, not a missing node later.
    {
        const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt *)> check(
            prepare("PRAGMA quick_check(1)"), sqlite3_finalize);
        if (sqlite3_step(check.get()) != SQLITE_ROW
            || std::strcmp(reinterpret_cast<const char *>(sqlite3_column_text(check.get(), 0)), "ok") != 0)
            throw Exception(
                ErrorCode::CORRUPTED_DATA, "The embedded Keeper in '{}' is damaged: restore it from a backup, or "
                "rebuild it from the object store", folder_);
    }
    ZnodeTree tree;
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt *)> rows(
        prepare("SELECT path, data, version, next_sequence, mtime_ms FROM znodes"), sqlite3_finalize);
    int code = SQLITE_DONE;
    while ((code = sqlite3_step(rows.get())) == SQLITE_ROW)
    {
        const auto bytes = [&](int column)
        {
            const void * data = sqlite3_column_blob(rows.get(), column);
            const auto size = static_cast<size_t>(sqlite3_column_bytes(rows.get(), column));
            return size ? std::string(static_cast<const char *>(data), size) : std::string();
        };
        Znode node;
        node.data = bytes(1);
        node.version = sqlite3_column_int(rows.get(), 2);
        node.next_sequence = sqlite3_column_int(rows.get(), 3);
        node.mtime_ms = sqlite3_column_int64(rows.get(), 4);
        tree.restore(bytes(0), std::move(node));
    }
    if (code != SQLITE_DONE)
        throwError("load");
    return tree;
}

void ZnodeDatabase::save(const ZnodeTree & tree, const std::set<std::string> & paths)
{
    execute("BEGIN IMMEDIATE");
    try
    {
        for (const std::string & path : paths)
        {
            const Znode * node = tree.find(path);
            /// An ephemeral node does not outlive the process, so it is never in the file.
            sqlite3_stmt * statement = node && node->session == 0 ? upsert_ : erase_;
            sqlite3_bind_text(statement, 1, path.data(), static_cast<int>(path.size()), SQLITE_STATIC);
            if (statement == upsert_)
            {
                sqlite3_bind_blob(statement, 2, node->data.data(), static_cast<int>(node->data.size()), SQLITE_STATIC);
                sqlite3_bind_int(statement, 3, node->version);
                sqlite3_bind_int(statement, 4, node->next_sequence);
                sqlite3_bind_int64(statement, 5, node->mtime_ms);
            }
            step(statement);
        }
        execute("COMMIT");
    }
    catch (...)
    {
        sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr); /// fails when SQLite has rolled back itself
        throw;
    }
}

}
