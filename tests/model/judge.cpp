// What the log means, and what must hold in every reachable World.

#include "Model.h"

namespace model
{

namespace
{

bool planted(const char * name) { return mutant == name; }
bool has(uint8_t mask, int bit) { return mask >> bit & 1; }

void outdate(View & view, int object, int lsn)
{
    view.active &= ~(1 << object);
    view.removed_lsn[object] = static_cast<uint8_t>(lsn);
}

void applyInsert(View & view, const Entry & entry, int lsn)
{
    bool token_known = entry.row == 0 && has(view.table_rows, 0) && !planted("tokens_ignored");
    if (token_known)
    {
        view.duplicates |= 1 << entry.txn;
        outdate(view, entry.txn, lsn);
        return;
    }
    bool offset_moved = entry.row == 1 && view.next_offset != 0 && !planted("offsets_ignored");
    bool altered = entry.version != view.version;
    if (offset_moved || (altered && !planted("two_verdicts")))
        return outdate(view, entry.txn, lsn);
    view.applied |= 1 << entry.txn;
    view.active |= 1 << entry.txn;
    view.doubled |= has(view.table_rows, entry.row);
    view.table_rows |= 1 << entry.row;
    if (!altered) // two_verdicts: the view's own log judges the view's rows
        view.view_rows |= 1 << entry.row;
    if (entry.row == 1)
        view.next_offset = 1;
}

void applyMerge(View & view, const World & world, const Entry & entry, int lsn)
{
    bool valid = (view.active & entry.sources) == entry.sources && entry.version == view.version;
    if (!valid && !planted("merge_ignores_sources"))
        return outdate(view, entry.txn, lsn);
    for (int o = 0; o < object_max; ++o)
        if (has(entry.sources, o))
            outdate(view, o, lsn);
    view.applied |= 1 << entry.txn;
    view.active |= 1 << entry.txn;
    (void)world;
}

}

View replay(const World & world, int lsn)
{
    View view;
    for (int i = 0; i < lsn; ++i)
    {
        const auto & entry = world.log[i];
        if (entry.kind == Kind::Alter)
        {
            view.version++;
            continue;
        }
        if (entry.kind == Kind::Drop)
        {
            for (int o = 0; o < object_max; ++o)
                if (has(view.active, o))
                    outdate(view, o, i + 1);
            view.dropped_rows |= view.table_rows;
            view.table_rows = view.view_rows = 0; // their tokens go too
            continue;
        }
        if (has(view.decided, entry.txn) && !planted("repeats_are_judged_again"))
            continue;
        view.decided |= 1 << entry.txn;
        if (entry.kind == Kind::Insert)
            applyInsert(view, entry, i + 1);
        else
            applyMerge(view, world, entry, i + 1);
    }
    uint8_t seen = 0;
    for (int o = 0; o < object_max; ++o)
        if (has(view.active, o))
        {
            view.doubled |= (seen & world.objects[o].rows) != 0;
            seen |= world.objects[o].rows;
        }
    return view;
}

namespace
{

/// The Keeper is lost: what the last checkpoint says, corrected by the footers of objects that it does not know.
std::string rebuildProblem(const World & world, const View & head)
{
    auto base = replay(world, world.checkpoint);
    uint8_t set = base.active;
    uint8_t covered = 0;
    auto rowsOf = [&](uint8_t objects)
    {
        uint8_t rows = 0;
        for (int o = 0; o < object_max; ++o)
            if (has(objects, o))
                rows |= world.objects[o].rows;
        return rows;
    };
    auto unknown = [&](int o) { return world.objects[o].exists && !has(base.decided, o); };
    for (int o = 0; o < world.object_count; ++o) // one object per token, and none of what is in
        if (unknown(o) && world.objects[o].sources == 0)
            if (!(rowsOf(set) & world.objects[o].rows) || planted("rebuild_without_tokens"))
                set |= 1 << o;
    // A merge whose source is gone has certainly been committed: those first.
    for (bool committed : {true, false})
        for (int o = 0; o < world.object_count; ++o)
        {
            const auto & object = world.objects[o];
            if (!unknown(o) || object.sources == 0 || has(covered, o))
                continue;
            bool source_gone = false;
            for (int s = 0; s < object_max; ++s)
                source_gone |= has(object.sources, s) && !world.objects[s].exists;
            if (source_gone != committed || (object.sources & covered))
                continue;
            if (planted("rebuild_without_sources"))
            {
                set |= 1 << o;
                continue;
            }
            if (!committed && (object.sources & set) != object.sources)
                continue;
            for (int other = 0; other < world.object_count; ++other) // a copy of a row that the result holds
                if (has(set, other) && (world.objects[other].rows & object.rows))
                    set &= ~(1 << other);
            set |= 1 << o;
            covered |= object.sources;
        }
    uint8_t rows = 0;
    for (int o = 0; o < world.object_count; ++o)
        if (has(set, o) && world.objects[o].exists)
        {
            if (rows & world.objects[o].rows)
                return "rebuild doubles a row";
            rows |= world.objects[o].rows;
        }
    uint8_t owed = world.acked & head.table_rows;
    return (rows & owed) == owed ? "" : "rebuild loses an acknowledged row";
}

}

std::string broken(const World & world, const Limits & limits)
{
    auto head = replay(world, world.log_size);
    if (head.doubled)
        return "I4: a row is there twice";
    if (world.acked & ~(head.table_rows | head.dropped_rows))
        return "I4: an acknowledged row is not there";
    if (head.view_rows != head.table_rows)
        return "I4: table and view differ";
    uint8_t rows = 0;
    for (int o = 0; o < object_max; ++o)
        if (has(head.active, o))
            rows |= world.objects[o].rows;
    if (rows != head.table_rows)
        return "I3: a merge changed the rows";
    auto readable = [&](int lsn)
    {
        auto view = replay(world, lsn);
        for (int o = 0; o < object_max; ++o)
            if (has(view.active, o) && !world.objects[o].exists)
                return false;
        return true;
    };
    if (!readable(world.log_size))
        return "I5: an active object was deleted";
    for (const auto & node : world.nodes)
    {
        if (node.snapshot != none && !node.expired && !readable(node.snapshot))
            return "I5: an object of a running read was deleted";
        if (world.registered[node.epoch] && !readable(node.applied))
            return "I5: an object that a registered node may read was deleted";
    }
    for (int i = 0; i < world.log_size; ++i)
        if (world.fenced_at[world.log[i].epoch] <= i)
            return "I8: a fenced epoch committed";
    return limits.rebuild ? rebuildProblem(world, head) : "";
}

}
