#include "functions/FunctionSpec.h"

namespace mangrove
{

namespace
{

class SpecFunction final : public Function
{
public:
    explicit SpecFunction(std::shared_ptr<const FunctionSpec> spec) : spec_(std::move(spec)) { }

    std::string name() const override { return spec_->name; }
    bool isDeterministic() const override { return spec_->deterministic; }
    bool nullArgumentsGiveNull() const override { return spec_->null_gives_null; }
    bool lowCardinalityIsTransparent() const override { return spec_->low_cardinality_transparent; }
    bool constantArgumentsGiveConstant() const override { return spec_->folds_constants; }
    bool resultMayBeLowCardinality() const override { return spec_->low_cardinality_result; }
    std::vector<size_t> alwaysConstArguments() const override { return spec_->constants; }
    bool isHigherOrder() const override { return spec_->higher_order; }

    DataTypes lambdaArgumentTypes(const DataTypes & others, size_t arity) const override
    {
        DataTypes types;
        for (const DataTypePtr & other : others)
        {
            if (other->id() == TypeId::Array)
                types.push_back(typeAs<DataTypeArray>(*other).element());
            else if (other->id() == TypeId::Map)
            {
                types.push_back(typeAs<DataTypeMap>(*other).key());
                types.push_back(typeAs<DataTypeMap>(*other).value());
            }
            else
                throwIllegalType(spec_->name, *other, types.size() + 1);
        }
        if (types.size() != arity)
            throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT,
                "Function {} needs a lambda of {} arguments, but it has {}",
                spec_->name, types.size(), arity);
        return types;
    }

    DataTypePtr returnType(const Arguments & arguments) const override
    {
        if (arguments.size() < spec_->arguments_min || arguments.size() > spec_->arguments_max)
        {
            std::string wanted = spec_->arguments_min == spec_->arguments_max ? std::to_string(spec_->arguments_min)
                : spec_->arguments_max == FunctionSpec::any_number ? fmt::format("at least {}", spec_->arguments_min)
                : fmt::format("{} to {}", spec_->arguments_min, spec_->arguments_max);
            throw Exception(ErrorCode::NUMBER_OF_ARGUMENTS_DOESNT_MATCH,
                "Number of arguments for function {} doesn't match: passed {}, should be {}", spec_->name,
                    arguments.size(), wanted);
        }
        return spec_->return_type(arguments);
    }

    ColumnPtr execute(const Arguments & arguments, const DataTypePtr & result_type, size_t rows) const override
    {
        return spec_->execute(arguments, result_type, rows);
    }

private:
    std::shared_ptr<const FunctionSpec> spec_;
};

}

FunctionPtr makeFunction(FunctionSpec spec)
{
    return std::make_shared<SpecFunction>(std::make_shared<const FunctionSpec>(std::move(spec)));
}

void addFunction(FunctionRegistry & registry, FunctionSpec spec)
{
    FunctionPtr function = makeFunction(spec);
    registry.add(spec.name, [function] { return function; }, spec.case_insensitive);
}

void throwIllegalType(std::string_view function, const DataType & type, size_t position)
{
    throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT, "Illegal type {} of argument {} of function {}", type.name(),
        position + 1, function);
}

void expectString(std::string_view function, const Arguments & arguments, size_t position)
{
    if (!arguments.at(position).type->isStringOrFixed())
        throwIllegalType(function, *arguments[position].type, position);
}

void expectInteger(std::string_view function, const Arguments & arguments, size_t position)
{
    const DataType & type = *arguments.at(position).type;
    if (!type.isInteger() && type.id() != TypeId::Bool)
        throwIllegalType(function, type, position);
}

void expectNumber(std::string_view function, const Arguments & arguments, size_t position)
{
    if (!arguments.at(position).type->isNumber())
        throwIllegalType(function, *arguments[position].type, position);
}

Field constantArgument(std::string_view function, const Arguments & arguments, size_t position)
{
    const ColumnPtr & column = arguments.at(position).column;
    if (!column || column->kind() != ColumnKind::Const)
        throw Exception(ErrorCode::ILLEGAL_COLUMN, "Argument {} of function {} must be constant", position + 1,
            function);
    return static_cast<const ColumnConst &>(*column).value().get(0);
}

std::string constantString(std::string_view function, const Arguments & arguments, size_t position)
{
    expectString(function, arguments, position);
    return constantArgument(function, arguments, position).get<std::string>();
}

std::function<DataTypePtr(const Arguments &)> returns(TypeId type)
{
    return [type](const Arguments &) { return makeType(type); };
}

std::function<DataTypePtr(const Arguments &)> stringsReturn(std::string name, size_t strings, TypeId type)
{
    return [name, strings, type](const Arguments & arguments)
    {
        for (size_t i = 0; i < strings && i < arguments.size(); ++i)
            expectString(name, arguments, i);
        return makeType(type);
    };
}

StringArgument::StringArgument(const Column & column)
{
    is_const_ = column.kind() == ColumnKind::Const;
    const Column & full = fullOf(column);
    if (full.kind() == ColumnKind::String)
    {
        auto & strings = static_cast<const ColumnString &>(full);
        chars_ = strings.chars().data();
        offsets_ = strings.offsets().data();
    }
    else if (full.kind() == ColumnKind::FixedString)
    {
        auto & strings = static_cast<const ColumnFixedString &>(full);
        chars_ = strings.chars().data();
        fixed_length_ = strings.length();
    }
    else
        throw Exception(ErrorCode::ILLEGAL_COLUMN, "Expected a column of strings, got {}", full.name());
}

}
