#pragma once
// Reads one column of a part: the tree of nodes that ColumnWriter wrote, made from the type and the column's header.
// Immutable and thread-safe; what a call needs of pages it takes from the PageSource it is given.
//
// The header is hostile: a node that does not fit the type, a page with a wrong number of elements or a code outside
// of the dictionary is CORRUPTED_DATA, thrown before anything is indexed by it.

#include "columns/Column.h"
#include "parts/PartFile.h"
#include "parts/ValueTest.h"
#include "types/DataType.h"

namespace mangrove
{

class ColumnReader
{
public:
    virtual ~ColumnReader() = default;

    /// Registers the pages that read() of the range will use.
    virtual void want(PageRange pages, PageSource & source) const = 0;
    /// All rows of the pages. keep_dictionary: ColumnLowCardinality where every page has codes, whatever the type.
    virtual ColumnPtr read(PageRange pages, PageSource & source, bool keep_dictionary) const = 0;
    /// Some rows of one page (positions in the page, ascending).
    virtual ColumnPtr readRows(
        size_t page, std::span<const uint32_t> rows, PageSource & source, bool keep_dictionary) const = 0;
    /// Its values are read one by one where few are needed.
    virtual bool hasLargeDictionary() const { return false; }
    /// After fetch(): registers the pages of large dictionaries that readRows() will look into, for all columns at once.
    virtual void wantValues(size_t page, std::span<const uint32_t> rows, PageSource & source) const { }
    /// The dictionary of the part, if every page has codes; else null.
    virtual ColumnPtr dictionary(PageSource & source) const { return nullptr; }
    /// Registers the pages that filterByDictionary() will look into first.
    virtual void wantFilter(PageRange pages, PageSource & source) const { want(pages, source); }
    /// to[i] = matches[code of row i], for all rows of the pages. Only where there is a dictionary().
    virtual void filterByDictionary(PageRange pages, const Filter & matches, PageSource & source, uint8_t * to) const;
    /// Appends for all rows of the pages whether their value passes; false: this cannot be told page by page. For tests
    /// that know what is contained(): NULL and the default do not pass, and pages that cannot hold it are not decompressed.
    virtual bool filterByTest(PageRange pages, const ValueTest & test, PageSource & source, Filter & to, TestedPages & tested) const
    {
        return false;
    }
    /// Everything that is stored: for verify().
    virtual void verify(PageSource & source, size_t pages) const;
};

using ColumnReaderPtr = std::shared_ptr<const ColumnReader>;

/// `name` is for messages. Leaves `in` behind the node.
ColumnReaderPtr makeColumnReader(const DataTypePtr & type, ReadBuffer & in, const std::string & name);

/// Runs `decode` and says in which page of which stream it failed.
template <typename Decode>
void decodePage(PageSource & source, const PageStream & stream, size_t page, Decode && decode)
{
    std::string_view bytes = source.page(stream, page);
    try
    {
        decode(bytes, source.directory(stream).elements[page]);
    }
    catch (const Exception & e)
    {
        throwCorrupted(
            fmt::format("Part {}: page {} of {} is damaged: {}", source.file().key(), page, stream.name, e.message()));
    }
}

[[noreturn]] void throwCorruptedColumn(PageSource & source, const std::string & name, std::string_view what);

}
