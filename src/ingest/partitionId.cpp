#include "ingest/partitionId.h"

#include "io/Checksum.h"
#include "types/DataTypes.h"
#include "types/Serialization.h"

namespace mangrove
{

std::string partitionId(const Block & values, size_t row)
{
    if (values.columnCount() == 0)
        return "all";
    std::string id, key;
    bool hashed = false;
    for (const auto & column : values.columns())
    {
        auto plain = column.column->materialize();
        plain->serializeKey(row, key);
        auto type = removeLowCardinality(column.type);
        if (!id.empty())
            id += '-';
        if (type->id() == TypeId::Date)
        {
            auto date = civilFromDays(static_cast<int32_t>(plain->get(row).get<uint64_t>()));
            id += fmt::format("{:04}{:02}{:02}", date.year, date.month, date.day);
        }
        else if (type->isInteger() || type->id() == TypeId::Bool || type->id() == TypeId::DateTime || type->isEnum())
            id += toString(plain->get(row));
        else
            hashed = true;
    }
    if (!hashed)
        return id;
    return fmt::format("{:016x}{:016x}", xxh3(key), xxh3(key + "1"));
}

std::string partitionValue(const Block & values, size_t row)
{
    if (values.columnCount() == 0)
        return "tuple()";
    WriteBuffer out;
    FormatSettings settings;
    bool many = values.columnCount() > 1;
    for (size_t i = 0; i < values.columnCount(); ++i)
    {
        const auto & column = values.at(i);
        out.write(many ? (i ? "," : "(") : "");
        auto serialization = serializationOf(removeLowCardinality(column.type));
        auto plain = column.column->materialize();
        if (many)
            serialization->writeQuoted(*plain, row, out, settings);
        else
            serialization->writeRaw(*plain, row, out, settings);
    }
    out.write(many ? ")" : "");
    return out.take();
}

}
