#include "Model.h"

#include <algorithm>

namespace model
{

std::string mutant;

namespace
{

bool planted(const char * name) { return mutant == name; }
bool has(uint8_t mask, int bit) { return mask >> bit & 1; }

void append(World & world, const Entry & entry)
{
    world.log[world.log_size++] = entry;
}

bool mayLand(const World & world, const Entry & entry)
{
    return world.log_size < log_max && (world.registered[entry.epoch] || planted("append_without_epoch_check"));
}

/// The five fates of one append: landed and answered, landed unanswered, lost, late, refused.
void appends(const World & from, int n, const Limits & limits, std::vector<World> & out)
{
    const auto & node = from.nodes[n];
    if (node.phase != Phase::Uploaded && node.phase != Phase::Unknown)
        return;
    bool registered = from.registered[node.epoch];
    if (mayLand(from, node.pending))
    {
        World next = from;
        append(next, node.pending);
        next.nodes[n].phase = Phase::Landed;
        out.push_back(next);
        if (from.losses < limits.losses)
        {
            next.losses++;
            next.nodes[n].phase = Phase::Unknown;
            out.push_back(next);
        }
    }
    else if (!registered)
    {
        World next = from;
        // Refused for good. If an earlier attempt may have landed, only a look at the head tells.
        next.nodes[n].phase = Phase::Fenced;
        out.push_back(next);
    }
    if (from.losses < limits.losses)
    {
        World next = from;
        next.losses++;
        next.nodes[n].phase = Phase::Unknown;
        out.push_back(next);
        if (!from.is_flying)
        {
            next.is_flying = true;
            next.flying = node.pending;
            out.push_back(next);
        }
    }
}

void begins(const World & from, int n, const Limits & limits, std::vector<World> & out)
{
    const auto & node = from.nodes[n];
    if (node.phase != Phase::Idle || from.object_count == object_max)
        return;
    auto view = replay(from, node.applied);
    for (int row = 0; row < row_count; ++row)
    {
        if (!has(limits.rows, row) || has(from.acked, row) || from.tries == limits.tries)
            continue;
        if (row == 1 && view.next_offset != 0)
            continue; // the consumer seeks to the head's offset: the message is in
        World next = from;
        next.tries++;
        auto & object = next.objects[next.object_count];
        object = {.rows = static_cast<uint8_t>(1 << row), .epoch = node.epoch, .sources = 0, .exists = true};
        auto & mine = next.nodes[n];
        mine.phase = Phase::Uploaded;
        mine.pending = {.kind = Kind::Insert, .txn = next.object_count, .epoch = node.epoch, .row = static_cast<uint8_t>(row),
            .version = view.version, .sources = 0};
        next.object_count++;
        out.push_back(next);
    }
    if (from.merges < limits.merges && __builtin_popcount(view.active) >= 2)
    {
        World next = from;
        next.merges++;
        uint8_t rows = 0;
        bool readable = true;
        for (int o = 0; o < object_max; ++o)
            if (has(view.active, o))
            {
                rows |= from.objects[o].rows;
                readable &= from.objects[o].exists;
            }
        if (!readable)
            return; // a source was deleted by others: the merge fails and changes nothing
        next.objects[next.object_count] = {.rows = rows, .epoch = node.epoch, .sources = view.active, .exists = true};
        auto & mine = next.nodes[n];
        mine.phase = Phase::Uploaded;
        mine.pending = {.kind = Kind::Merge, .txn = next.object_count, .epoch = node.epoch, .row = 0, .version = view.version,
            .sources = view.active};
        next.object_count++;
        out.push_back(next);
    }
}

/// Once the node has replayed its own entry, or knows that it cannot exist, it answers its client.
void answers(const World & from, int n, std::vector<World> & out)
{
    const auto & node = from.nodes[n];
    if (node.phase == Phase::Idle || node.phase == Phase::Uploaded)
        return;
    auto view = replay(from, node.applied);
    bool decided = has(view.decided, node.pending.txn);
    bool refused = node.phase == Phase::Fenced && node.applied == from.log_size;
    if (planted("lost_reply_means_failed") && node.phase == Phase::Unknown)
        refused = true;
    if (!decided && !refused)
        return;
    World next = from;
    next.nodes[n].phase = Phase::Idle;
    next.nodes[n].pending = {};
    bool in = planted("ack_without_verdict") || has(view.applied, node.pending.txn) || has(view.duplicates, node.pending.txn);
    if (decided && in && node.pending.kind == Kind::Insert)
        next.acked |= 1 << node.pending.row;
    if (refused && !decided && planted("lost_reply_means_failed"))
        next.objects[node.pending.txn].exists = false; // cleans up after itself: it may have landed
    out.push_back(next);
}

void deletes(const World & from, int n, const Limits & limits, std::vector<World> & out)
{
    const auto & node = from.nodes[n];
    // GC of outdated objects: it reads the pins, then the state.
    if (limits.gc && from.registered[node.epoch])
    {
        uint8_t pin = none;
        for (int e = 0; e < from.epochs_made; ++e)
            if (from.registered[e] && !(planted("gc_ignores_pins") && e != node.epoch))
                pin = std::min(pin, from.pins[e]);
        auto view = replay(from, node.applied);
        World next = from;
        for (int o = 0; o < object_max; ++o)
            if (view.removed_lsn[o] != 0 && view.removed_lsn[o] <= pin)
                next.objects[o].exists = false;
        out.push_back(next);
    }
    // Sweep: list the bucket; then see who is registered; then replay to the head; then judge.
    if (node.sweep_objects == 0 && from.sweeps < limits.sweeps)
    {
        World next = from;
        auto & mine = next.nodes[n];
        next.sweeps++;
        for (int o = 0; o < from.object_count; ++o)
            if (from.objects[o].exists)
                mine.sweep_objects |= 1 << o;
        for (int e = 0; e < from.epochs_made; ++e)
            if (from.registered[e])
                mine.sweep_epochs |= 1 << e;
        mine.sweep_lsn = from.log_size;
        if (mine.sweep_objects != 0)
            out.push_back(next);
    }
    else if (node.sweep_objects != 0 && node.applied == from.log_size)
    {
        World next = from;
        auto & mine = next.nodes[n];
        uint8_t epochs = 0;
        for (int e = 0; e < from.epochs_made; ++e)
            if (from.registered[e])
                epochs |= 1 << e;
        uint8_t listed = node.sweep_objects;
        int lsn = from.log_size;
        if (planted("sweep_lists_last")) // epochs of then, objects of now
        {
            epochs = node.sweep_epochs;
            listed = 0xff;
        }
        if (planted("sweep_with_old_state"))
            lsn = node.sweep_lsn;
        auto view = replay(from, lsn);
        for (int o = 0; o < from.object_count; ++o)
        {
            bool referenced = has(view.active, o) || view.removed_lsn[o] != 0;
            bool decided = !has(epochs, from.objects[o].epoch) || has(view.decided, o) || planted("sweep_undecided");
            if (has(listed, o) && !referenced && decided)
                next.objects[o].exists = false;
        }
        mine.sweep_objects = mine.sweep_epochs = mine.sweep_lsn = 0;
        out.push_back(next);
    }
}

void readersAndPins(const World & from, int n, const Limits & limits, std::vector<World> & out)
{
    const auto & node = from.nodes[n];
    if (!limits.readers)
        return;
    World next = from;
    auto & mine = next.nodes[n];
    if (node.snapshot == none)
    {
        // A fenced node has not heard from the Keeper for longer than it trusts a pin: whatever it reads is expired.
        mine.snapshot = node.applied;
        mine.expired = !from.registered[node.epoch] && !planted("pins_end_with_the_session");
    }
    else
    {
        mine.snapshot = none;
        mine.expired = false;
    }
    out.push_back(next);
    if (from.registered[node.epoch])
    {
        next = from;
        next.pins[node.epoch] = planted("pin_says_applied") ? node.applied : std::min(node.applied, node.snapshot);
        out.push_back(next);
    }
}

void faults(const World & from, int n, const Limits & limits, std::vector<World> & out)
{
    const auto & node = from.nodes[n];
    if (from.crashes < limits.crashes && from.epochs_made < epoch_count)
    {
        // kill -9 and restart: a new incarnation, which joins from the checkpoint and pins everything at first.
        World next = from;
        next.crashes++;
        auto epoch = next.epochs_made++;
        next.registered[epoch] = true;
        next.pins[epoch] = planted("joiner_without_pin") ? none : 0;
        next.nodes[n] = {.epoch = epoch, .applied = from.checkpoint, .phase = Phase::Idle, .pending = {}, .snapshot = none,
            .expired = false, .sweep_objects = 0, .sweep_epochs = 0, .sweep_lsn = 0};
        out.push_back(next);
    }
    // The other node has not seen this one's record move for the whole grace. The grace is longer than a
    // reader trusts its pin, so by then the reader refuses to go on.
    int other = 1 - n;
    for (int e = 0; e < from.epochs_made; ++e)
        if (from.fences < limits.fences && from.registered[e] && e != from.nodes[other].epoch)
        {
            World next = from;
            next.fences++;
            next.registered[e] = false;
            next.fenced_at[e] = from.log_size;
            if (e == node.epoch && !planted("pins_end_with_the_session"))
                next.nodes[n].expired = true;
            out.push_back(next);
        }
}

void statements(const World & from, int n, const Limits & limits, std::vector<World> & out)
{
    const auto & node = from.nodes[n];
    if (from.log_size == log_max || !from.registered[node.epoch])
        return;
    if (from.drops < limits.drops && replay(from, from.log_size).active != 0)
    {
        World next = from;
        next.drops++;
        append(next, {.kind = Kind::Drop, .txn = none, .epoch = node.epoch, .row = 0, .version = 0, .sources = 0});
        out.push_back(next);
    }
    if (from.alters < limits.alters)
    {
        World next = from;
        next.alters++;
        append(next, {.kind = Kind::Alter, .txn = none, .epoch = node.epoch, .row = 0, .version = 0, .sources = 0});
        out.push_back(next);
    }
}

}

World initialWorld()
{
    World world{};
    for (int n = 0; n < node_count; ++n)
    {
        world.nodes[n].epoch = n;
        world.nodes[n].snapshot = none;
        world.registered[n] = true;
    }
    world.fenced_at.fill(none);
    world.epochs_made = node_count;
    return world;
}

std::vector<World> steps(const World & from, const Limits & limits)
{
    std::vector<World> out;
    for (int n = 0; n < node_count; ++n)
    {
        begins(from, n, limits, out);
        appends(from, n, limits, out);
        answers(from, n, out);
        deletes(from, n, limits, out);
        readersAndPins(from, n, limits, out);
        faults(from, n, limits, out);
        statements(from, n, limits, out);
        if (from.nodes[n].applied < from.log_size)
        {
            World next = from;
            next.nodes[n].applied = from.log_size; // a node that lags is one that has not come here for a while
            out.push_back(next);
        }
        if (limits.rebuild && from.nodes[n].applied > from.checkpoint && from.registered[from.nodes[n].epoch])
        {
            World next = from;
            next.checkpoint = from.nodes[n].applied;
            out.push_back(next);
        }
    }
    if (from.is_flying)
    {
        World next = from;
        next.is_flying = false;
        next.flying = {};
        out.push_back(next);
        if (mayLand(from, from.flying))
        {
            append(next, from.flying);
            out.push_back(next);
        }
    }
    return out;
}

}
