#pragma once
// The XML of S3: listings, error bodies, batch deletes. Parsed by pugixml, which does not expand entities beyond
// the five of XML, so that a hostile answer cannot grow. Used by S3Client and S3ObjectStore.

#include "object_store/ObjectStore.h"

namespace mangrove
{

/// ListObjectsV2. Keys lose `strip_prefix`; throws S3_ERROR when the answer is not well-formed or not in order.
ListPage parseListAnswer(const std::string & xml, const std::string & strip_prefix);

struct S3ErrorAnswer
{
    std::string code;
    std::string message;
};

/// Empty fields when `xml` is not an S3 error: proxies answer HTML.
S3ErrorAnswer parseErrorAnswer(const std::string & xml);

std::string makeDeleteRequest(const std::vector<std::string> & keys);

/// The first key that could not be deleted, as "key: Code message"; nullopt when all went.
std::optional<std::string> parseDeleteAnswer(const std::string & xml);

/// "2026-11-22T10:20:30.123Z" as ms since the epoch; nullopt if it is not such a time.
std::optional<int64_t> parseIsoTime(const std::string & text);

}
