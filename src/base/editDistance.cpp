#include "base/editDistance.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace mangrove
{

uint64_t editDistance(std::string_view a, std::string_view b)
{
    std::vector<uint64_t> row(b.size() + 1); // of the matrix
    std::iota(row.begin(), row.end(), uint64_t{0});
    for (size_t i = 1; i <= a.size(); ++i)
    {
        uint64_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.size(); ++j)
        {
            uint64_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
            diagonal = above;
        }
    }
    return row[b.size()];
}

}
