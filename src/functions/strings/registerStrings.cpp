#include "functions/strings/registerStrings.h"

#include "functions/strings/registerTexts.h"

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
    registerSearchMany(registry);
    registerLike(registry);
    registerTokens(registry);
    registerReplace(registry);
    registerEdits(registry);
    registerExtract(registry);
    registerExtractGroups(registry);
    registerSplit(registry);
    registerEncodings(registry);
    registerTexts(registry);
}

}
