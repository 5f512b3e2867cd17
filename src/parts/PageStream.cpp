#include "parts/PageStream.h"

#include "io/Checksum.h"

#include <algorithm>

namespace mangrove
{

namespace
{

constexpr uint8_t directory_version = 1;
constexpr uint64_t pages_max = 1ULL << 24;
constexpr uint64_t chunk_bytes_max = 1 << 20;

}

void BlobLocation::write(WriteBuffer & out) const
{
    out.writeVarUInt(size);
    if (size)
    {
        out.writeVarUInt(offset);
        out.writePod(checksum);
    }
}

BlobLocation BlobLocation::read(ReadBuffer & in)
{
    BlobLocation location;
    location.size = in.readVarUInt();
    if (location.size)
    {
        location.offset = in.readVarUInt();
        location.checksum = in.readPod<uint64_t>();
    }
    return location;
}

void StreamLocation::write(WriteBuffer & out) const
{
    out.writeVarUInt(offset);
    out.writeVarUInt(size);
    out.writeVarUInt(pages);
    directory.write(out);
    dictionary.write(out);
}

StreamLocation StreamLocation::read(ReadBuffer & in)
{
    StreamLocation location;
    location.offset = in.readVarUInt();
    location.size = in.readVarUInt();
    location.pages = in.readVarUInt();
    if (location.pages > pages_max)
        throwCorrupted("stream has too many pages");
    location.directory = BlobLocation::read(in);
    location.dictionary = BlobLocation::read(in);
    return location;
}

uint64_t Directory::elementsIn(size_t begin, size_t end) const
{
    uint64_t total = 0;
    for (size_t page = begin; page < end; ++page)
        total += elements[page];
    return total;
}

Directory Directory::parse(std::string_view bytes, const StreamLocation & location)
{
    ReadBuffer in(bytes);
    if (in.readPod<uint8_t>() != directory_version)
        throwCorrupted("unknown version of a page directory");
    size_t pages = location.pages;
    if (pages > bytes.size()) /// each page has a checksum: bounds the allocation
        throwCorrupted("page directory is too short");
    auto readNumbers = [&](auto & to)
    {
        uint64_t size = in.readVarUInt();
        if (size > in.available())
            throwCorrupted("page directory is too short");
        decodeIntegers(std::string_view(in.position(), size), to.data(), to.size());
        in.advance(size);
    };
    Directory directory;
    std::vector<uint32_t> sizes(pages);
    readNumbers(sizes);
    directory.elements.resize(pages);
    readNumbers(directory.elements);
    directory.checksums.resize(pages);
    if (in.available() != pages * sizeof(uint64_t))
        throwCorrupted("page directory of a wrong length");
    in.readExactly(directory.checksums.data(), pages * sizeof(uint64_t));
    directory.offsets.reserve(pages + 1);
    uint64_t offset = location.offset;
    directory.offsets.push_back(offset);
    for (size_t page = 0; page < pages; ++page)
    {
        directory.offsets.push_back(offset += sizes[page]);
        if (directory.elements[page] > page_elements_max)
            throwCorrupted("page has too many elements");
    }
    if (offset != location.offset + location.size)
        throwCorrupted("page directory does not match its stream");
    return directory;
}

void StreamWriter::add(std::string_view page, size_t elements)
{
    if (page.size() > UINT32_MAX || elements > page_elements_max)
        throw Exception(ErrorCode::TOO_LARGE_ARRAY_SIZE,
            "{} elements of {} bytes in the rows of one page: at most {} are possible, make arrays or granules smaller",
            elements, page.size(), page_elements_max);
    if (chunks_.empty() || chunks_.back().capacity() - chunks_.back().size() < page.size())
        chunks_.emplace_back().reserve(std::max<uint64_t>(page.size(), std::min(bytes_, chunk_bytes_max)));
    chunks_.back() += page;
    bytes_ += page.size();
    sizes_.push_back(static_cast<uint32_t>(page.size()));
    elements_.push_back(static_cast<uint32_t>(elements));
    uint64_t checksum = xxh3(page);
    checksums_.append(reinterpret_cast<const char *>(&checksum), sizeof(checksum));
}

void StreamWriter::placePages(std::string & object)
{
    location_.offset = object.size();
    location_.size = bytes_;
    location_.pages = sizes_.size();
    for (auto & chunk : chunks_)
    {
        object += chunk;
        chunk = {};
    }
    chunks_ = {};
}

void StreamWriter::placeDirectory(std::string & object, std::string_view zstd_dictionary)
{
    if (!zstd_dictionary.empty())
        location_.dictionary = placeBlob(object, zstd_dictionary);
    WriteBuffer out;
    out.writePod(directory_version);
    IntegerEncoder encoder({GeneralCodec::None, 0, {}});
    for (const auto * numbers : {&sizes_, &elements_})
    {
        std::string page;
        encoder.encode(std::span<const uint32_t>(*numbers), page);
        out.writeString(page);
    }
    out.write(checksums_);
    location_.directory = placeBlob(object, out.str());
}

BlobLocation placeBlob(std::string & object, std::string_view bytes)
{
    BlobLocation location{object.size(), bytes.size(), bytes.empty() ? 0 : xxh3(bytes)};
    object += bytes;
    return location;
}

}
