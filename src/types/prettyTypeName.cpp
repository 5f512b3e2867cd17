#include "types/prettyTypeName.h"

#include "types/DataTypes.h"
#include "types/backQuoteIfNeeded.h"

namespace mangrove
{

std::string prettyTypeName(const DataType & type, size_t indent)
{
    switch (type.id())
    {
        case TypeId::Array:
            return "Array(" + prettyTypeName(*typeAs<DataTypeArray>(type).element(), indent) + ")";
        case TypeId::Map:
        {
            const auto & map = typeAs<DataTypeMap>(type);
            return "Map(" + prettyTypeName(*map.key(), indent) + ", " + prettyTypeName(*map.value(), indent) + ")";
        }
        case TypeId::Tuple:
        {
            const auto & tuple = typeAs<DataTypeTuple>(type);
            const bool named = !tuple.names().empty();
            std::string text = "Tuple(";
            for (size_t i = 0; i < tuple.elements().size(); ++i)
            {
                text += i ? "," : "";
                text += named ? "\n" + std::string((indent + 1) * 4, ' ') + backQuoteIfNeeded(tuple.names()[i]) + " " : i ? " " : "";
                text += prettyTypeName(*tuple.elements()[i], indent + named);
            }
            return text + ")";
        }
        default: return type.name();
    }
}

}
