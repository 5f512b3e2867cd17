#pragma once
// OTLP/JSON → message. Protobuf's own JSON parser is wrong for it: ids are hex, not base64, and enums are numbers.
// Unknown fields are skipped; INCORRECT_DATA (117) with the path of what is wrong. Parsed by simdjson.

#include <string_view>

namespace mangrove
{

namespace otlp
{
class ExportTraceServiceRequest;
}

void parseOtlpJson(std::string_view text, otlp::ExportTraceServiceRequest & request);

}
