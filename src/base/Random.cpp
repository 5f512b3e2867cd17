#include "base/Random.h"

#include "base/Exception.h"

#include <sys/random.h>

namespace mangrove
{

uint64_t randomSeed()
{
    uint64_t seed = 0;
    CHECK(getrandom(&seed, sizeof(seed), 0) == sizeof(seed), "getrandom failed");
    return seed;
}

}
