#include "parts/IndexWriters.h"

#include "columns/ColumnArray.h"
#include "columns/ColumnFixedString.h"
#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnMap.h"
#include "columns/ColumnNullable.h"
#include "columns/ColumnString.h"
#include "io/Checksum.h"
#include "parts/BloomFilter.h"
#include "parts/ColumnWriter.h"
#include "parts/DictionaryWriter.h"
#include "parts/NumberKinds.h"
#include "types/DataTypes.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace mangrove
{

namespace
{

constexpr size_t summary_string_bytes = 64;

template <typename T>
bool isOrdered(T value)
{
    if constexpr (std::is_floating_point_v<T>)
        return !std::isnan(value);
    return true;
}

/// Least and greatest of strings, most of which their first eight bytes decide.
struct StringRange
{
    std::string_view least;
    std::string_view greatest;
    bool any = false;

    void add(std::string_view value)
    {
        const uint64_t prefix = prefixOf(value);
        if (!any || prefix < least_prefix || (prefix == least_prefix && value < least))
        {
            least = value;
            least_prefix = prefix;
        }
        if (!any || prefix > greatest_prefix || (prefix == greatest_prefix && value > greatest))
        {
            greatest = value;
            greatest_prefix = prefix;
        }
        any = true;
    }

private:
    /// Numbers that differ are in the order of their strings.
    static uint64_t prefixOf(std::string_view value)
    {
        uint64_t prefix = 0;
        if (value.size() >= sizeof(prefix)) [[likely]]
            std::memcpy(&prefix, value.data(), sizeof(prefix));
        else if (!value.empty())
            std::memcpy(&prefix, value.data(), value.size());
        return __builtin_bswap64(prefix);
    }

    uint64_t least_prefix = 0;
    uint64_t greatest_prefix = 0;
};

}

std::unique_ptr<MinMaxCollector> MinMaxCollector::make(const DataTypePtr & type)
{
    DataTypePtr value_type = removeLowCardinalityAndNullable(type);
    size_t width = fixedWidthOf(*value_type);
    bool number = width > 0 && width <= 8 && value_type->id() != TypeId::Nothing;
    if (!number && !value_type->isStringOrFixed())
        return nullptr;
    return std::unique_ptr<MinMaxCollector>(new MinMaxCollector(value_type));
}

MinMaxCollector::MinMaxCollector(DataTypePtr value_type)
    : value_type_(std::move(value_type)), mins_(value_type_->createColumn()), maxs_(value_type_->createColumn())
{
}

void MinMaxCollector::beginGranule()
{
    finishGranule();
    has_values_.push_back(0);
    if (isNumberKind(mins_->kind()))
    {
        auto start = [](Column & column, bool at_most)
        {
            withNumberArray(column, [&]<typename T>(PodVector<T> & values)
            {
                values.push_back(at_most ? std::numeric_limits<T>::max() : std::numeric_limits<T>::lowest());
            });
        };
        start(*mins_, true);
        start(*maxs_, false);
    }
}

void MinMaxCollector::finishGranule()
{
    if (has_values_.empty() || isNumberKind(mins_->kind()))
        return;
    /// No string is greater than every other: a granule without values gets the default twice, which is safe.
    appendValueBytes(*mins_, least_string_);
    appendValueBytes(*maxs_, greatest_string_);
    least_string_.clear();
    greatest_string_.clear();
}

void MinMaxCollector::add(const Column & column, size_t begin, size_t end)
{
    if (!isNumberKind(mins_->kind()))
        return addStrings(column, begin, end);
    ColumnPtr full = column.materialize();
    const uint8_t * nulls = nullptr;
    const Column * values_column = full.get();
    if (auto * nullable = tryColumnAs<ColumnNullable>(*full))
    {
        nulls = nullable->nullMap().data();
        values_column = &nullable->nested();
    }
    withNumberArray(*values_column,
        [&]<typename T>(const PodVector<T> & values)
        {
            CHECK(mins_->kind() == values_column->kind(), "column {} where {} is expected", values_column->name(),
                mins_->name());
            T & least = static_cast<ColumnVector<T> &>(*mins_).data().back();
            T & greatest = static_cast<ColumnVector<T> &>(*maxs_).data().back();
            if constexpr (std::is_integral_v<T>)
                if (!nulls && begin < end)
                {
                    T low = least, high = greatest; // in registers: many at once
                    for (size_t i = begin; i < end; ++i)
                    {
                        low = std::min(low, values[i]);
                        high = std::max(high, values[i]);
                    }
                    least = low;
                    greatest = high;
                    has_values_.back() = 1;
                    return;
                }
            bool any = false;
            for (size_t i = begin; i < end; ++i)
            {
                if ((nulls && nulls[i]) || !isOrdered(values[i]))
                    continue;
                least = std::min(least, values[i]);
                greatest = std::max(greatest, values[i]);
                any = true;
            }
            has_values_.back() |= any;
        });
}

void MinMaxCollector::addStrings(const Column & column, size_t begin, size_t end)
{
    StringRange range;
    if (auto * coded = tryColumnAs<ColumnLowCardinality>(column))
    {
        std::vector<uint8_t> seen(coded->dictionary().size(), 0);
        for (size_t i = begin; i < end; ++i)
            seen[coded->codes()[i]] = 1;
        for (size_t code = 0; code < seen.size(); ++code)
            if (seen[code] && !coded->dictionary().isNullAt(code))
                range.add(coded->dictionary().stringAt(code));
    }
    else if (auto * strings = tryColumnAs<ColumnString>(column))
        for (size_t i = begin; i < end; ++i)
            range.add(strings->at(i));
    else if (auto * fixed = tryColumnAs<ColumnFixedString>(column))
        for (size_t i = begin; i < end; ++i)
            range.add(fixed->at(i));
    else
        for (size_t i = begin; i < end; ++i)
            if (!column.isNullAt(i))
                range.add(column.stringAt(i));
    if (!range.any)
        return;
    if (!has_values_.back() || range.least < least_string_)
        least_string_ = range.least;
    if (!has_values_.back() || range.greatest > greatest_string_)
        greatest_string_ = range.greatest;
    has_values_.back() = 1;
}

template <typename Better>
Field MinMaxCollector::extreme(const Column & values, Better && better) const
{
    std::optional<size_t> best;
    for (size_t granule = 0; granule < has_values_.size() && granule < values.size(); ++granule)
        if (has_values_[granule] && (!best || better(values.compareAt(granule, *best, values, 1))))
            best = granule;
    return best ? values.get(*best) : Field(Null{});
}

Field MinMaxCollector::least() const
{
    Field field = extreme(*mins_, [](int order) { return order < 0; });
    if (field.is<std::string>() && field.get<std::string>().size() > summary_string_bytes)
        field = field.get<std::string>().substr(0, summary_string_bytes);
    return field;
}

Field MinMaxCollector::greatest() const
{
    Field field = extreme(*maxs_, [](int order) { return order > 0; });
    if (!field.is<std::string>() || field.get<std::string>().size() <= summary_string_bytes)
        return field;
    std::string cut = field.get<std::string>().substr(0, summary_string_bytes);
    while (!cut.empty() && static_cast<uint8_t>(cut.back()) == 0xff)
        cut.pop_back();
    if (cut.empty())
        return Null{};
    cut.back() = static_cast<char>(static_cast<uint8_t>(cut.back()) + 1);
    return cut;
}

DataTypePtr indexedType(const DataTypePtr & type)
{
    DataTypePtr element = type;
    if (element->id() == TypeId::Map)
        element = typeAs<DataTypeMap>(*element).value();
    while (element->id() == TypeId::Array)
        element = typeAs<DataTypeArray>(*element).element();
    element = removeLowCardinalityAndNullable(element);
    if (!element->isStringOrFixed() && fixedWidthOf(*element) == 0)
        throw Exception(ErrorCode::BAD_ARGUMENTS, "A skip index cannot hold values of type {}", element->name());
    return element;
}

GranuleValues::GranuleValues(const SkipIndex & index)
    : index_(index),
      element_type_(indexedType(index.type)),
      filters_(ColumnString::create()),
      set_values_(element_type_->createColumn()),
      set_ends_(ColumnUInt64::create()),
      overflows_(ColumnUInt8::create())
{
}

void GranuleValues::beginGranule()
{
    endGranule();
    open_ = true;
}

void GranuleValues::endGranule()
{
    if (!open_)
        return;
    open_ = false;
    if (index_.kind == SkipIndexKind::BloomFilter)
    {
        std::vector<uint64_t> hashes(hashes_.begin(), hashes_.end());
        static_cast<ColumnString &>(*filters_).append(makeBloomFilter(hashes, index_.false_positive_rate));
    }
    else
    {
        auto & ends = static_cast<ColumnUInt64 &>(*set_ends_).data();
        if (overflow_)
            set_values_->popBack(set_values_->size() - (ends.empty() ? 0 : ends.back()));
        ends.push_back(set_values_->size());
        static_cast<ColumnUInt8 &>(*overflows_).data().push_back(overflow_);
    }
    hashes_.clear();
    overflow_ = false;
}

void GranuleValues::add(const ColumnPtr & column, size_t begin, size_t end)
{
    if (auto * map = tryColumnAs<ColumnMap>(*column))
    {
        if (begin < end)
            add(map->valuesPtr(), map->pairs().beginOf(begin), map->pairs().endOf(end - 1));
    }
    else if (auto * array = tryColumnAs<ColumnArray>(*column))
    {
        if (begin < end)
            add(array->dataPtr(), array->beginOf(begin), array->endOf(end - 1));
    }
    else
        addElements(*column, begin, end);
}

void GranuleValues::addElements(const Column & column, size_t begin, size_t end)
{
    auto addOne = [&](const Column & values, size_t row)
    {
        if (values.isNullAt(row))
            return;
        auto * nullable = tryColumnAs<ColumnNullable>(values);
        std::string_view bytes = bytesOfValue(nullable ? nullable->nested() : values, row);
        if (!hashes_.insert(xxh3(bytes)).second || index_.kind == SkipIndexKind::BloomFilter)
            return;
        if (index_.set_values_max && hashes_.size() > index_.set_values_max)
            overflow_ = true;
        else
            appendValueBytes(*set_values_, bytes);
    };
    if (auto * coded = tryColumnAs<ColumnLowCardinality>(column))
    {
        std::vector<uint8_t> seen(coded->dictionary().size(), 0);
        for (size_t i = begin; i < end; ++i)
            seen[coded->codes()[i]] = 1;
        for (size_t code = 0; code < seen.size(); ++code)
            if (seen[code])
                addOne(coded->dictionary(), code);
        return;
    }
    for (size_t i = begin; i < end; ++i)
        addOne(column, i);
}

ColumnPtr GranuleValues::filters() const { return filters_; }
ColumnPtr GranuleValues::overflows() const { return overflows_; }
ColumnPtr GranuleValues::sets() const
{
    return std::make_shared<ColumnArray>(ColumnPtr(set_values_), ColumnPtr(set_ends_));
}

}
