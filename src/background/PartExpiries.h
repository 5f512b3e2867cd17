#pragma once
// When the rows of parts expire by the TTL that their table has now. What the catalog says of a part is by the TTL of the
// time it was written: parts from before an ALTER have their rows asked, once per version of the table. Called by the
// background loops; thread-safe.

#include "catalog/DatabaseState.h"
#include "parts/PartReader.h"

#include <functional>
#include <map>
#include <mutex>
#include <stop_token>

namespace mangrove
{

/// Of the first and the last row of a part; 0: never.
struct PartExpiry
{
    int64_t first_ms = 0;
    int64_t last_ms = 0;
};

class PartExpiries
{
public:
    explicit PartExpiries(std::function<PartReaderPtr(const PartInfo &)> open) : open_(std::move(open)) { }

    /// Never, with a warning in the log, of a part that cannot be read. ABORTED once `stop` is requested.
    PartExpiry of(const TableState & table, const PartInfo & part, std::stop_token stop);

private:
    static constexpr size_t known_max = 100'000;

    std::function<PartReaderPtr(const PartInfo &)> open_;
    std::mutex mutex_;
    std::map<std::pair<Uuid, uint32_t>, PartExpiry> known_; /// by part and version of the table
};

}
