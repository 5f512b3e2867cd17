#pragma once
// Most functions are a return type rule and a loop: FunctionSpec holds both as lambdas, addFunction() registers them
// without a class each. Also the checks and argument readers that their bodies share. A spec is immutable after
// registration, so the lambdas must be thread-safe.

#include "functions/Function.h"
#include "functions/FunctionRegistry.h"
#include "functions/Numbers.h"
#include "columns/ColumnFixedString.h"
#include "columns/ColumnString.h"
#include "types/DataTypes.h"

namespace mangrove
{

using Arguments = std::vector<ColumnWithType>;

struct FunctionSpec
{
    static constexpr size_t any_number = ~0ULL;

    std::string name;
    size_t arguments_min = 0;
    size_t arguments_max = 0;
    std::function<DataTypePtr(const Arguments &)> return_type;
    std::function<ColumnPtr(const Arguments &, const DataTypePtr & result_type, size_t rows)> execute;
    std::vector<size_t> constants = {}; /// positions that must be constant, as Function::alwaysConstArguments()
    bool null_gives_null = true;
    bool low_cardinality_transparent = true;
    bool low_cardinality_result = true;
    bool folds_constants = true;
    bool deterministic = true;
    bool case_insensitive = false;
    bool higher_order = false; /// argument 0 may be a lambda over the elements of the arrays (or maps) after it
};

void addFunction(FunctionRegistry & registry, FunctionSpec spec);
/// For functions with state per call site (now()).
FunctionPtr makeFunction(FunctionSpec spec);

[[noreturn]] void throwIllegalType(std::string_view function, const DataType & type, size_t position);
/// ILLEGAL_TYPE_OF_ARGUMENT unless the argument is String or FixedString.
void expectString(std::string_view function, const Arguments & arguments, size_t position);
void expectInteger(std::string_view function, const Arguments & arguments, size_t position);
void expectNumber(std::string_view function, const Arguments & arguments, size_t position);
/// ILLEGAL_COLUMN unless constant.
Field constantArgument(std::string_view function, const Arguments & arguments, size_t position);
std::string constantString(std::string_view function, const Arguments & arguments, size_t position);

/// Return type rules: always T, whatever the arguments; with the first `strings` arguments checked to be strings.
std::function<DataTypePtr(const Arguments &)> returns(TypeId type);
std::function<DataTypePtr(const Arguments &)> stringsReturn(std::string name, size_t strings, TypeId type);

/// The value of a constant or the column itself.
inline const Column & fullOf(const Column & column)
{
    return column.kind() == ColumnKind::Const ? static_cast<const ColumnConst &>(column).value() : column;
}
inline bool isConst(const Column & column)
{
    return column.kind() == ColumnKind::Const;
}

/// Bytes of a String or FixedString argument, constant or not.
class StringArgument
{
public:
    explicit StringArgument(const Column & column);

    bool isConst() const { return is_const_; }
    std::string_view at(size_t row) const
    {
        if (is_const_)
            row = 0;
        if (fixed_length_)
            return {chars_ + row * fixed_length_, fixed_length_};
        uint64_t begin = row ? offsets_[row - 1] : 0;
        return {chars_ + begin, offsets_[row] - begin};
    }
    std::string_view operator[](size_t row) const { return at(row); }

private:
    const char * chars_ = nullptr;
    const uint64_t * offsets_ = nullptr;
    size_t fixed_length_ = 0;
    bool is_const_ = false;
};

/// Limits what repeat(), range(), leftPad() and friends may make from a few bytes of input.
constexpr size_t generated_elements_max = 500'000'000;
constexpr int64_t generated_elements_max_signed = generated_elements_max;

}
