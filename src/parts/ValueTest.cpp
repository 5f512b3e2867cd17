#include "parts/ValueTest.h"

#include <algorithm>

namespace mangrove
{

namespace
{

/// Dictionaries whose results are kept: those of the keys of the parts that are being read.
constexpr size_t tested_max = 1024;

}

std::shared_ptr<const ValueTest::Matches> ValueTest::testDictionary(const ColumnPtr & dictionary) const
{
    {
        std::lock_guard lock(mutex_);
        for (auto tested = tested_.begin(); tested != tested_.end(); ++tested)
            if (!tested->dictionary.owner_before(dictionary) && !dictionary.owner_before(tested->dictionary))
            {
                tested_.splice(tested_.begin(), tested_, tested);
                return tested->matches;
            }
    }
    std::shared_ptr<Matches> matches;
    try
    {
        matches = std::make_shared<Matches>();
        matches->by_code = evaluate_(dictionary);
        matches->any = std::find(matches->by_code.begin(), matches->by_code.end(), 1) != matches->by_code.end();
    }
    catch (const Exception &)
    {
        matches = nullptr;
    }
    std::lock_guard lock(mutex_);
    tested_.push_front({dictionary, matches});
    if (tested_.size() > tested_max)
        tested_.pop_back();
    return matches;
}

}
