#include "formats/OutputFormat.h"

namespace mangrove
{

OutputFormat::OutputFormat(WriteBuffer & out, NamesAndTypes header, const FormatSettings & settings)
    : out_(out), header_(std::move(header)), settings_(settings)
{
    for (const auto & column : header_)
        serializations_.push_back(serializationOf(column.type));
}

}
