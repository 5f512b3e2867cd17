#include "columns/ColumnVector.h"
#include "types/DataTypes.h"
#include "base/quoteName.h"

#include <algorithm>
#include <unordered_map>

namespace mangrove
{

DataTypeEnum::DataTypeEnum(TypeId id, Values values) : id_(id), values_(std::move(values))
{
    CHECK(id == TypeId::Enum8 || id == TypeId::Enum16, "not an Enum");
    if (values_.empty())
        throw Exception(ErrorCode::EMPTY_DATA_PASSED, "Enum data type cannot be empty");
    std::sort(values_.begin(), values_.end(), [](const auto & a, const auto & b) { return a.second < b.second; });
    std::unordered_map<std::string_view, int16_t> by_name;
    for (size_t i = 0; i < values_.size(); ++i)
    {
        const auto & [name, value] = values_[i];
        if (id == TypeId::Enum8 && (value < INT8_MIN || value > INT8_MAX))
            throw Exception(ErrorCode::ARGUMENT_OUT_OF_BOUND, "Value {} for element '{}' exceeds range of Enum8", value, name);
        if (i && values_[i - 1].second == value)
            throw Exception(
                ErrorCode::SYNTAX_ERROR, "Duplicate values in enum: '{}' = {} and '{}'", name, value, values_[i - 1].first);
        auto [other, inserted] = by_name.emplace(name, value);
        if (!inserted)
            throw Exception(ErrorCode::SYNTAX_ERROR, "Duplicate names in enum: '{}' = {} and {}", name, other->second, value);
    }
}

std::string DataTypeEnum::name() const
{
    std::string result = id_ == TypeId::Enum8 ? "Enum8(" : "Enum16(";
    for (size_t i = 0; i < values_.size(); ++i)
        result += fmt::format("{}{} = {}", i ? ", " : "", quoteName(values_[i].first, '\''), values_[i].second);
    return result + ")";
}

MutableColumnPtr DataTypeEnum::createColumn() const
{
    if (id_ == TypeId::Enum8)
        return ColumnInt8::create();
    return ColumnInt16::create();
}

Field DataTypeEnum::defaultValue() const
{
    return Field(values_[0].second);
}

std::optional<int16_t> DataTypeEnum::valueOf(std::string_view name) const
{
    for (const auto & [known, value] : values_)
        if (known == name)
            return value;
    return std::nullopt;
}

std::optional<std::string_view> DataTypeEnum::nameOf(int16_t value) const
{
    auto found = std::lower_bound(
        values_.begin(), values_.end(), value, [](const auto & known, int16_t wanted) { return known.second < wanted; });
    if (found == values_.end() || found->second != value)
        return std::nullopt;
    return found->first;
}

}
