#pragma once
// What one node chooses for its catalog; values that all nodes must share are in DatabaseOptions. Plain data.

#include <cstddef>
#include <cstdint>
#include <string>

namespace mangrove
{

struct CatalogSettings
{
    std::string node_name = "node";
    std::string address;                  /// host:port for other nodes; may be empty
    bool exclusive = false;               /// no other node can be alive (embedded Keeper): fence all at start
    bool leases = true;                   /// one node at a time checkpoints and collects; off in tests
    int64_t commit_timeout_ms = 15'000;   /// how long a commit asks again after lost answers
    uint64_t checkpoint_entries = 1000;   /// a checkpoint is due after so many entries…
    int64_t checkpoint_interval_ms = 60'000; /// …or so long after the last one, if there is any entry
    uint64_t truncation_slack = 100;      /// entries left behind a checkpoint, for nodes that lag a little
    size_t entry_spill_bytes = 256 << 10; /// larger entries go to the bucket
    int64_t generation_roll_count = 1'000'000'000; /// below the 2^31 of the Keeper's counters
};

}
