// Extractors of Nullable, LowCardinality, Array, Tuple and Map.

#include "columns/ColumnArray.h"
#include "columns/ColumnLowCardinality.h"
#include "columns/ColumnMap.h"
#include "columns/ColumnNullable.h"
#include "columns/ColumnTuple.h"
#include "functions/json/JsonExtractor.h"

#include <algorithm>

namespace mangrove
{

namespace
{

class NullableExtractor final : public JsonExtractor
{
public:
    NullableExtractor(const DataTypePtr & type, JsonExtractorPtr nested) : JsonExtractor(type), nested_(std::move(nested)) { }

    bool extract(Column & to, const JsonElement & element) const override
    {
        auto & nullable = static_cast<ColumnNullable &>(to);
        if (element.is_null())
        {
            to.insertDefault();
            return true;
        }
        if (!nested_->extract(nullable.nestedMutable(), element))
            return false;
        nullable.nullMapMutable().push_back(0);
        return true;
    }

private:
    JsonExtractorPtr nested_;
};

class LowCardinalityExtractor final : public JsonExtractor
{
public:
    LowCardinalityExtractor(const DataTypePtr & type, JsonExtractorPtr nested)
        : JsonExtractor(type), nested_type_(typeAs<DataTypeLowCardinality>(*type).nested()), nested_(std::move(nested))
    {
    }

    bool extract(Column & to, const JsonElement & element) const override
    {
        std::string_view text;
        if (removeNullable(nested_type_)->isString() && element.get(text) == simdjson::SUCCESS)
        {
            auto & coded = static_cast<ColumnLowCardinality &>(to);
            coded.appendCode(coded.codeOf(text));
            return true;
        }
        auto value = nested_type_->createColumn();
        if (!nested_->extract(*value, element))
            return false;
        to.insert(value->get(0));
        return true;
    }

private:
    DataTypePtr nested_type_;
    JsonExtractorPtr nested_;
};

class ArrayExtractor final : public JsonExtractor
{
public:
    ArrayExtractor(const DataTypePtr & type, JsonExtractorPtr nested) : JsonExtractor(type), nested_(std::move(nested)) { }

    bool extract(Column & to, const JsonElement & element) const override
    {
        simdjson::dom::array items;
        if (element.get(items) != simdjson::SUCCESS)
            return false;
        auto & array = static_cast<ColumnArray &>(to);
        Column & data = array.dataMutable();
        const size_t before = data.size();
        bool any = false;
        for (JsonElement item : items)
        {
            if (nested_->extract(data, item))
                any = true;
            else
                nested_->appendDefault(data);
        }
        if (!any)
        {
            data.popBack(data.size() - before);
            return false;
        }
        array.offsetsMutable().push_back(data.size());
        return true;
    }

private:
    JsonExtractorPtr nested_;
};

/// From an array by position, from an object by name; by position too if the elements have no names.
class TupleExtractor final : public JsonExtractor
{
public:
    TupleExtractor(const DataTypePtr & type, std::vector<JsonExtractorPtr> nested)
        : JsonExtractor(type), names_(typeAs<DataTypeTuple>(*type).names()), nested_(std::move(nested))
    {
    }

    bool extract(Column & to, const JsonElement & element) const override
    {
        auto & tuple = static_cast<ColumnTuple &>(to);
        const size_t rows = to.size();
        std::vector<bool> seen(nested_.size());
        bool any = false;
        auto take = [&](size_t position, const JsonElement & value)
        {
            if (position >= nested_.size() || seen[position])
                return;
            seen[position] = true;
            if (nested_[position]->extract(tuple.elementMutable(position), value))
                any = true;
            else
                nested_[position]->appendDefault(tuple.elementMutable(position));
        };
        simdjson::dom::array items;
        simdjson::dom::object fields;
        size_t next = 0;
        if (element.get(items) == simdjson::SUCCESS)
        {
            for (JsonElement item : items)
                take(next++, item);
        }
        else if (element.get(fields) == simdjson::SUCCESS)
        {
            for (simdjson::dom::key_value_pair field : fields)
                take(names_.empty() ? next++ : std::ranges::find(names_, field.key) - names_.begin(), field.value);
        }
        for (size_t i = 0; i < nested_.size(); ++i)
        {
            Column & column = tuple.elementMutable(i);
            if (!any)
                column.popBack(column.size() - rows);
            else if (!seen[i])
                nested_[i]->appendDefault(column);
        }
        return any;
    }

private:
    std::vector<std::string> names_;
    std::vector<JsonExtractorPtr> nested_;
};

class MapExtractor final : public JsonExtractor
{
public:
    MapExtractor(const DataTypePtr & type, JsonExtractorPtr value) : JsonExtractor(type), value_(std::move(value)) { }

    bool extract(Column & to, const JsonElement & element) const override
    {
        simdjson::dom::object fields;
        if (element.get(fields) != simdjson::SUCCESS)
            return false;
        auto & pairs = static_cast<ColumnMap &>(to).pairsMutable();
        auto & tuple = static_cast<ColumnTuple &>(pairs.dataMutable());
        Column & keys = tuple.elementMutable(0);
        for (simdjson::dom::key_value_pair field : fields)
        {
            if (keys.kind() == ColumnKind::LowCardinality)
                static_cast<ColumnLowCardinality &>(keys).appendRecurring(field.key);
            else
                static_cast<ColumnString &>(keys).append(field.key);
            value_->extractOrDefault(tuple.elementMutable(1), field.value);
        }
        pairs.offsetsMutable().push_back(keys.size());
        return true;
    }

private:
    JsonExtractorPtr value_;
};

}

JsonExtractorPtr makeJsonContainerExtractor(const DataTypePtr & type, std::string_view function, JsonBools bools)
{
    auto make = [&](const DataTypePtr & nested) { return makeJsonExtractor(nested, function, bools); };
    switch (type->id())
    {
        case TypeId::Nullable:
            return std::make_unique<NullableExtractor>(type, make(typeAs<DataTypeNullable>(*type).nested()));
        case TypeId::LowCardinality:
            return std::make_unique<LowCardinalityExtractor>(type, make(typeAs<DataTypeLowCardinality>(*type).nested()));
        case TypeId::Array: return std::make_unique<ArrayExtractor>(type, make(typeAs<DataTypeArray>(*type).element()));
        case TypeId::Tuple:
        {
            std::vector<JsonExtractorPtr> nested;
            for (const auto & element : typeAs<DataTypeTuple>(*type).elements())
                nested.push_back(make(element));
            return std::make_unique<TupleExtractor>(type, std::move(nested));
        }
        case TypeId::Map:
        {
            auto & map = typeAs<DataTypeMap>(*type);
            if (!removeLowCardinality(map.key())->isString())
                throw Exception(ErrorCode::ILLEGAL_TYPE_OF_ARGUMENT,
                    "{} doesn't support the return type schema: {} with key type not String", function, type->name());
            return std::make_unique<MapExtractor>(type, make(map.value()));
        }
        default: return nullptr;
    }
}

}
