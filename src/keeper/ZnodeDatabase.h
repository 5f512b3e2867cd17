#pragma once
// The persistent nodes of an EmbeddedKeeper in a SQLite file (WAL, synchronous=FULL: a write that returned survives
// a power cut). Holds an exclusive lock on the folder while it lives. Not thread-safe.
//
// File: DIR/keeper.sqlite, one table znodes(path, data, version, next_sequence, mtime_ms), user_version 1.
// Lock: flock on DIR/keeper.lock, released by the kernel whatever way the process ends.

#include "keeper/ZnodeTree.h"

struct sqlite3;
struct sqlite3_stmt;

namespace mangrove
{

class ZnodeDatabase
{
public:
    /// Creates the folder if needed. Throws KEEPER_EXCEPTION if another process has it open.
    explicit ZnodeDatabase(const std::string & folder);
    ~ZnodeDatabase();
    ZnodeDatabase(const ZnodeDatabase &) = delete;

    ZnodeTree load();

    /// Makes the file agree with the tree for these paths, in one durable transaction. When it throws, the file may
    /// hold the state before or after.
    void save(const ZnodeTree & tree, const std::set<std::string> & paths);

private:
    void lockFolder();
    void open();
    void close();
    void execute(const char * sql);
    sqlite3_stmt * prepare(const char * sql);
    void step(sqlite3_stmt * statement);
    int64_t queryNumber(const char * sql);
    [[noreturn]] void throwError(const char * doing);

    const std::string folder_;
    int lock_fd_ = -1;
    sqlite3 * db_ = nullptr;
    sqlite3_stmt * upsert_ = nullptr;
    sqlite3_stmt * erase_ = nullptr;
};

}
