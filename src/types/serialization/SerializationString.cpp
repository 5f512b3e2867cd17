#include "types/serialization/SerializationString.h"

#include "columns/ColumnFixedString.h"
#include "columns/ColumnString.h"
#include "types/serialization/StringText.h"
#include "types/serialization/appendString.h"

namespace mangrove
{

namespace
{

/// Where a value is collected before it is appended: String appends in place instead.
PodVector<char> & scratch()
{
    static thread_local PodVector<char> chars;
    chars.clear();
    return chars;
}

std::string_view view(const PodVector<char> & chars)
{
    return {chars.data(), chars.size()};
}

}

void SerializationStringLike::writeRaw(const Column & column, size_t row, WriteBuffer & out, const FormatSettings &) const
{
    out.write(value(column, row));
}

void SerializationStringLike::writeEscaped(const Column & column, size_t row, WriteBuffer & out, const FormatSettings &) const
{
    writeEscapedString(value(column, row), out);
}

void SerializationStringLike::writeQuoted(const Column & column, size_t row, WriteBuffer & out, const FormatSettings &) const
{
    writeQuotedString(value(column, row), out);
}

void SerializationStringLike::writeCsv(const Column & column, size_t row, WriteBuffer & out, const FormatSettings &) const
{
    writeCsvString(value(column, row), out);
}

void SerializationStringLike::writeJson(const Column & column, size_t row, WriteBuffer & out, const FormatSettings &) const
{
    writeJsonString(value(column, row), out);
}

void SerializationStringLike::readRaw(Column & column, std::string_view text, const FormatSettings &) const
{
    append(column, text);
}

void SerializationStringLike::readEscaped(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    auto & chars = scratch();
    readEscapedString(chars, in, settings.text_value_bytes_max);
    append(column, view(chars));
}

void SerializationStringLike::readQuoted(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    auto & chars = scratch();
    readQuotedString(chars, in, settings.text_value_bytes_max);
    append(column, view(chars));
}

void SerializationStringLike::readCsv(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    auto & chars = scratch();
    readCsvString(chars, in, settings.csv_delimiter, settings.text_value_bytes_max);
    append(column, view(chars));
}

std::string_view SerializationString::value(const Column & column, size_t row) const
{
    return static_cast<const ColumnString &>(column).at(row);
}

void SerializationString::append(Column & column, std::string_view value) const
{
    static_cast<ColumnString &>(column).append(value);
}

void SerializationString::readEscaped(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    auto & strings = static_cast<ColumnString &>(column);
    readEscapedString(strings.chars(), in, settings.text_value_bytes_max);
    strings.offsets().push_back(strings.chars().size());
}

void SerializationString::readQuoted(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    auto & strings = static_cast<ColumnString &>(column);
    readQuotedString(strings.chars(), in, settings.text_value_bytes_max);
    strings.offsets().push_back(strings.chars().size());
}

void SerializationString::readCsv(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    auto & strings = static_cast<ColumnString &>(column);
    readCsvString(strings.chars(), in, settings.csv_delimiter, settings.text_value_bytes_max);
    strings.offsets().push_back(strings.chars().size());
}

void SerializationString::writeBinary(const Column & column, size_t row, WriteBuffer & out) const
{
    out.writeString(value(column, row));
}

void SerializationString::readBinary(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    if (!tryAppendShortString(static_cast<ColumnString &>(column), in))
        readBulkData(column, 1, in, settings);
}

void SerializationString::writeBulkData(const Column & column, size_t start, size_t count, WriteBuffer & out) const
{
    const auto & strings = columnAs<ColumnString>(column);
    for (size_t row = start; row < start + count; ++row)
        out.writeString(strings.at(row));
}

/// The hot loop of inserts: lengths and bytes alternate, so it copies value by value into room made ahead of time.
void SerializationString::readBulkData(Column & column, size_t count, ReadBuffer & in, const FormatSettings & settings) const
{
    constexpr size_t copy_step = 16; // short values are copied whole steps at a time
    auto & chars = static_cast<ColumnString &>(column).chars();
    auto & offsets = static_cast<ColumnString &>(column).offsets();
    // Geometric, because readBinary() comes here for every single value.
    if (size_t wanted = offsets.size() + std::min(count, in.available()); wanted > offsets.capacity())
        offsets.reserve(std::max(wanted, offsets.capacity() * 2));
    size_t size = chars.size();
    size_t begin = size;
    auto shrink = [&] { chars.resize(size); };
    for (size_t i = 0; i < count; ++i)
    {
        const char * p = in.position();
        uint64_t length = 0;
        if (in.available() && static_cast<unsigned char>(*p) < 0x80) [[likely]]
        {
            length = static_cast<unsigned char>(*p);
            in.advance(1);
        }
        else
        {
            shrink();
            length = in.readVarUInt();
        }
        if (length > settings.text_value_bytes_max)
        {
            shrink();
            throw Exception(
                ErrorCode::TOO_LARGE_STRING_SIZE,
                "A string of {} bytes at byte {} exceeds the limit of {}",
                length,
                in.consumed(),
                settings.text_value_bytes_max);
        }
        if (in.available() >= length + copy_step) [[likely]]
        {
            if (chars.size() < size + length + copy_step) [[unlikely]]
            {
                // The room that is there; else for the rest at the mean length so far (soon known well: the first
                // values get a small room), at least by half, and in proportion to what has really come.
                size_t room = chars.capacity();
                if (room < size + length + copy_step)
                {
                    size_t read = size - begin + length;
                    double mean = 1.06 * static_cast<double>(read) / static_cast<double>(i + 1);
                    auto guess = static_cast<size_t>(std::min(mean * static_cast<double>(count - i), 1e12));
                    guess = i < 64 ? 0 : std::min(guess, std::max(8 * read, in.available()));
                    room = size + length + 4096 + std::max(size / 2, guess);
                }
                chars.resize(room);
            }
            char * to = chars.data() + size;
            const char * from = in.position();
            if (length <= copy_step)
                std::memcpy(to, from, copy_step);
            else
                std::memcpy(to, from, length);
            in.advance(length);
            size += length;
        }
        else
        {
            while (length)
            {
                if (in.eof())
                    shrink();
                in.peek(); // throws at the end of the input
                size_t step = std::min<size_t>(length, in.available());
                if (chars.capacity() < size + step)
                    chars.reserve(std::max(size + step, size * 2));
                chars.resize(size + step);
                std::memcpy(chars.data() + size, in.position(), step);
                in.advance(step);
                size += step;
                length -= step;
            }
        }
        offsets.push_back(size);
    }
    shrink();
}

std::string_view SerializationFixedString::value(const Column & column, size_t row) const
{
    return static_cast<const ColumnFixedString &>(column).at(row);
}

void SerializationFixedString::append(Column & column, std::string_view value) const
{
    if (value.size() > length_)
        throw Exception(ErrorCode::TOO_LARGE_STRING_SIZE, "Too large value for FixedString({})", length_);
    static_cast<ColumnFixedString &>(column).append(value);
}

void SerializationFixedString::writeBinary(const Column & column, size_t row, WriteBuffer & out) const
{
    out.write(value(column, row));
}

void SerializationFixedString::readBinary(Column & column, ReadBuffer & in, const FormatSettings & settings) const
{
    readBulkData(column, 1, in, settings);
}

void SerializationFixedString::writeBulkData(const Column & column, size_t start, size_t count, WriteBuffer & out) const
{
    out.write(columnAs<ColumnFixedString>(column).chars().data() + start * length_, count * length_);
}

void SerializationFixedString::readBulkData(Column & column, size_t count, ReadBuffer & in, const FormatSettings &) const
{
    auto & chars = static_cast<ColumnFixedString &>(column).chars();
    size_t bytes = 0;
    if (__builtin_mul_overflow(count, length_, &bytes))
        throw Exception(ErrorCode::TOO_LARGE_STRING_SIZE, "{} values of FixedString({}) do not fit the memory", count, length_);
    while (bytes)
    {
        size_t step = std::min(bytes, std::max<size_t>(in.available(), 65536));
        size_t size = chars.size();
        chars.resize(size + step);
        in.readExactly(chars.data() + size, step);
        bytes -= step;
    }
}

}
