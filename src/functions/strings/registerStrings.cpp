#include "functions/strings/registerStrings.h"

namespace mangrove
{

void registerStrings(FunctionRegistry & registry)
{
    registerStringSize(registry);
    registerStringTransforms(registry);
    registerConcat(registry);
    registerSubstring(registry);
    registerPadAndTrim(registry);
    registerSearch(registry);
    registerLike(registry);
    registerTokens(registry);
    registerReplace(registry);
    registerEdits(registry);
    registerExtract(registry);
    registerSplit(registry);
    registerEncodings(registry);
}

}
