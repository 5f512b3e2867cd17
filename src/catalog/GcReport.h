#pragma once
// What one GC or sweep step did; for log lines and metrics. Plain data.

#include "base/Uuid.h"

#include <cstdint>
#include <string>
#include <vector>

namespace mangrove
{

struct GcReport
{
    uint64_t parts_deleted = 0;
    std::vector<std::pair<std::string, Uuid>> removed; /// of those: database and part
    uint64_t orphans_deleted = 0;
    uint64_t metadata_deleted = 0;
    uint64_t nodes_fenced = 0;
};

}
