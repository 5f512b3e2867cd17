#include "object_store/S3Xml.h"

#include <cstdio>
#include <cstring>
#include <ctime>
#include <sstream>

#include <pugixml.hpp>

namespace mangrove
{

namespace
{

/// A key may consist of spaces only.
constexpr unsigned parse_flags = pugi::parse_default | pugi::parse_ws_pcdata_single;

/// The root element if it has this name, else an empty node.
pugi::xml_node parseRoot(pugi::xml_document & document, const std::string & xml, const char * name)
{
    if (!document.load_buffer(xml.data(), xml.size(), parse_flags))
        return {};
    const pugi::xml_node root = document.document_element();
    return std::strcmp(root.name(), name) == 0 ? root : pugi::xml_node();
}

std::string cut(const char * text)
{
    return std::string(text, strnlen(text, 300));
}

}

ListPage parseListAnswer(const std::string & xml, const std::string & strip_prefix)
{
    pugi::xml_document document;
    const pugi::xml_node root = parseRoot(document, xml, "ListBucketResult");
    if (!root)
        throw Exception(ErrorCode::S3_ERROR, "The bucket answered a listing that is not XML: '{}'", xml.substr(0, 200));
    ListPage page;
    page.truncated = std::strcmp(root.child_value("IsTruncated"), "true") == 0;
    for (const pugi::xml_node & item : root.children("Contents"))
    {
        std::string key = item.child_value("Key");
        if (!key.starts_with(strip_prefix))
            throw Exception(ErrorCode::S3_ERROR, "The bucket listed key '{}' outside of '{}'", key, strip_prefix);
        key.erase(0, strip_prefix.size());
        if (!page.objects.empty() && page.objects.back().key >= key)
            throw Exception(ErrorCode::S3_ERROR, "The bucket lists keys out of order at '{}'", key);
        const auto mtime_ms = parseIsoTime(item.child_value("LastModified"));
        if (!mtime_ms)
            throw Exception(ErrorCode::S3_ERROR, "The bucket listed key '{}' without a time", key);
        page.objects.push_back({std::move(key), item.child("Size").text().as_ullong(), *mtime_ms});
    }
    if (page.truncated && page.objects.empty())
        throw Exception(ErrorCode::S3_ERROR, "The bucket answered a truncated listing without keys");
    return page;
}

S3ErrorAnswer parseErrorAnswer(const std::string & xml)
{
    pugi::xml_document document;
    const pugi::xml_node root = parseRoot(document, xml, "Error");
    return {cut(root.child_value("Code")), cut(root.child_value("Message"))};
}

std::string makeDeleteRequest(const std::vector<std::string> & keys)
{
    pugi::xml_document document;
    pugi::xml_node root = document.append_child("Delete");
    root.append_attribute("xmlns") = "http://s3.amazonaws.com/doc/2006-03-01/";
    root.append_child("Quiet").text() = "true";
    for (const std::string & key : keys)
        root.append_child("Object").append_child("Key").text() = key.c_str();
    std::ostringstream out;
    document.save(out, "", pugi::format_raw);
    return out.str();
}

std::optional<std::string> parseDeleteAnswer(const std::string & xml)
{
    pugi::xml_document document;
    const pugi::xml_node root = parseRoot(document, xml, "DeleteResult");
    if (!root)
        return "the answer is not XML";
    for (const pugi::xml_node & error : root.children("Error"))
    {
        /// Some servers report what was not there; it is what we wanted.
        if (std::strcmp(error.child_value("Code"), "NoSuchKey") == 0)
            continue;
        return cut(error.child_value("Key")) + ": " + cut(error.child_value("Code")) + " "
            + cut(error.child_value("Message"));
    }
    return std::nullopt;
}

std::optional<int64_t> parseIsoTime(const std::string & text)
{
    tm parts{};
    double seconds = 0;
    if (std::sscanf(
            text.c_str(), "%4d-%2d-%2dT%2d:%2d:%9lfZ", &parts.tm_year, &parts.tm_mon, &parts.tm_mday, &parts.tm_hour,
            &parts.tm_min, &seconds)
        != 6)
        return std::nullopt;
    if (!(seconds >= 0 && seconds < 62))
        return std::nullopt;
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    return static_cast<int64_t>(timegm(&parts)) * 1000 + static_cast<int64_t>(seconds * 1000);
}

}
