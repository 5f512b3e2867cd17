#pragma once
// Whether an expression gives equal results for equal inputs: no call of rand() and the like is in it. For passes that
// would compute it for other rows, or once for several.

#include "expressions/Expression.h"

namespace mangrove
{

bool isDeterministic(const ExpressionPtr & expression);

}
