#include "functions/url/registerUrl.h"

#include "functions/FunctionSpec.h"

namespace mangrove
{

void registerUrl(FunctionRegistry & registry)
{
    registerUrlParts(registry);
    registerUrlParameters(registry);
    registerUrlEncodings(registry);
}

void expectUrl(const char * function, const DataType & type, size_t position)
{
    if (type.id() == TypeId::FixedString)
        throw Exception(ErrorCode::ILLEGAL_COLUMN, "Column of type FixedString is not supported by function {}", function);
    if (!type.isString())
        throwIllegalType(function, type, position);
}

}
