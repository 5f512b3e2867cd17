#pragma once
// Bytes of log entries and of the structures inside them; docs/format/log.md describes every field. Little
// endian; counts and lengths are VarUInt. Decoding treats the bytes as hostile: every count and length is checked
// against what is left and against a limit before anything is allocated; anything wrong throws CORRUPTED_DATA.

#include "catalog/LogEntry.h"

#include <string>
#include <string_view>

namespace mangrove
{

/// Appends fields to a string.
class Encoder
{
public:
    void u8(uint8_t value) { out_.push_back(static_cast<char>(value)); }
    void u32(uint32_t value) { fixed(value, 4); }
    void u64(uint64_t value) { fixed(value, 8); }
    void i64(int64_t value) { u64(static_cast<uint64_t>(value)); }
    void count(uint64_t value);
    void string(std::string_view value);
    void uuid(const Uuid & value);
    void raw(std::string_view bytes) { out_.append(bytes); }

    const std::string & bytes() const { return out_; }
    std::string take() { return std::move(out_); }

private:
    void fixed(uint64_t value, int width);
    std::string out_;
};

/// Reads them back. `what` names the object in messages.
class Decoder
{
public:
    Decoder(std::string_view bytes, std::string_view what) : left_(bytes), what_(what) { }

    uint8_t u8() { return static_cast<uint8_t>(fixed(1)); }
    uint32_t u32() { return static_cast<uint32_t>(fixed(4)); }
    uint64_t u64() { return fixed(8); }
    int64_t i64() { return static_cast<int64_t>(fixed(8)); }
    /// A number of items of at least `item_bytes_min` bytes each: more than can follow is refused.
    size_t count(size_t item_bytes_min = 1);
    uint64_t varUInt();
    std::string string();
    Uuid uuid();
    bool boolean();
    std::string_view raw(size_t bytes);

    bool atEnd() const { return left_.empty(); }
    void expectEnd() const;
    [[noreturn]] void fail(std::string_view problem) const;

private:
    uint64_t fixed(size_t width);

    std::string_view left_;
    std::string_view what_;
};

void encodePart(Encoder & out, const PartInfo & part);
PartInfo decodePart(Decoder & in);
void encodeSchema(Encoder & out, const TableSchema & schema);
TableSchema decodeSchema(Decoder & in);

inline constexpr uint8_t entry_format_version = 1;
inline constexpr size_t entry_bytes_max = 256u << 20; /// of a spilled entry

/// The whole entry, with its checksum: the data of a znode, or of a spill object.
std::string encodeEntry(const LogEntry & entry);
LogEntry decodeEntry(std::string_view bytes);

/// What the znode holds instead when the entry is large: its head, and where it is. The head suffices for a copy
/// of an append that lands when the transaction is decided; the object may be swept by then.
struct SpilledEntry
{
    LogEntry head; /// without body
    std::string object_key;
    uint64_t bytes = 0;
    uint64_t checksum = 0; /// XXH3-64 of the object
};

std::string encodeSpilled(const SpilledEntry & spilled);
/// nullopt: the znode holds the entry itself.
std::optional<SpilledEntry> decodeSpilled(std::string_view bytes);

uint64_t checksumOf(std::string_view bytes);

}
