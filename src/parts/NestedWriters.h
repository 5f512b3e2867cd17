#pragma once
// Writers of the inner nodes: Nullable (null map beside values), Array (sizes beside elements), Tuple, and Map as an
// array of pairs where it is not shredded. See ColumnWriter.h.

#include "parts/LeafWriters.h"

namespace mangrove
{

class NullableWriter final : public ColumnWriter
{
public:
    NullableWriter(const DataTypePtr & nested, const ColumnWriteSettings & settings);
    void writePage(const ColumnPtr & column, size_t begin, size_t end) override;
    void finish() override { nested_->finish(); }
    void collectStreams(std::vector<StreamToPlace> & to) override;
    void writeHeader(WriteBuffer & out) const override;
    uint64_t bytes() const override { return nulls_.bytes() + nested_->bytes(); }

private:
    NumberWriter nulls_;
    ColumnWriterPtr nested_;
};

class ArrayWriter final : public ColumnWriter
{
public:
    ArrayWriter(const DataTypePtr & element, const ColumnWriteSettings & settings);
    void writePage(const ColumnPtr & column, size_t begin, size_t end) override;
    void finish() override { element_->finish(); }
    void collectStreams(std::vector<StreamToPlace> & to) override;
    void writeHeader(WriteBuffer & out) const override;
    uint64_t bytes() const override { return sizes_.bytes() + element_->bytes(); }

private:
    NumberWriter sizes_;
    ColumnWriterPtr element_;
};

class TupleWriter final : public ColumnWriter
{
public:
    TupleWriter(const DataTypes & elements, const ColumnWriteSettings & settings);
    void writePage(const ColumnPtr & column, size_t begin, size_t end) override;
    void finish() override;
    void collectStreams(std::vector<StreamToPlace> & to) override;
    void writeHeader(WriteBuffer & out) const override;
    uint64_t bytes() const override;

private:
    NumberWriter rows_; /// a constant per page: keeps the count of an empty tuple
    std::vector<ColumnWriterPtr> elements_;
};

}
