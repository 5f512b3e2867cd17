#include "base/ErrorCodes.h"

namespace mangrove
{

std::string_view errorName(ErrorCode code)
{
    switch (code)
    {
#define M(name, value) \
    case ErrorCode::name: \
        return #name;
        MANGROVE_ERROR_CODES(M)
#undef M
    }
    return "UNKNOWN_EXCEPTION";
}

}
