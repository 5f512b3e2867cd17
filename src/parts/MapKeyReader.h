#pragma once
// Reads one key of a shredded map as a column of its own: the value, or the default where the key is absent; or only
// whether it is there. Rows found through their shapes; rare keys are looked for among the residual pairs.

#include "parts/MapReader.h"

namespace mangrove
{

class MapKeyReader final : public ColumnReader
{
public:
    MapKeyReader(std::shared_ptr<const MapReader> map, const std::string & key, bool has_key);
    void want(PageRange pages, PageSource & source) const override;
    ColumnPtr read(PageRange pages, PageSource & source, bool keep_dictionary) const override;
    ColumnPtr readRows(
        size_t page, std::span<const uint32_t> rows, PageSource & source, bool keep_dictionary) const override;
    ColumnPtr dictionary(PageSource & source) const override;
    void wantFilter(PageRange pages, PageSource & source) const override;
    bool filterByTest(PageRange pages, const ValueTest & test, PageSource & source, Filter & to, TestedPages & tested) const override;
    void filterByDictionary(PageRange pages, const Filter & matches, PageSource & source, uint8_t * to) const override;

private:
    static constexpr uint32_t absent = UINT32_MAX;
    /// For each row where its value is: a position among the key's values, or (residual) among the residual pairs.
    struct Places
    {
        PodVector<uint32_t> shredded;
        PodVector<uint32_t> residual; /// empty if no row has the key there
    };
    Places places(PageRange pages, PageSource & source) const;
    bool mayBeInResidual(PageSource & source) const;
    /// The code of the key among the residual keys, as a filter of all.
    Filter residualCode(PageSource & source) const;
    /// Sets the flags of the page's rows from those of its values of the key.
    void spread(size_t page, const Filter & values, PageSource & source, uint8_t * to) const;
    ColumnPtr make(PageRange pages, const Places & places, PageSource & source, bool keep_dictionary) const;

    std::shared_ptr<const MapReader> map_;
    std::string key_;
    bool has_key_;
    uint32_t token_ = 0; /// of the shapes; 0 = the key is not shredded
    std::vector<uint32_t> uses_; /// by shape: how many values of the key a row has
};

}
