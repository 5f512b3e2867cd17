#include "object_store/ObjectStore.h"

#include <algorithm>

namespace mangrove
{

std::optional<std::vector<std::string>>
ObjectStore::getRanges(const std::string & key, const std::vector<ObjectRange> & ranges)
{
    std::vector<std::string> result;
    result.reserve(ranges.size());
    for (const ObjectRange & range : ranges)
    {
        auto answer = getRange(key, range);
        if (!answer)
            return std::nullopt;
        result.push_back(std::move(answer->bytes));
    }
    return result;
}

void ObjectStore::removeMany(const std::vector<std::string> & keys)
{
    for (const std::string & key : keys)
        remove(key);
}

void validateObjectKey(std::string_view key)
{
    auto refuse = [&](std::string_view why)
    {
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Object key '{}' {}", key.substr(0, 200), why);
    };
    if (key.empty() || key.size() > 1024)
        refuse("must be 1 to 1024 bytes long");
    /// XML 1.0, in which S3 lists keys, cannot carry control characters.
    if (std::any_of(key.begin(), key.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
        refuse("contains a control character");
    if (key == ".tmp" || key.starts_with(".tmp/"))
        refuse("is below the reserved component .tmp");
    for (size_t begin = 0; begin <= key.size();)
    {
        const size_t end = std::min(key.find('/', begin), key.size());
        const std::string_view component = key.substr(begin, end - begin);
        if (component.empty() || component.size() > 255)
            refuse("has a component that is empty or longer than 255 bytes");
        if (component == "." || component == "..")
            refuse("has a component . or ..");
        begin = end + 1;
    }
}

}
