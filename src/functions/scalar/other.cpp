// toTypeName, materialize, identity, ignore, toLowCardinality, rand, generateUUIDv4, hostName, throwIf, sleep, and the
// default of a type.

#include "base/Random.h"
#include "columns/ColumnLowCardinality.h"
#include "functions/FunctionSpec.h"
#include "functions/callFunction.h"
#include "types/prettyTypeName.h"
#include "functions/scalar/registerScalar.h"

#include <chrono>
#include <thread>

#include <unistd.h>

namespace mangrove
{

namespace
{

void registerIdentities(FunctionRegistry & registry)
{
    auto sameType = [](const Arguments & arguments) { return arguments[0].type; };
    addFunction(registry, {.name = "materialize", .arguments_min = 1, .arguments_max = 1, .return_type = sameType,
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            const ColumnPtr & column = arguments[0].column;
            return isConst(*column) ? fullOf(*column).gather(Permutation(rows, 0)) : column;
        },
        .null_gives_null = false, .low_cardinality_transparent = false, .folds_constants = false});
    addFunction(registry, {.name = "identity", .arguments_min = 1, .arguments_max = 1, .return_type = sameType,
        .execute = [](const Arguments & arguments, const DataTypePtr &, size_t) { return arguments[0].column; },
        .null_gives_null = false, .low_cardinality_transparent = false});
    addFunction(registry, {.name = "ignore", .arguments_min = 0, .arguments_max = FunctionSpec::any_number,
        .return_type = returns(TypeId::UInt8),
        .execute = [](const Arguments &, const DataTypePtr & type, size_t rows)
        { return type->createDefaultConst(rows); },
        .null_gives_null = false, .low_cardinality_transparent = false});
    addFunction(registry, {.name = "toTypeName", .arguments_min = 1, .arguments_max = 1,
        .return_type = returns(TypeId::String),
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows)
        { return type->createConst(rows, Field(prettyTypeName(*arguments[0].type))); },
        .null_gives_null = false, .low_cardinality_transparent = false});
    addFunction(registry, {.name = "toLowCardinality", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments) -> DataTypePtr
        { return arguments[0].type->isLowCardinality() ? arguments[0].type
            : std::make_shared<DataTypeLowCardinality>(arguments[0].type); },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t)
        { return castColumn(arguments[0], type); },
        .null_gives_null = false, .low_cardinality_transparent = false});
    addFunction(registry, {.name = "defaultValueOfArgumentType", .arguments_min = 1, .arguments_max = 1,
        .return_type = sameType,
        .execute = [](const Arguments &, const DataTypePtr & type, size_t rows)
        { return type->createDefaultConst(rows); },
        .null_gives_null = false, .low_cardinality_transparent = false});
}

/// Its own sequence per call, seeded by the system.
template <typename R>
FunctionSpec randomSpec(const char * name, TypeId type, bool case_insensitive)
{
    return {
        .name = name, .arguments_min = 0, .arguments_max = 1, .return_type = returns(type),
        .execute = [](const Arguments &, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            auto result = ColumnVector<R>::create(rows);
            Random random(randomSeed());
            for (R & x : result->data())
                x = static_cast<R>(random.next());
            return result;
        },
        .null_gives_null = false, .folds_constants = false, .deterministic = false, .case_insensitive = case_insensitive};
}

void registerRandom(FunctionRegistry & registry)
{
    addFunction(registry, randomSpec<uint32_t>("rand", TypeId::UInt32, true));
    addFunction(registry, randomSpec<uint64_t>("rand64", TypeId::UInt64, false));
    registry.addAlias("rand32", "rand");
    addFunction(registry, {
        .name = "generateUUIDv4", .arguments_min = 0, .arguments_max = 1, .return_type = returns(TypeId::UUID),
        .execute = [](const Arguments &, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            auto result = ColumnUInt128::create(rows);
            Random random(randomSeed());
            for (UInt128 & x : result->data())
            {
                uint64_t high = (random.next() & 0xffffffffffff0fffULL) | 0x4000;
                uint64_t low = (random.next() & 0x3fffffffffffffffULL) | 0x8000000000000000ULL;
                x = (static_cast<UInt128>(low) << 64) | high;
            }
            return result;
        },
        .null_gives_null = false, .folds_constants = false, .deterministic = false});
}

}

void registerOther(FunctionRegistry & registry)
{
    registerIdentities(registry);
    registerRandom(registry);
    addFunction(registry, {
        .name = "hostName", .arguments_min = 0, .arguments_max = 0, .return_type = returns(TypeId::String),
        .execute = [](const Arguments &, const DataTypePtr & type, size_t rows)
        {
            char name[256] = {};
            gethostname(name, sizeof(name) - 1);
            return type->createConst(rows, Field(std::string(name)));
        },
        .deterministic = false});
    addFunction(registry, {
        .name = "throwIf", .arguments_min = 1, .arguments_max = 2,
        .return_type = [](const Arguments & arguments)
        {
            expectNumber("throwIf", arguments, 0);
            return makeType(TypeId::UInt8);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows) -> ColumnPtr
        {
            NumberArgument<double> condition(*arguments[0].column);
            for (size_t i = 0; i < rows; ++i)
                if (condition[i] != 0)
                    throw Exception(ErrorCode::FUNCTION_THROW_IF_VALUE_IS_NON_ZERO, "{}",
                        arguments.size() == 2 ? constantString("throwIf", arguments, 1)
                            : "Value passed to 'throwIf' function is non-zero");
            return type->createDefaultConst(rows);
        },
        .constants = {1}, .deterministic = false});
    addFunction(registry, {
        .name = "sleep", .arguments_min = 1, .arguments_max = 1,
        .return_type = [](const Arguments & arguments)
        {
            expectNumber("sleep", arguments, 0);
            return makeType(TypeId::UInt8);
        },
        .execute = [](const Arguments & arguments, const DataTypePtr & type, size_t rows) -> ColumnPtr
        {
            double seconds = rows ? NumberArgument<double>(*arguments[0].column)[0] : 0;
            if (!(seconds >= 0 && seconds <= 3))
                throw Exception(ErrorCode::TOO_SLOW, "The maximum sleep time is 3 seconds. Requested: {}", seconds);
            std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
            return type->createDefaultConst(rows);
        },
        .folds_constants = false, .deterministic = false});
}

}
