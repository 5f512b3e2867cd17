#include "types/Serialization.h"

#include "types/serialization/SerializationCompound.h"
#include "types/serialization/SerializationLowCardinality.h"
#include "types/serialization/SerializationNullable.h"
#include "types/serialization/SerializationNumber.h"
#include "types/serialization/SerializationSimple.h"
#include "types/serialization/SerializationString.h"

#include <mutex>
#include <shared_mutex>
#include <unordered_map>

namespace mangrove
{

namespace
{

SerializationPtr make(const DataType & type)
{
    switch (type.id())
    {
        case TypeId::Nothing: return std::make_shared<SerializationNothing>();
        case TypeId::UInt8: return std::make_shared<SerializationNumber<uint8_t>>(type.name());
        case TypeId::UInt16: return std::make_shared<SerializationNumber<uint16_t>>(type.name());
        case TypeId::UInt32: return std::make_shared<SerializationNumber<uint32_t>>(type.name());
        case TypeId::UInt64: return std::make_shared<SerializationNumber<uint64_t>>(type.name());
        case TypeId::UInt128: return std::make_shared<SerializationNumber<UInt128>>(type.name());
        case TypeId::Int8: return std::make_shared<SerializationNumber<int8_t>>(type.name());
        case TypeId::Int16: return std::make_shared<SerializationNumber<int16_t>>(type.name());
        case TypeId::Int32: return std::make_shared<SerializationNumber<int32_t>>(type.name());
        case TypeId::Int64: return std::make_shared<SerializationNumber<int64_t>>(type.name());
        case TypeId::Float32: return std::make_shared<SerializationNumber<float>>(type.name());
        case TypeId::Float64: return std::make_shared<SerializationNumber<double>>(type.name());
        case TypeId::Interval: return std::make_shared<SerializationNumber<int64_t>>(type.name());
        case TypeId::Bool: return std::make_shared<SerializationBool>();
        case TypeId::String: return std::make_shared<SerializationString>();
        case TypeId::AggregateFunction: return std::make_shared<SerializationString>();
        case TypeId::FixedString:
            return std::make_shared<SerializationFixedString>(typeAs<DataTypeFixedString>(type).length());
        case TypeId::Date: return std::make_shared<SerializationDate>();
        case TypeId::DateTime: return std::make_shared<SerializationDateTime>(typeAs<DataTypeDateTime>(type));
        case TypeId::DateTime64: return std::make_shared<SerializationDateTime64>(typeAs<DataTypeDateTime64>(type));
        case TypeId::Enum8: return std::make_shared<SerializationEnum<int8_t>>(typeAs<DataTypeEnum>(type));
        case TypeId::Enum16: return std::make_shared<SerializationEnum<int16_t>>(typeAs<DataTypeEnum>(type));
        case TypeId::UUID: return std::make_shared<SerializationUuid>();
        case TypeId::Nullable:
        {
            const auto & nested = typeAs<DataTypeNullable>(type).nested();
            return std::make_shared<SerializationNullable>(serializationOf(nested), nested->isStringOrFixed() || nested->isEnum());
        }
        case TypeId::LowCardinality: return std::make_shared<SerializationLowCardinality>(typeAs<DataTypeLowCardinality>(type));
        case TypeId::Array: return std::make_shared<SerializationArray>(typeAs<DataTypeArray>(type));
        case TypeId::Tuple: return std::make_shared<SerializationTuple>(typeAs<DataTypeTuple>(type));
        case TypeId::Map: return std::make_shared<SerializationMap>(typeAs<DataTypeMap>(type));
        case TypeId::Lambda: break;
    }
    throw Exception(ErrorCode::ILLEGAL_COLUMN, "Values of type {} have no text or binary form", type.name());
}

/// Type names come from clients (CAST to FixedString(n)…): the cache forgets everything rather than grow without end.
constexpr size_t cache_entries_max = 10000;

}

SerializationPtr serializationOf(const DataTypePtr & type)
{
    static std::shared_mutex mutex;
    static std::unordered_map<std::string, SerializationPtr> cache;

    std::string name = type->name();
    {
        std::shared_lock lock(mutex);
        if (auto found = cache.find(name); found != cache.end())
            return found->second;
    }
    auto serialization = make(*type); // may recurse: no lock held
    std::lock_guard lock(mutex);
    if (cache.size() >= cache_entries_max)
        cache.clear();
    return cache.emplace(std::move(name), std::move(serialization)).first->second;
}

}
