#include "types/serialization/SerializationSimple.h"

#include "types/serialization/DateTimeText.h"
#include "types/serialization/NumberText.h"
#include "types/serialization/StringText.h"

namespace mangrove
{

void SerializationBool::writeText(const Column & column, size_t row, WriteBuffer & out, const FormatSettings &) const
{
    out.write(value(column, row) ? "true" : "false");
}

void SerializationBool::readText(Column & column, ReadBuffer & in, const FormatSettings &) const
{
    static constexpr std::pair<std::string_view, bool> words[]
        = {{"true", true},    {"false", false},     {"1", true},   {"0", false}, {"t", true},   {"f", false},   {"yes", true},     {"no", false},
           {"y", true},       {"n", false},         {"on", true},  {"off", false}, {"enable", true}, {"disable", false}, {"enabled", true},
           {"disabled", false}};
    in.lookAhead(16);
    // tryConsumeWord() folds case by setting bit 5, which digits have set already.
    for (auto [word, truth] : words)
        if (tryConsumeWord(in, word))
            return append(column, truth);
    throw Exception(
        ErrorCode::CANNOT_PARSE_BOOL,
        "Cannot parse boolean value here: '{}', should be 'true' or 'false' or one of "
        "True/False/T/F/Y/N/Yes/No/On/Off/Enable/Disable/Enabled/Disabled/1/0",
        std::string_view(in.position(), std::min<size_t>(in.available(), 16)));
}

void SerializationBool::readBinary(Column & column, ReadBuffer & in, const FormatSettings &) const
{
    append(column, in.readByte() != 0);
}

void SerializationBool::readBulkData(Column & column, size_t count, ReadBuffer & in, const FormatSettings & settings) const
{
    SerializationFixedWidth::readBulkData(column, count, in, settings);
    auto & data = static_cast<ColumnUInt8 &>(column).data();
    for (size_t i = data.size() - count; i < data.size(); ++i)
        data[i] = data[i] != 0;
}

void SerializationDate::writeText(const Column & column, size_t row, WriteBuffer & out, const FormatSettings &) const
{
    writeDateText(value(column, row), out);
}

void SerializationDate::readText(Column & column, ReadBuffer & in, const FormatSettings &) const
{
    append(column, readDateText(in));
}

void SerializationDate::readUnquoted(Column & column, ReadBuffer & in, const FormatSettings &) const
{
    uint16_t days = 0;
    if (!readIntText(days, in))
        throw Exception(ErrorCode::CANNOT_PARSE_DATE, "Cannot parse date: expected a quoted date or a number of days");
    append(column, days);
}

void SerializationDateTime::writeText(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    uint32_t seconds = value(column, row);
    if (settings.date_time_output_format == "simple") [[likely]]
        writeDateTimeText(seconds, type_->zone(), out);
    else if (settings.date_time_output_format == "iso")
        writeDateTimeIso(seconds, 0, out);
    else
        writeIntText(seconds, out);
}

void SerializationDateTime::readText(Column & column, ReadBuffer & in, const FormatSettings &) const
{
    append(column, readDateTimeText(in, type_->zone()));
}

void SerializationDateTime::readUnquoted(Column & column, ReadBuffer & in, const FormatSettings &) const
{
    int64_t seconds = 0;
    if (!readIntText(seconds, in))
        throw Exception(ErrorCode::CANNOT_PARSE_DATETIME, "Cannot read DateTime: expected a quoted time or a unix timestamp");
    append(column, static_cast<uint32_t>(std::clamp<int64_t>(seconds, 0, UINT32_MAX)));
}

void SerializationDateTime64::writeText(const Column & column, size_t row, WriteBuffer & out, const FormatSettings & settings) const
{
    int64_t ticks = value(column, row);
    if (settings.date_time_output_format == "simple") [[likely]]
        writeDateTime64Text(ticks, type_->precision(), type_->zone(), out);
    else if (settings.date_time_output_format == "iso")
        writeDateTimeIso(ticks, type_->precision(), out);
    else
        writeUnixTimestamp64(ticks, type_->precision(), out);
}

void SerializationDateTime64::readText(Column & column, ReadBuffer & in, const FormatSettings &) const
{
    append(column, readDateTime64Text(in, type_->precision(), type_->zone()));
}

void SerializationDateTime64::readUnquoted(Column & column, ReadBuffer & in, const FormatSettings &) const
{
    int64_t ticks = 0;
    if (!readIntText(ticks, in))
        throw Exception(ErrorCode::CANNOT_PARSE_DATETIME, "Cannot read DateTime64: expected a quoted time or a number of ticks");
    append(column, ticks);
}

void SerializationUuid::writeText(const Column & column, size_t row, WriteBuffer & out, const FormatSettings &) const
{
    static constexpr char hex[] = "0123456789abcdef";
    UInt128 value = swapUuidHalves(static_cast<const ColumnUInt128 &>(column).data()[row]);
    char text[36];
    char * p = text;
    for (int shift = 124; shift >= 0; shift -= 4)
    {
        *p++ = hex[static_cast<int>(value >> shift) & 15];
        if (shift == 96 || shift == 80 || shift == 64 || shift == 48)
            *p++ = '-';
    }
    out.write(std::string_view(text, sizeof(text)));
}

void SerializationUuid::readText(Column & column, ReadBuffer & in, const FormatSettings &) const
{
    size_t available = std::min<size_t>(in.lookAhead(36), 36);
    std::string_view text(in.position(), available);
    bool dashes = text.size() > 8 && text[8] == '-';
    size_t length = dashes ? 36 : 32;
    UInt128 value = 0;
    size_t digits = 0;
    for (size_t i = 0; i < std::min(length, text.size()); ++i)
    {
        char c = text[i];
        if (dashes && (i == 8 || i == 13 || i == 18 || i == 23))
        {
            if (c != '-')
                break;
            continue;
        }
        int digit = c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
        if (digit < 0)
            break;
        value = value << 4 | static_cast<unsigned>(digit);
        ++digits;
    }
    if (digits != 32)
        throw Exception(ErrorCode::CANNOT_PARSE_UUID, "Cannot parse uuid {}", text);
    in.advance(length);
    static_cast<ColumnUInt128 &>(column).data().push_back(swapUuidHalves(value));
}

void SerializationUuid::writeBinary(const Column & column, size_t row, WriteBuffer & out) const
{
    out.writePod(static_cast<const ColumnUInt128 &>(column).data()[row]);
}

void SerializationUuid::readBinary(Column & column, ReadBuffer & in, const FormatSettings &) const
{
    static_cast<ColumnUInt128 &>(column).data().push_back(in.readPod<UInt128>());
}

void SerializationUuid::writeBulkData(const Column & column, size_t start, size_t count, WriteBuffer & out) const
{
    out.write({reinterpret_cast<const char *>(static_cast<const ColumnUInt128 &>(column).data().data() + start), count * sizeof(UInt128)});
}

void SerializationUuid::readBulkData(Column & column, size_t count, ReadBuffer & in, const FormatSettings &) const
{
    appendPods(static_cast<ColumnUInt128 &>(column).data(), count, in);
}

}
