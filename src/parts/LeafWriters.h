#pragma once
// Writers of the leaves: numbers and raw byte strings. See ColumnWriter.h.

#include "parts/BytesPage.h"
#include "parts/ColumnWriter.h"

namespace mangrove
{

/// Integers of a ColumnVector of any width. Signed ones are stored with the sign bit flipped, floats as their bits,
/// UUIDs (swap_halves) as the number that their digits spell.
class NumberWriter final : public ColumnWriter
{
public:
    NumberWriter(size_t width, bool flip_sign, const CompressionChoice & compression, bool swap_halves = false);
    void writePage(const ColumnPtr & column, size_t begin, size_t end) override;
    template <typename T>
    void writeValues(std::span<const T> values);
    void collectStreams(std::vector<StreamToPlace> & to) override { to.push_back({&stream_, {}}); }
    void writeHeader(WriteBuffer & out) const override;
    uint64_t bytes() const override { return stream_.bytes(); }

private:
    size_t width_;
    bool flip_sign_;
    bool swap_halves_;
    std::string codec_;
    IntegerEncoder encoder_;
    StreamWriter stream_;
};

/// String, FixedString (all of one length) and what else is kept as bytes.
class BytesWriter final : public ColumnWriter
{
public:
    BytesWriter(size_t fixed_length, const CompressionChoice & compression, bool searchable = false);
    void writePage(const ColumnPtr & column, size_t begin, size_t end) override;
    void collectStreams(std::vector<StreamToPlace> & to) override
    {
        to.push_back({&stream_, encoder_.dictionaryContent()});
    }
    void writeHeader(WriteBuffer & out) const override;
    uint64_t bytes() const override { return stream_.bytes(); }

private:
    size_t fixed_length_; /// 0 = any
    BytesEncoder encoder_;
    StreamWriter stream_;
};

}
