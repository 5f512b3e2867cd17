#include "columns/ColumnLambda.h"

namespace mangrove
{

ColumnPtr ColumnLambda::replicate(const Offsets & offsets) const
{
    CHECK(offsets.size() == rows_, "{} offsets for {} rows", offsets.size(), rows_);
    Columns captured;
    for (const auto & column : captured_)
        captured.push_back(column->replicate(offsets));
    return std::make_shared<ColumnLambda>(std::move(captured), argument_count_, body_, offsets.empty() ? 0 : offsets.back());
}

}
