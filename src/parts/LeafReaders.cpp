#include "parts/LeafReaders.h"

#include "columns/ColumnFixedString.h"
#include "columns/ColumnVector.h"
#include "parts/ColumnWriter.h"
#include "parts/NumberKinds.h"
#include "types/DataTypes.h"

#include <algorithm>
#include <cstring>

namespace mangrove
{

namespace
{

/// Searches the characters of all rows at once.
PodVector<uint32_t> rowsThatContain(const ColumnString & strings, std::string_view needle)
{
    PodVector<uint32_t> rows;
    const char * begin = strings.chars().data();
    const char * end = begin + strings.chars().size();
    size_t row = 0;
    for (const char * position = begin; position < end;)
    {
        auto * hit = static_cast<const char *>(memmem(position, end - position, needle.data(), needle.size()));
        if (!hit)
            break;
        while (begin + strings.offsets()[row] <= hit)
            ++row;
        const char * row_end = begin + strings.offsets()[row];
        const bool inside = hit + needle.size() <= row_end;
        if (inside)
            rows.push_back(static_cast<uint32_t>(row));
        position = inside ? row_end : hit + 1;
    }
    return rows;
}

}

void expectNode(ReadBuffer & in, uint8_t kind, const std::string & name)
{
    if (in.readPod<uint8_t>() != kind)
        throwCorrupted(fmt::format("the header of {} does not fit its type", name));
}

NumberReader::NumberReader(DataTypePtr type, ReadBuffer & in, std::string name) : type_(std::move(type))
{
    expectNode(in, static_cast<uint8_t>(NodeKind::Number), name);
    auto width = in.readPod<uint8_t>();
    flip_sign_ = in.readPod<uint8_t>() != 0;
    std::string codec = in.readString(1024);
    if (width == 0 || width != fixedWidthOf(*type_))
        throwCorrupted(fmt::format("{} has values of {} bytes, not of {}", name, width, type_->name()));
    if (!codec.empty())
        codec_ = CodecChain::parse(codec, width);
    stream_ = {StreamLocation::read(in), std::move(name)};
}

uint64_t NumberReader::elements(PageRange pages, PageSource & source) const
{
    const Directory & directory = source.directory(stream_);
    if (pages.end > directory.pages())
        throwCorruptedColumn(source, stream_.name, "pages are missing");
    return directory.elementsIn(pages.begin, pages.end);
}

template <typename T>
void NumberReader::readInto(PageRange pages, PageSource & source, PodVector<T> & to) const
{
    size_t at = to.size();
    to.resize(at + elements(pages, source));
    const CodecChain * chain = codec_.steps().empty() ? nullptr : &codec_;
    for (size_t page = pages.begin; page < pages.end; ++page)
        decodePage(source, stream_, page, [&](std::string_view bytes, size_t count)
        {
            decodeIntegers(bytes, to.data() + at, count, chain);
            at += count;
        });
    if (flip_sign_)
        for (size_t i = 0; i < to.size(); ++i)
            to[i] = static_cast<T>(to[i] ^ (T(1) << (sizeof(T) * 8 - 1)));
}

template void NumberReader::readInto(PageRange, PageSource &, PodVector<uint8_t> &) const;
template void NumberReader::readInto(PageRange, PageSource &, PodVector<uint16_t> &) const;
template void NumberReader::readInto(PageRange, PageSource &, PodVector<uint32_t> &) const;
template void NumberReader::readInto(PageRange, PageSource &, PodVector<uint64_t> &) const;

bool NumberReader::pageMayMatch(size_t page, const Filter & matches, PageSource & source) const
{
    bool may = true;
    decodePage(source, stream_, page, [&](std::string_view bytes, size_t) { may = integerPageMayMatch(bytes, matches); });
    return may;
}

ColumnPtr NumberReader::read(PageRange pages, PageSource & source, bool) const
{
    MutableColumnPtr column = type_->createColumn();
    withNumberArray(*column, [&]<typename T>(PodVector<T> & values)
    {
        using Bits = UnsignedOfWidth<sizeof(T)>;
        if constexpr (std::is_same_v<T, Bits>)
            readInto(pages, source, values);
        else
        {
            PodVector<Bits> bits;
            readInto(pages, source, bits);
            if (bits.empty())
                return;
            values.resize(bits.size());
            std::memcpy(values.data(), bits.data(), bits.size() * sizeof(T));
        }
    });
    if (type_->id() == TypeId::UUID)
        for (UInt128 & value : static_cast<ColumnUInt128 &>(*column).data())
            value = swapUuidHalves(value);
    return column;
}

ColumnPtr NumberReader::readRows(size_t page, std::span<const uint32_t> rows, PageSource & source, bool) const
{
    ColumnPtr all = read({page, page + 1}, source, false);
    if (!rows.empty() && rows.back() >= all->size())
        throwCorruptedColumn(source, stream_.name, "a page has too few rows");
    return all->gather(rows);
}

BytesReader::BytesReader(DataTypePtr type, ReadBuffer & in, std::string name) : type_(std::move(type))
{
    expectNode(in, static_cast<uint8_t>(NodeKind::Bytes), name);
    fixed_length_ = in.readVarUInt();
    size_t expected = type_->id() == TypeId::FixedString ? typeAs<DataTypeFixedString>(*type_).length() : 0;
    if (fixed_length_ != expected)
        throwCorrupted(fmt::format("{} has strings of {} bytes, not of {}", name, fixed_length_, type_->name()));
    stream_ = {StreamLocation::read(in), std::move(name)};
}

void BytesReader::readPage(size_t page, PageSource & source, PodVector<char> & chars, Offsets & ends) const
{
    auto dictionary = source.file().zstdDictionary(stream_.location, stream_.name);
    decodePage(source, stream_, page, [&](std::string_view bytes, size_t count)
    {
        decodeBytes(bytes, count, {dictionary.get()}, chars, ends);
    });
}

ColumnPtr BytesReader::finish(std::shared_ptr<ColumnString> strings, PageSource & source) const
{
    if (!fixed_length_)
        return strings;
    auto fixed = ColumnFixedString::create(fixed_length_);
    for (size_t row = 0; row < strings->size(); ++row)
        if (strings->at(row).size() != fixed_length_)
            throwCorruptedColumn(source, stream_.name, "a fixed string of a wrong length");
    fixed->chars() = std::move(strings->chars());
    return fixed;
}

ColumnPtr BytesReader::read(PageRange pages, PageSource & source, bool) const
{
    if (pages.end > source.directory(stream_).pages())
        throwCorruptedColumn(source, stream_.name, "pages are missing");
    auto strings = ColumnString::create();
    strings->offsets().reserve(source.directory(stream_).elementsIn(pages.begin, pages.end));
    for (size_t page = pages.begin; page < pages.end; ++page)
        readPage(page, source, strings->chars(), strings->offsets());
    return finish(std::move(strings), source);
}

ColumnPtr BytesReader::readRows(size_t page, std::span<const uint32_t> rows, PageSource & source, bool) const
{
    thread_local PodVector<char> chars;
    thread_local Offsets ends;
    chars.clear();
    ends.clear();
    readPage(page, source, chars, ends);
    auto strings = ColumnString::create();
    for (uint32_t row : rows)
    {
        if (row >= ends.size())
            throwCorruptedColumn(source, stream_.name, "a page has too few rows");
        uint64_t begin = row ? ends[row - 1] : 0;
        strings->append({chars.data() + begin, ends[row] - begin});
    }
    return finish(std::move(strings), source);
}

bool BytesReader::testPage(
    size_t page, PageSource & source, const ValueTest & test, Filter & flags, TestedPages & tested) const
{
    const ContainedBytes & contained = test.contained();
    const Directory & directory = source.directory(stream_);
    if (page < directory.pages() && directory.elements[page] == 0)
        return false;
    ++tested.pages;
    if (page < directory.pages() && !bytesPageMayContain(source.page(stream_, page), contained.bytes, contained.any_case))
    {
        ++tested.skipped;
        return false;
    }
    auto strings = ColumnString::create();
    readPage(page, source, strings->chars(), strings->offsets());
    const size_t count = strings->size();
    tested.bytes += strings->byteSize();
    if (count == 0)
        return false;
    if (contained.empty() || contained.any_case)
        flags = test.test(finish(std::move(strings), source));
    else
    {
        PodVector<uint32_t> candidates = rowsThatContain(*strings, contained.bytes);
        if (candidates.empty())
            return false;
        Filter passed = test.test(finish(std::move(strings), source)->gather(candidates));
        flags.assign(count, 0);
        for (size_t i = 0; i < candidates.size(); ++i)
            flags[candidates[i]] = passed[i];
    }
    return std::find(flags.begin(), flags.end(), 1) != flags.end();
}

bool BytesReader::filterByTest(PageRange pages, const ValueTest & test, PageSource & source, Filter & to, TestedPages & tested) const
{
    const Directory & directory = source.directory(stream_);
    if (pages.end > directory.pages())
        throwCorruptedColumn(source, stream_.name, "pages are missing");
    Filter flags;
    for (size_t page = pages.begin; page < pages.end; ++page)
    {
        if (testPage(page, source, test, flags, tested))
            to.insert(to.end(), flags.begin(), flags.end());
        else
            to.resize(to.size() + directory.elements[page], 0);
    }
    return true;
}

}
