#include "ingest/Expiry.h"

#include "expressions/Evaluator.h"
#include "functions/callFunction.h"

#include <algorithm>

namespace mangrove
{

std::shared_ptr<const ColumnInt64> expiryMoments(const TtlDefinition & ttl, const Block & rows)
{
    auto value = TableDefinition::compute(ttl.expression, rows);
    auto moments = castColumn({value, ttl.expression->type, ""}, parseDataType("DateTime64(3, 'UTC')"));
    auto result = std::make_shared<ColumnInt64>(columnAs<ColumnInt64>(*moments));
    for (auto & moment_ms : result->data())
        ++moment_ms; // the cast rounds down
    return result;
}

void ExpiryRange::add(std::span<const int64_t> moments_ms)
{
    for (int64_t moment_ms : moments_ms)
        add(moment_ms);
}

void ExpiryRange::writeTo(PartInfo & part) const
{
    if (min_ms_ > max_ms_)
        return;
    part.ttl_min_ms = std::max<int64_t>(min_ms_, 1);
    part.ttl_max_ms = std::max<int64_t>(max_ms_, 1);
}

}
