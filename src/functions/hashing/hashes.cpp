// cityHash64, sipHash64 and 128, halfMD5, xxHash32 and 64, xxh3, murmurHash2 and 3 over arguments of any type, as
// ClickHouse combines them; intHash32, intHash64.

#include "columns/ColumnArray.h"
#include "columns/ColumnMap.h"
#include "columns/ColumnTuple.h"
#include "functions/FunctionSpec.h"
#include "io/CityHash.h"
#include "functions/hashing/murmurHash.h"
#include "functions/hashing/sipHash.h"
#include "functions/scalar/compareNumbers.h"
#include "functions/scalar/registerScalar.h"
#include "io/Checksum.h"

#include <openssl/evp.h>
#include <xxhash.h>

namespace mangrove
{

namespace
{

/// The salted hashes that the functions intHash64() and intHash32() are.
uint64_t saltedHash64(uint64_t x)
{
    return intHash64(x ^ 0x4CF2D2BAAE6DA887ULL);
}

/// What ClickHouse's hash functions give without an argument.
constexpr uint64_t hash_of_nothing = 0xe28dbde7fe22e41cULL;

uint32_t saltedHash32(uint64_t x)
{
    return intHash32(x ^ 0x75D9543DE018BF45ULL);
}

/// H is the type of a hash: UInt32, UInt64, or UInt128, which is a FixedString(16) to SQL.
template <typename H>
struct HashKind
{
    H (*ofBytes)(std::string_view);
    H (*combine)(H, H);
    bool integers_by_int_hash = false;
};

/// The hash of an array's length. Of 128 bits ClickHouse sets 32 only.
template <typename H>
H hashOfLength(uint64_t length)
{
    if constexpr (sizeof(H) == 8)
        return saltedHash64(length);
    else
        return saltedHash32(length);
}

template <typename H, H (*ofBytes)(std::string_view)>
H combineAsBytes(H a, H b)
{
    H both[2] = {a, b};
    return ofBytes({reinterpret_cast<const char *>(both), sizeof(both)});
}

uint64_t halfMD5(std::string_view bytes)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    if (EVP_Digest(bytes.data(), bytes.size(), digest, nullptr, EVP_md5(), nullptr) != 1)
        throw Exception(ErrorCode::LOGICAL_ERROR, "MD5 is not available in OpenSSL");
    uint64_t half;
    std::memcpy(&half, digest, sizeof(half));
    return __builtin_bswap64(half);
}

uint32_t combineBySalt(uint32_t a, uint32_t b)
{
    return saltedHash32(a) ^ b;
}
uint64_t combineBySalt(uint64_t a, uint64_t b)
{
    return saltedHash64(a) ^ b;
}

UInt128 murmurHash3Seedless(std::string_view bytes)
{
    return murmurHash3Wide(bytes, 0);
}

template <typename T>
std::string_view bytesOf(const T & x)
{
    return {reinterpret_cast<const char *>(&x), sizeof(T)};
}

template <typename H>
PodVector<H> hashColumn(const HashKind<H> & kind, const ColumnPtr & column, const DataTypePtr & type);

/// Mixes a column into the hashes of rows; `first` replaces them instead.
template <typename H>
void mixColumn(const HashKind<H> & kind, const ColumnPtr & column, const DataTypePtr & type, PodVector<H> & hashes, bool & first)
{
    if (type->id() == TypeId::Tuple)
    {
        auto & elements = static_cast<const ColumnTuple &>(*column).elements();
        for (size_t i = 0; i < elements.size(); ++i)
            mixColumn(kind, elements[i], typeAs<DataTypeTuple>(*type).elements()[i], hashes, first);
        return;
    }
    if (type->id() == TypeId::Map)
    {
        mixColumn(kind, static_cast<const ColumnMap &>(*column).pairsPtr(), typeAs<DataTypeMap>(*type).pairs(),
            hashes, first);
        return;
    }
    if (type->id() == TypeId::Array)
    {
        auto & array = static_cast<const ColumnArray &>(*column);
        PodVector<H> elements = hashColumn(kind, array.dataPtr(), typeAs<DataTypeArray>(*type).element());
        for (size_t i = 0; i < hashes.size(); ++i)
        {
            H length = hashOfLength<H>(array.endOf(i) - array.beginOf(i));
            H hash = first ? length : kind.combine(hashes[i], length);
            for (size_t k = array.beginOf(i); k < array.endOf(i); ++k)
                hash = kind.combine(hash, elements[k]);
            hashes[i] = hash;
        }
        first = false;
        return;
    }
    PodVector<H> own = hashColumn(kind, column, type);
    for (size_t i = 0; i < hashes.size(); ++i)
        hashes[i] = first ? own[i] : kind.combine(hashes[i], own[i]);
    first = false;
}

/// Hashes of the values alone.
template <typename H>
PodVector<H> hashColumn(const HashKind<H> & kind, const ColumnPtr & column, const DataTypePtr & type)
{
    PodVector<H> hashes(column->size());
    switch (type->id())
    {
        case TypeId::LowCardinality: return hashColumn(kind, column->materialize(), removeLowCardinality(type));
        case TypeId::Nullable:
        case TypeId::AggregateFunction:
        case TypeId::Lambda:
            throw Exception(ErrorCode::NOT_IMPLEMENTED, "Hash functions do not take {} inside of containers",
                type->name());
        case TypeId::Tuple:
        case TypeId::Array:
        case TypeId::Map:
        {
            bool first = true;
            mixColumn(kind, column, type, hashes, first);
            return hashes;
        }
        default: break;
    }
    if (type->isStringOrFixed())
    {
        StringArgument strings(*column);
        for (size_t i = 0; i < hashes.size(); ++i)
            hashes[i] = kind.ofBytes(strings[i]);
        return hashes;
    }
    const bool by_int_hash = kind.integers_by_int_hash && type->id() != TypeId::DateTime64;
    visitNumbers(*column, [&]<typename T>(const ColumnVector<T> & numbers)
    {
        for (size_t i = 0; i < hashes.size(); ++i)
        {
            T x = numbers.data()[i];
            if (sizeof(T) <= 8 && by_int_hash)
            {
                uint64_t bits = 0;
                std::memcpy(&bits, &x, std::min<size_t>(8, sizeof(T)));
                hashes[i] = saltedHash64(bits);
            }
            else
                hashes[i] = kind.ofBytes(bytesOf(x));
        }
    });
    return hashes;
}

template <typename H>
DataTypePtr hashType()
{
    if constexpr (sizeof(H) == 16)
        return std::make_shared<DataTypeFixedString>(16);
    else
        return makeType(sizeof(H) == 8 ? TypeId::UInt64 : TypeId::UInt32);
}

template <typename H>
ColumnPtr hashesAsColumn(PodVector<H> hashes)
{
    if constexpr (sizeof(H) == 16)
    {
        auto column = ColumnFixedString::create(16);
        const char * begin = reinterpret_cast<const char *>(hashes.data());
        column->chars().assign(begin, begin + hashes.size() * 16);
        return column;
    }
    else
        return std::make_shared<ColumnVector<H>>(std::move(hashes));
}

template <typename H>
void addHash(FunctionRegistry & registry, const char * name, HashKind<H> kind)
{
    addFunction(registry, {
        .name = name, .arguments_min = 0, .arguments_max = FunctionSpec::any_number,
        .return_type = [](const Arguments &) { return hashType<H>(); },
        .execute = [=](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            PodVector<H> hashes(rows);
            if (arguments.empty())
                std::fill(hashes.begin(), hashes.end(), static_cast<H>(hash_of_nothing));
            bool first = true;
            for (const auto & argument : arguments)
                mixColumn(kind, argument.column->materialize(), argument.type, hashes, first);
            return hashesAsColumn<H>(std::move(hashes));
        }});
}

template <typename R>
FunctionSpec intHashSpec(const char * name, TypeId type, R (*f)(uint64_t))
{
    return {
        .name = name, .arguments_min = 1, .arguments_max = 1,
        .return_type = [=](const Arguments & arguments)
        {
            if (!arguments[0].type->isInteger() && !arguments[0].type->isDateOrTime()
                && arguments[0].type->id() != TypeId::Bool)
                throwIllegalType(name, *arguments[0].type, 0);
            return makeType(type);
        },
        .execute = [f](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            NumberArgument<uint64_t> x(*arguments[0].column);
            auto result = ColumnVector<R>::create(rows);
            for (size_t i = 0; i < rows; ++i)
                result->data()[i] = f(x[i]);
            return result;
        }};
}

}

