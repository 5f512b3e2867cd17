#include "background/BackgroundRunner.h"

#include <algorithm>

namespace mangrove
{

namespace
{

constexpr size_t parts_max = 100;

/// How uneven a merge may be: sum of sizes over the largest size must reach this. Lower with age, many parts and
/// small sizes, so that everything is merged in the end.
double ratioNeeded(const std::vector<PartPtr> & parts, size_t begin, size_t end, int64_t now_ms, size_t partition_parts)
{
    uint64_t sum = 0;
    int64_t youngest_ms = 0;
    for (size_t i = begin; i < end; ++i)
    {
        sum += parts[i]->bytes;
        youngest_ms = std::max(youngest_ms, parts[i]->added_time_ms);
    }
    double base = 5;
    double age_s = static_cast<double>(std::max<int64_t>(0, now_ms - youngest_ms)) / 1000;
    if (age_s > 10)
        base -= std::min(3.0, age_s / 300);
    if (partition_parts > 10)
        base -= std::min(2.0, static_cast<double>(partition_parts - 10) / 20);
    if (sum < (16ULL << 20))
        base -= 1;
    return std::max(base, 1.5);
}

}

std::vector<PartPtr> selectMerge(const std::vector<PartPtr> & parts, const std::set<Uuid> & busy, uint64_t bytes_max, int64_t now_ms)
{
    size_t best_begin = 0, best_end = 0;
    double best_score = 0;
    for (size_t begin = 0; begin + 1 < parts.size(); ++begin)
    {
        uint64_t sum = parts[begin]->bytes, largest = parts[begin]->bytes;
        if (busy.contains(parts[begin]->uuid))
            continue;
        for (size_t end = begin + 2; end <= parts.size() && end - begin <= parts_max; ++end)
        {
            if (busy.contains(parts[end - 1]->uuid))
                break;
            sum += parts[end - 1]->bytes;
            largest = std::max(largest, parts[end - 1]->bytes);
            if (sum > bytes_max)
                break;
            double ratio = static_cast<double>(sum) / static_cast<double>(std::max<uint64_t>(largest, 1));
            if (ratio < ratioNeeded(parts, begin, end, now_ms, parts.size()))
                continue;
            // Many parts for few bytes is the best bargain.
            double score = static_cast<double>(end - begin - 1) / static_cast<double>(sum + (1 << 20));
            if (score > best_score)
            {
                best_score = score;
                best_begin = begin;
                best_end = end;
            }
        }
    }
    return {parts.begin() + static_cast<ptrdiff_t>(best_begin), parts.begin() + static_cast<ptrdiff_t>(best_end)};
}

}
