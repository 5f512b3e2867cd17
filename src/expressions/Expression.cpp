#include "expressions/Expression.h"

#include "functions/FunctionRegistry.h"
#include "columns/ColumnConst.h"
#include "functions/callFunction.h"
#include "types/DataTypes.h"

namespace mangrove
{

namespace
{

class FunctionCastTo final : public Function
{
public:
    explicit FunctionCastTo(DataTypePtr to) : to_(std::move(to)) { }
    std::string name() const override { return "_CAST"; }
    bool nullArgumentsGiveNull() const override { return false; }
    bool lowCardinalityIsTransparent() const override { return false; }
    DataTypePtr returnType(const std::vector<ColumnWithType> &) const override { return to_; }
    ColumnPtr execute(const std::vector<ColumnWithType> & arguments, const DataTypePtr &, size_t) const override
    {
        return castColumn(arguments[0], to_);
    }

private:
    DataTypePtr to_;
};

std::shared_ptr<Expression> makeNode(ExpressionKind kind, DataTypePtr type)
{
    auto node = std::make_shared<Expression>();
    node->kind = kind;
    node->type = std::move(type);
    return node;
}

}

ExpressionPtr makeColumn(std::string name, DataTypePtr type)
{
    auto node = makeNode(ExpressionKind::Column, std::move(type));
    node->key = "`" + name + "`";
    node->column = std::move(name);
    return node;
}

ExpressionPtr makeConstant(ColumnPtr one_row, DataTypePtr type)
{
    CHECK(one_row->size() == 1);
    auto node = makeNode(ExpressionKind::Constant, std::move(type));
    if (auto * constant = tryColumnAs<ColumnConst>(*one_row))
        one_row = constant->valuePtr();
    node->key = one_row->kind() == ColumnKind::Lambda ? "lambda" : node->type->name() + ":" + toString(one_row->get(0));
    node->constant = std::move(one_row);
    return node;
}

ExpressionPtr makeConstant(const Field & value, const DataTypePtr & type)
{
    auto column = type->createColumn();
    column->insert(value);
    return makeConstant(column, type);
}

ExpressionPtr makeCall(FunctionPtr function, Expressions arguments)
{
    std::vector<ColumnWithType> described;
    bool all_constant = function->isDeterministic();
    std::string key = function->name() + "(";
    for (const auto & argument : arguments)
    {
        ColumnPtr column = argument->isConstant() ? ColumnConst::create(argument->constant, 1) : ColumnPtr();
        described.push_back({column, argument->type, argument->key});
        all_constant = all_constant && argument->isConstant();
        key += argument->key + ",";
    }
    auto type = resultType(*function, described);
    if (all_constant)
    {
        auto value = callFunction(*function, described, type, 1);
        return makeConstant(value, type);
    }
    // Each alias that uses another twice is twice as long as that.
    constexpr size_t key_bytes_max = 64 << 20;
    if (key.size() > key_bytes_max)
        throw Exception(ErrorCode::TOO_BIG_AST, "An expression of function {} is too large: with its aliases written out it has more than {} MiB",
            function->name(), key_bytes_max >> 20);
    auto node = makeNode(ExpressionKind::Function, type);
    node->key = key + ")" + type->name();
    if (!function->isDeterministic())
        node->key += fmt::format("#{}", static_cast<const void *>(node.get()));
    node->function = std::move(function);
    node->arguments = std::move(arguments);
    return node;
}

ExpressionPtr makeCall(const std::string & function_name, Expressions arguments)
{
    return makeCall(FunctionRegistry::instance().get(function_name), std::move(arguments));
}

ExpressionPtr makeLambda(std::vector<std::string> parameters, DataTypes parameter_types, ExpressionPtr body)
{
    auto node = makeNode(ExpressionKind::Lambda, std::make_shared<DataTypeLambda>(parameters.size(), body->type));
    node->key = "(";
    for (const auto & parameter : parameters)
        node->key += parameter + ",";
    node->key += ")->" + body->key;
    node->parameters = std::move(parameters);
    node->parameter_types = std::move(parameter_types);
    node->body = std::move(body);
    return node;
}

ExpressionPtr makeCast(ExpressionPtr expression, const DataTypePtr & to)
{
    if (expression->type->equals(*to))
        return expression;
    return makeCall(std::make_shared<FunctionCastTo>(to), {std::move(expression)});
}

void collectColumns(const ExpressionPtr & expression, std::set<std::string> & names)
{
    switch (expression->kind)
    {
        case ExpressionKind::Column:
            names.insert(expression->column);
            return;
        case ExpressionKind::Constant:
            return;
        case ExpressionKind::Function:
            for (const auto & argument : expression->arguments)
                collectColumns(argument, names);
            return;
        case ExpressionKind::Lambda:
        {
            std::set<std::string> inner;
            collectColumns(expression->body, inner);
            for (const auto & parameter : expression->parameters)
                inner.erase(parameter);
            names.insert(inner.begin(), inner.end());
            return;
        }
    }
}

ExpressionPtr rewrite(const ExpressionPtr & expression, const std::function<ExpressionPtr(const ExpressionPtr &)> & replace)
{
    if (auto other = replace(expression))
        return other;
    if (expression->kind == ExpressionKind::Function)
    {
        Expressions arguments;
        bool changed = false;
        for (const auto & argument : expression->arguments)
        {
            arguments.push_back(rewrite(argument, replace));
            changed = changed || arguments.back() != argument;
        }
        return changed ? makeCall(expression->function, std::move(arguments)) : expression;
    }
    if (expression->kind == ExpressionKind::Lambda)
    {
        auto body = rewrite(expression->body, replace);
        return body == expression->body ? expression : makeLambda(expression->parameters, expression->parameter_types, body);
    }
    return expression;
}

Expressions splitConjunction(const ExpressionPtr & expression)
{
    Expressions conjuncts;
    if (!expression)
        return conjuncts;
    if (!expression->isFunction("and"))
        return {expression};
    for (const auto & argument : expression->arguments)
        for (auto & conjunct : splitConjunction(argument))
            conjuncts.push_back(conjunct);
    return conjuncts;
}

ExpressionPtr makeConjunction(const Expressions & conjuncts)
{
    if (conjuncts.empty())
        return nullptr;
    if (conjuncts.size() == 1)
        return conjuncts[0];
    return makeCall("and", conjuncts);
}

}
