#include "mutants.h"

#include "catalog/Mutant.h"

#include <algorithm>
#include <stdexcept>

namespace mangrove
{

namespace
{
std::string planted;
}

const std::vector<MutantInfo> & allMutants()
{
    static const std::vector<MutantInfo> mutants{
        {"append_without_epoch_check", "a fenced node's late append lands"},
        {"lost_reply_means_failed", "an append without an answer is reported as failed"},
        {"apply_repeats", "replay judges a repeated transaction again"},
        {"ignore_tokens", "a retry is inserted twice"},
        {"stamp_with_own_clock", "tokens age by each node's own wall clock"},
        {"token_age_at_landing", "a token's age is taken when an entry lands, not when it began"},
        {"insert_ignores_views", "an insert commits under another schema or set of views than it was made for"},
        {"ignore_offsets", "two consumers commit the same messages"},
        {"merge_ignores_sources", "a merge commits although a source is gone"},
        {"gc_ignores_pins", "GC deletes what another node reads"},
        {"fence_without_grace", "a node is fenced as soon as it is silent, and with it its readers' pins"},
        {"fence_any_version", "a node that has just sent a heartbeat is fenced"},
        {"list_nodes_without_sync", "a new node is not seen yet, so its uploads look like orphans"},
        {"sweep_lists_late", "the bucket is listed after the nodes and the state"},
        {"sweep_undecided", "uploads of a running insert are swept"},
        {"truncate_before_checkpoint", "the Keeper's log is cut before the checkpoint is in place"},
        {"checkpoint_forgets_lost_cas", "a checkpoint whose answer was lost is swept, and lands later"},
        {"list_without_checkpoint_check", "a laggard lists a log whose beginning is gone"},
        {"no_head_check", "a Keeper that went back is not noticed by a running node"},
        {"no_bucket_check", "a Keeper that went back is not noticed by a joining node"},
    };
    return mutants;
}

void plantMutant(const std::string & name)
{
    auto known = [&](const MutantInfo & info) { return info.name == name; };
    if (!name.empty() && std::none_of(allMutants().begin(), allMutants().end(), known))
        throw std::invalid_argument("there is no mutant '" + name + "'; see --list-mutants");
    planted = name;
}

bool isMutantPlanted(std::string_view name)
{
    return planted == name;
}

}
