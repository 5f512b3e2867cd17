#pragma once
// When rows and parts expire by a table's TTL. Used by inserts, which tell the catalog, and by merges, which leave expired
// rows out. A value; not thread-safe.

#include "catalog/PartInfo.h"
#include "columns/ColumnVector.h"
#include "planner/TableDefinition.h"

#include <span>

namespace mangrove
{

/// The moment from which each row may go, in milliseconds since 1970, rounded up. The table has a TTL.
std::shared_ptr<const ColumnInt64> expiryMoments(const TtlDefinition & ttl, const Block & rows);

/// When the first and the last of some rows expire.
class ExpiryRange
{
public:
    void add(int64_t moment_ms)
    {
        min_ms_ = std::min(min_ms_, moment_ms);
        max_ms_ = std::max(max_ms_, moment_ms);
    }
    void add(std::span<const int64_t> moments_ms);
    /// 0 means "never" to the catalog, so a row that expired in 1970 or before did so a millisecond after it began.
    void writeTo(PartInfo & part) const;

private:
    int64_t min_ms_ = INT64_MAX, max_ms_ = INT64_MIN;
};

}