void registerHashes(FunctionRegistry & registry)
{
    addHash<uint64_t>(registry, "cityHash64", {cityHash64, cityHash128to64, true});
    addHash<uint64_t>(registry, "sipHash64", {sipHash64, combineAsBytes<uint64_t, sipHash64>});
    addHash<UInt128>(registry, "sipHash128", {sipHash128, combineAsBytes<UInt128, sipHash128>});
    addHash<uint64_t>(registry, "halfMD5", {halfMD5, combineAsBytes<uint64_t, halfMD5>});
    addHash<uint32_t>(registry, "xxHash32", {[](std::string_view bytes) -> uint32_t { return XXH32(bytes.data(), bytes.size(), 0); },
        combineBySalt});
    addHash<uint64_t>(registry, "xxHash64", {[](std::string_view bytes) -> uint64_t { return XXH64(bytes.data(), bytes.size(), 0); },
        cityHash128to64});
    addHash<uint64_t>(registry, "xxh3", {xxh3, cityHash128to64});
    addHash<uint32_t>(registry, "murmurHash2_32", {[](std::string_view bytes) { return murmurHash2(bytes, 0); }, combineBySalt});
    addHash<uint64_t>(registry, "murmurHash2_64", {[](std::string_view bytes) { return murmurHash2Wide(bytes, 0); }, combineBySalt});
    addHash<uint64_t>(registry, "gccMurmurHash", {[](std::string_view bytes) { return murmurHash2Wide(bytes, 0xc70f6907UL); },
        combineBySalt});
    addHash<uint32_t>(registry, "kafkaMurmurHash", {[](std::string_view bytes) { return murmurHash2(bytes, 0x9747b28cU) & 0x7fffffff; },
        combineBySalt});
    addHash<uint32_t>(registry, "murmurHash3_32", {[](std::string_view bytes) { return murmurHash3(bytes, 0); }, combineBySalt});
    addHash<uint64_t>(registry, "murmurHash3_64", {[](std::string_view bytes)
    {
        const UInt128 wide = murmurHash3Wide(bytes, 0);
        return static_cast<uint64_t>(wide) ^ static_cast<uint64_t>(wide >> 64);
    }, combineBySalt});
    addHash<UInt128>(registry, "murmurHash3_128", {murmurHash3Seedless, combineAsBytes<UInt128, murmurHash3Seedless>});
    addFunction(registry, intHashSpec<uint64_t>("intHash64", TypeId::UInt64, saltedHash64));
    addFunction(registry, intHashSpec<uint32_t>("intHash32", TypeId::UInt32,
        saltedHash32));
}

}
