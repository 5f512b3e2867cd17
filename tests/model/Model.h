#pragma once
// The commit protocol as a finite model: two nodes, one log, one bucket, clients that retry, and a network that
// loses and delays. World is the whole state as plain bytes; steps() gives every successor. CommitModel.cpp
// explores all of them. What the model leaves out (formats, generations, batching) cannot break an order.
// docs/decisions/002-commit-protocol.md explains the rules and what each mutant shows.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace model
{

constexpr int node_count = 2;
constexpr int epoch_count = 3; /// one node restarts at most once
constexpr int row_count = 2;   /// row 0 comes from a client with a token, row 1 from a stream with offsets
constexpr int log_max = 7;
constexpr int object_max = 8;
constexpr uint8_t none = 0xff;

enum class Kind : uint8_t { Insert, Merge, Drop, Alter };

struct Entry
{
    Kind kind;
    uint8_t txn;     /// the object's number serves as the transaction's
    uint8_t epoch;
    uint8_t row;     /// Insert
    uint8_t version; /// Insert, Merge: of the view's target when it began
    uint8_t sources; /// Merge: mask of objects
};

struct Object
{
    uint8_t rows;    /// mask; 0: never made
    uint8_t epoch;
    uint8_t sources; /// footer: what it was merged from
    bool exists;
};

enum class Phase : uint8_t { Idle, Uploaded, Unknown, Landed, Fenced };

struct Node
{
    uint8_t epoch;
    uint8_t applied;
    Phase phase;
    Entry pending;
    uint8_t snapshot; /// LSN of a running read; none: no reader
    bool expired;     /// the reader knows that its pin may not count any more
    uint8_t sweep_objects; /// listed by a sweep under way; 0: none
    uint8_t sweep_epochs;
    uint8_t sweep_lsn;
};

struct World
{
    std::array<Entry, log_max> log;
    uint8_t log_size;
    std::array<Object, object_max> objects;
    uint8_t object_count;
    std::array<Node, node_count> nodes;
    std::array<bool, epoch_count> registered;
    std::array<uint8_t, epoch_count> pins;
    std::array<uint8_t, epoch_count> fenced_at; /// log size when it was fenced
    uint8_t epochs_made;
    Entry flying; /// an append that was sent, answered by a timeout, and has not arrived
    bool is_flying;
    uint8_t acked; /// rows whose client got an answer
    uint8_t tries; /// inserts begun
    uint8_t checkpoint;
    uint8_t crashes, fences, merges, drops, alters, losses, sweeps;
};

/// What an explored configuration may do; each is exhausted on its own.
struct Limits
{
    const char * name;
    uint8_t rows; /// mask of rows that are inserted
    uint8_t tries, crashes, fences, merges, drops, alters, losses, sweeps;
    bool readers, gc, rebuild;
};

/// The database after the first `lsn` entries.
struct View
{
    uint8_t active = 0;    /// objects
    uint8_t view_rows = 0; /// rows that the materialized view's target holds
    uint8_t table_rows = 0;
    uint8_t applied_inserts[row_count] = {};
    uint8_t dropped_rows = 0;
    uint8_t removed_lsn[object_max] = {}; /// of outdated objects; 0: not outdated
    uint8_t decided = 0;                  /// transactions
    uint8_t duplicates = 0;               /// transactions that were decided as such
    uint8_t applied = 0;                  /// transactions
    uint8_t next_offset = 0;
    uint8_t version = 0;
    bool doubled = false; /// a row is active twice
};

extern std::string mutant;

View replay(const World & world, int lsn);
std::vector<World> steps(const World & world, const Limits & limits);
World initialWorld();

/// Empty, or what is broken.
std::string broken(const World & world, const Limits & limits);

}
