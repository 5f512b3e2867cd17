#pragma once
// Registration of reinterpret() and reinterpretAs…(), which take the bytes of a value where CAST takes its meaning.

namespace mangrove
{

class FunctionRegistry;

void registerReinterpret(FunctionRegistry & registry);

}
