// Log entries and checkpoints on any bytes: what a damaged Keeper or bucket can hand to replay. The first byte picks the
// decoder. A checksum guards every one of them, so the input comes without it and gets the right one here: the decoders
// themselves must hold. What they accept must encode to bytes that decode to the same again.

#include "base/Exception.h"
#include "catalog/CheckpointCodec.h"
#include "catalog/EntryCodec.h"

#include <cstdint>

using namespace mangrove;

namespace
{

std::string withChecksum(std::string_view bytes)
{
    Encoder out;
    out.raw(bytes);
    out.u64(checksumOf(bytes));
    return out.take();
}

/// `encode` of what `decode` accepts, twice, is the same.
template <typename Decode, typename Encode>
void roundTrip(std::string_view bytes, Decode && decode, Encode && encode)
{
    auto first = encode(decode(withChecksum(bytes)));
    auto second = encode(decode(first));
    if (first != second)
        __builtin_trap();
}

void decodeAny(uint8_t kind, std::string_view bytes)
{
    switch (kind % 5)
    {
    case 0: return roundTrip(bytes, decodeEntry, encodeEntry);
    case 1: return roundTrip(bytes, decodePointer, encodePointer);
    case 2: return roundTrip(bytes, decodeManifest, encodeManifest);
    case 3: (void)decodeRoot(withChecksum(bytes)); return; // its partitions come from the manifests: no way back
    default:
        if (auto spilled = decodeSpilled(withChecksum(bytes)))
            (void)decodeSpilled(encodeSpilled(*spilled));
    }
}

}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t * data, size_t size)
{
    if (size == 0)
        return 0;
    try
    {
        decodeAny(data[0], {reinterpret_cast<const char *>(data) + 1, size - 1});
    }
    catch (const Exception & e)
    {
        if (e.code() != ErrorCode::CORRUPTED_DATA)
            __builtin_trap();
    }
    return 0;
}
