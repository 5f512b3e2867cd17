// cityHash64, sipHash64, halfMD5, xxHash64 over arguments of any type, as ClickHouse combines them; xxh3, intHash32, intHash64.

#include "columns/ColumnArray.h"
#include "columns/ColumnMap.h"
#include "columns/ColumnTuple.h"
#include "functions/FunctionSpec.h"
#include "io/CityHash.h"
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

struct HashKind
{
    uint64_t (*ofBytes)(std::string_view);
    uint64_t (*combine)(uint64_t, uint64_t);
    bool integers_by_int_hash;
};

uint64_t sipCombine(uint64_t a, uint64_t b)
{
    uint64_t both[2] = {a, b};
    return sipHash64({reinterpret_cast<const char *>(both), 16});
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

uint64_t halfMD5Combine(uint64_t a, uint64_t b)
{
    uint64_t both[2] = {a, b};
    return halfMD5({reinterpret_cast<const char *>(both), 16});
}

template <typename T>
std::string_view bytesOf(const T & x)
{
    return {reinterpret_cast<const char *>(&x), sizeof(T)};
}

PodVector<uint64_t> hashColumn(const HashKind & kind, const ColumnPtr & column, const DataTypePtr & type);

/// Mixes a column into the hashes of rows; `first` replaces them instead.
void mixColumn(const HashKind & kind, const ColumnPtr & column, const DataTypePtr & type,
    PodVector<uint64_t> & hashes, bool & first)
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
        PodVector<uint64_t> elements = hashColumn(kind, array.dataPtr(), typeAs<DataTypeArray>(*type).element());
        for (size_t i = 0; i < hashes.size(); ++i)
        {
            uint64_t length = saltedHash64(array.endOf(i) - array.beginOf(i));
            uint64_t hash = first ? length : kind.combine(hashes[i], length);
            for (size_t k = array.beginOf(i); k < array.endOf(i); ++k)
                hash = kind.combine(hash, elements[k]);
            hashes[i] = hash;
        }
        first = false;
        return;
    }
    PodVector<uint64_t> own = hashColumn(kind, column, type);
    for (size_t i = 0; i < hashes.size(); ++i)
        hashes[i] = first ? own[i] : kind.combine(hashes[i], own[i]);
    first = false;
}

/// Hashes of the values alone.
PodVector<uint64_t> hashColumn(const HashKind & kind, const ColumnPtr & column, const DataTypePtr & type)
{
    PodVector<uint64_t> hashes(column->size());
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

void addHash(FunctionRegistry & registry, const char * name, HashKind kind)
{
    addFunction(registry, {
        .name = name, .arguments_min = 0, .arguments_max = FunctionSpec::any_number,
            .return_type = returns(TypeId::UInt64),
        .execute = [=](const Arguments & arguments, const DataTypePtr & type, size_t rows) -> ColumnPtr
        {
            if (arguments.empty())
                return type->createConst(rows, Field(hash_of_nothing));
            PodVector<uint64_t> hashes(rows);
            bool first = true;
            for (const auto & argument : arguments)
                mixColumn(kind, argument.column->materialize(), argument.type, hashes, first);
            return std::make_shared<ColumnUInt64>(std::move(hashes));
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
    addHash(registry, "cityHash64", {cityHash64, cityHash128to64, true});
    addHash(registry, "sipHash64", {sipHash64, sipCombine, false});
    addHash(registry, "halfMD5", {halfMD5, halfMD5Combine, false});
    addHash(registry, "xxHash64", {[](std::string_view bytes) { return XXH64(bytes.data(), bytes.size(), 0); },
        cityHash128to64, false});
    addHash(registry, "xxh3", {xxh3, cityHash128to64, false});
    addFunction(registry, intHashSpec<uint64_t>("intHash64", TypeId::UInt64, saltedHash64));
    addFunction(registry, intHashSpec<uint32_t>("intHash32", TypeId::UInt32,
        [](uint64_t x) { return intHash32(x ^ 0x75D9543DE018BF45ULL); }));
}

}
