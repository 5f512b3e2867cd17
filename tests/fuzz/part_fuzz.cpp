// Opens any bytes as a part and reads all of it: errors are expected, crashes and wild memory are not.
// Checksums stop nearly every mutation of a whole part at the door, so the first byte of the input chooses: the decoders
// behind the checksums are fed directly too.

#include "base/Exception.h"
#include "parts/BytesPage.h"
#include "parts/IntegerPage.h"
#include "parts/MapWriter.h"
#include "parts/PartReader.h"
#include "parts/PartRoot.h"

#include <cstdint>

using namespace mangrove;

namespace
{

template <typename Action>
void expectOnlyExceptions(Action && action)
{
    try
    {
        action();
    }
    catch (const Exception &)
    {
    }
}

void readAsPart(std::string bytes)
{
    auto store = makeObjectStore("memory://");
    store->put("part", bytes, PutMode::IfAbsent);
    auto reader = PartReader::open(store, "part", 0, std::make_shared<PartCache>(1 << 20));
    reader->verify();
}

}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t * data, size_t size)
{
    if (size < 2)
        return 0;
    std::string_view input(reinterpret_cast<const char *>(data), size);
    size_t count = 1 + static_cast<uint8_t>(input[1]) * 4;
    std::string_view page = input.substr(2);
    switch (static_cast<uint8_t>(input[0]) % 8)
    {
    case 0:
        expectOnlyExceptions(
            [&]
            {
                PodVector<uint8_t> to(count);
                decodeIntegers(page, to.data(), count);
            });
        break;
    case 1:
        expectOnlyExceptions(
            [&]
            {
                PodVector<uint32_t> to(count);
                decodeIntegers(page, to.data(), count);
            });
        break;
    case 2:
        expectOnlyExceptions(
            [&]
            {
                PodVector<uint64_t> to(count);
                decodeIntegers(page, to.data(), count);
            });
        break;
    case 3:
        expectOnlyExceptions(
            [&]
            {
                PodVector<UInt128> to(count);
                decodeIntegers(page, to.data(), count);
            });
        break;
    case 4:
        expectOnlyExceptions(
            [&]
            {
                PodVector<char> chars;
                Offsets ends;
                decodeBytes(page, count, {}, chars, ends);
            });
        break;
    case 5: expectOnlyExceptions([&] { decodeShapes(page, count); }); break;
    case 6: expectOnlyExceptions([&] { PartRoot::read(page); }); break;
    default: expectOnlyExceptions([&] { readAsPart(std::string(page)); }); break;
    }
    return 0;
}
