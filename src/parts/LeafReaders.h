#pragma once
// Readers of the leaves: numbers and raw byte strings. See ColumnReader.h.

#include "parts/BytesPage.h"
#include "parts/ColumnReader.h"
#include "parts/ValueTest.h"

namespace mangrove
{

class NumberReader final : public ColumnReader
{
public:
    /// Reads the node (with its kind byte); CORRUPTED_DATA unless it holds numbers of the type's width.
    NumberReader(DataTypePtr type, ReadBuffer & in, std::string name);
    void want(PageRange pages, PageSource & source) const override { source.want(stream_, pages); }
    ColumnPtr read(PageRange pages, PageSource & source, bool keep_dictionary) const override;
    ColumnPtr readRows(
        size_t page, std::span<const uint32_t> rows, PageSource & source, bool keep_dictionary) const override;

    const Directory & directory(PageSource & source) const { return source.directory(stream_); }
    uint64_t elements(PageRange pages, PageSource & source) const;
    /// Appends the numbers of the pages; T is the stored width.
    template <typename T>
    void readInto(PageRange pages, PageSource & source, PodVector<T> & to) const;
    /// False: no number of the page, an index into `matches`, matches.
    bool pageMayMatch(size_t page, const Filter & matches, PageSource & source) const;
    /// Where its directory stands: unique in the part, so it can name what depends on this stream in the cache.
    uint64_t directoryOffset() const { return stream_.location.directory.offset; }

private:
    DataTypePtr type_;
    bool flip_sign_;
    CodecChain codec_;
    PageStream stream_;
};

class BytesReader final : public ColumnReader
{
public:
    BytesReader(DataTypePtr type, ReadBuffer & in, std::string name);
    void want(PageRange pages, PageSource & source) const override { source.want(stream_, pages); }
    ColumnPtr read(PageRange pages, PageSource & source, bool keep_dictionary) const override;
    ColumnPtr readRows(
        size_t page, std::span<const uint32_t> rows, PageSource & source, bool keep_dictionary) const override;

    bool filterByTest(PageRange pages, const ValueTest & test, PageSource & source, Filter & to, TestedPages & tested) const override;

    /// Which strings of the page pass; false: none does, and then `flags` is not set.
    bool testPage(size_t page, PageSource & source, const ValueTest & test, Filter & flags) const
    {
        TestedPages tested;
        return testPage(page, source, test, flags, tested);
    }
    bool testPage(size_t page, PageSource & source, const ValueTest & test, Filter & flags, TestedPages & tested) const;
    /// In all pages.
    uint64_t elements(PageSource & source) const
    {
        const Directory & directory = source.directory(stream_);
        return directory.elementsIn(0, directory.pages());
    }

private:
    void readPage(size_t page, PageSource & source, PodVector<char> & chars, Offsets & ends) const;
    ColumnPtr finish(std::shared_ptr<ColumnString> strings, PageSource & source) const;

    DataTypePtr type_;
    size_t fixed_length_;
    PageStream stream_;
};

/// The kind byte of the next node must be this.
void expectNode(ReadBuffer & in, uint8_t kind, const std::string & name);

}
