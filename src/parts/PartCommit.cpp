#include "parts/PartCommit.h"

#include "io/Checksum.h"
#include "parts/PartRoot.h"

namespace mangrove
{

namespace
{
constexpr uint8_t section_version = 1;
constexpr uint64_t suffix_bytes = 16 << 10;
}

void attachCommit(std::string & part, std::string_view entry)
{
    PartTail tail = PartTail::read(part, part.size());
    part.resize(tail.commit.offset);
    tail.commit.size = 0;
    tail.commit.checksum = 0;
    if (!entry.empty())
    {
        WriteBuffer section;
        section.writePod(section_version);
        section.write(entry);
        tail.commit = placeBlob(part, section.str());
    }
    WriteBuffer bytes;
    tail.write(bytes);
    part += bytes.str();
}

std::optional<std::string> readCommit(ObjectStore & objects, const std::string & key)
try
{
    auto suffix = objects.getSuffix(key, suffix_bytes);
    if (!suffix)
        return std::nullopt;
    PartTail tail = PartTail::read(suffix->bytes, suffix->object_size);
    if (tail.commit.size == 0)
        return "";
    uint64_t suffix_begin = suffix->object_size - suffix->bytes.size();
    std::string section;
    if (tail.commit.offset >= suffix_begin)
        section = suffix->bytes.substr(tail.commit.offset - suffix_begin, tail.commit.size);
    else if (auto range = objects.getRange(key, {tail.commit.offset, tail.commit.size}))
        section = std::move(range->bytes);
    else
        return std::nullopt;
    if (section.size() != tail.commit.size || xxh3(section) != tail.commit.checksum)
        throw Exception(ErrorCode::CHECKSUM_DOESNT_MATCH, "Checksum of the commit section does not match: the object is damaged");
    if (static_cast<uint8_t>(section[0]) != section_version)
        throwCorrupted(fmt::format("the commit section has version {}, known is {}", static_cast<uint8_t>(section[0]), section_version));
    return section.substr(1);
}
catch (Exception & e)
{
    e.addContext(fmt::format("while reading the commit section of part {}", key));
    throw;
}

}
