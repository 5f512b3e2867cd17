#pragma once
// Reads of a shredded map how many of a row's keys or values pass a test, without making the map: a key's dictionary
// is tested once, pages of a key without a matching value are not decoded, and rows are only looked at for keys that
// have one. UInt64 a row. See ColumnReader.h; made for one call.

#include "parts/MapReader.h"
#include "parts/ValueTest.h"

namespace mangrove
{

class MapMatchReader final : public ColumnReader
{
public:
    /// view: Keys or Values.
    MapMatchReader(std::shared_ptr<const MapReader> map, MapReader::View view, ValueTestPtr test);
    void want(PageRange pages, PageSource & source) const override;
    ColumnPtr read(PageRange pages, PageSource & source, bool keep_dictionary) const override;
    ColumnPtr readRows(
        size_t page, std::span<const uint32_t> rows, PageSource & source, bool keep_dictionary) const override;

private:
    /// What is known of a child before its pages are read.
    struct Child
    {
        const ColumnReader * reader;
        const DictionaryReader * coded; /// the same, if it is one
        std::shared_ptr<const ValueTest::Matches> matches;
        bool mayMatch(size_t page, PageSource & source) const;
    };
    using Children = std::vector<Child>; /// by token
    /// nullopt: the test cannot be run on all that is in the dictionaries.
    std::optional<Children> children(PageSource & source) const;
    bool testPage(const Child & child, size_t page, PageSource & source, Filter & flags) const;
    /// By shape, how many of a row's shredded keys pass; empty: none of any shape.
    std::optional<PodVector<uint32_t>> matchingNames() const;
    /// By shape, how many values a row has under the token.
    PodVector<uint32_t> usesOf(uint32_t token) const;
    /// Of an array of keys or values.
    ColumnPtr countInArrays(const Column & arrays) const;

    std::shared_ptr<const MapReader> map_;
    MapReader::View view_;
    ValueTestPtr test_;
};

}
