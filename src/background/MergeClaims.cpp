#include "background/MergeClaims.h"

#include <chrono>
#include <thread>

namespace mangrove
{

MergeClaims::Claim MergeClaims::claim(const Uuid & table, const std::string & partition_id, const std::function<void()> & check)
{
    constexpr auto pause = std::chrono::milliseconds(5); // a merge lasts milliseconds to minutes
    while (true)
    {
        if (auto claim = tryClaim(table, partition_id))
            return std::move(*claim);
        check();
        std::this_thread::sleep_for(pause);
    }
}

}
