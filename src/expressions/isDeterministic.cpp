#include "expressions/isDeterministic.h"

#include <algorithm>

namespace mangrove
{

bool isDeterministic(const ExpressionPtr & expression)
{
    return (expression->kind != ExpressionKind::Function || expression->function->isDeterministic())
        && std::ranges::all_of(expression->arguments, isDeterministic) && (!expression->body || isDeterministic(expression->body));
}

}
