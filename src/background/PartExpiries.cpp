#include "background/PartExpiries.h"

#include "base/Log.h"
#include "ingest/Expiry.h"
#include "merging/mergeParts.h"
#include "planner/TableDefinition.h"

#include <set>

namespace mangrove
{

namespace
{

/// Asks the rows of a part from before an ALTER, which may have changed the TTL.
PartExpiry readExpiry(const TableDefinition & definition, const PartInfo & part, const PartReaderPtr & reader, std::stop_token stop)
{
    const auto & ttl = *definition.ttl();
    std::set<std::string> names;
    collectColumns(ttl.expression, names);
    ReadColumns columns;
    for (const auto & name : names)
    {
        if (!partHolds(*reader, part.schema_version, definition.schema(), name))
            return {}; // the next merge adds it
        columns.push_back(ReadColumn(ReadColumn::Kind::Whole, name, "", name));
    }
    ExpiryRange range;
    auto source = makePartSource(reader, columns, {{0, reader->rows()}}, false);
    while (auto block = source->next())
    {
        range.add(expiryMoments(ttl, *block)->data());
        if (stop.stop_requested())
            throw Exception(ErrorCode::ABORTED, "The node is stopping");
    }
    PartInfo found;
    range.writeTo(found);
    return {found.ttl_min_ms, found.ttl_max_ms};
}

}

PartExpiry PartExpiries::of(const TableState & table, const PartInfo & part, std::stop_token stop)
{
    if (table.schema->ttl.empty())
        return {};
    if (part.schema_version == table.schema->version)
        return {part.ttl_min_ms, part.ttl_max_ms};
    const std::pair key(part.uuid, table.schema->version);
    {
        std::lock_guard lock(mutex_);
        if (auto it = known_.find(key); it != known_.end())
            return it->second;
    }
    PartExpiry expiry;
    try
    {
        expiry = readExpiry(*TableDefinition::of(table.schema), part, open_(part), stop);
    }
    catch (const Exception & exception)
    {
        // A part that cannot be read must not keep others from expiring. It is asked again the next time.
        if (stop.stop_requested())
            throw;
        logWarning("ttl", "cannot tell when part {} of table {} expires: {}", part.uuid.toString(), table.schema->name, exception.message());
        return {};
    }
    std::lock_guard lock(mutex_);
    if (known_.size() >= known_max)
        known_.clear();
    return known_[key] = expiry;
}

}
