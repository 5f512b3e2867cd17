#include "object_store/S3Config.h"

#include "object_store/ObjectStore.h"

#include <algorithm>
#include <charconv>
#include <cctype>
#include <cstdlib>
#include <cstring>

#include <curl/curl.h>

namespace mangrove
{

namespace
{

std::string percentDecode(std::string_view text)
{
    if (text.empty())
        return {};
    int length = 0;
    char * decoded = curl_easy_unescape(nullptr, text.data(), static_cast<int>(text.size()), &length);
    if (!decoded)
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Cannot decode a parameter of the object store URL");
    std::string result(decoded, static_cast<size_t>(length));
    curl_free(decoded);
    return result;
}

class Parameters
{
public:
    explicit Parameters(std::string_view query) : values_(parseUrlParameters(query)) {}

    /// The parameter, else the first of the environment variables that is set, else empty.
    std::string take(const std::string & name, std::initializer_list<const char *> environment = {})
    {
        if (auto node = values_.extract(name))
            return node.mapped();
        for (const char * variable : environment)
            if (const char * value = std::getenv(variable); value && *value)
                return value;
        return {};
    }

    int64_t takeNumber(const std::string & name, int64_t default_value, int64_t max)
    {
        const std::string text = take(name);
        if (text.empty())
            return default_value;
        int64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > max)
            throw Exception(
                ErrorCode::BAD_ARGUMENTS, "Parameter {} of the s3:// URL must be a number from 1 to {}", name, max);
        return value;
    }

    void checkAllTaken() const
    {
        if (!values_.empty())
            throw Exception(
                ErrorCode::BAD_ARGUMENTS, "Unknown parameter '{}' in the s3:// URL", values_.begin()->first);
    }

private:
    std::map<std::string, std::string> values_;
};

void parseEndpoint(const std::string & endpoint, S3Config & config)
{
    const auto refuse = [&](const char * why)
    { throw Exception(ErrorCode::BAD_ARGUMENTS, "S3 endpoint '{}' {}", endpoint, why); };
    const size_t separator = endpoint.find("://");
    if (separator == std::string::npos)
        refuse("must begin with http:// or https://");
    config.scheme = endpoint.substr(0, separator);
    if (config.scheme != "http" && config.scheme != "https")
        refuse("must begin with http:// or https://");
    config.host = endpoint.substr(separator + 3);
    if (config.host.ends_with('/'))
        config.host.pop_back();
    const auto allowed = [](unsigned char c) { return std::isalnum(c) || (c != 0 && std::strchr(".-:[]", c)); };
    if (config.host.empty() || !std::all_of(config.host.begin(), config.host.end(), allowed))
        refuse("must be a scheme, a host and perhaps a port, nothing else");
    const std::string default_port = config.scheme == "http" ? ":80" : ":443";
    if (config.host.ends_with(default_port))
        config.host.resize(config.host.size() - default_port.size());
}

}

std::map<std::string, std::string> parseUrlParameters(std::string_view query)
{
    std::map<std::string, std::string> values;
    while (!query.empty())
    {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        if (pair.empty())
            continue;
        const size_t equals = pair.find('=');
        const std::string name = percentDecode(pair.substr(0, equals));
        if (equals == std::string_view::npos)
            throw Exception(ErrorCode::BAD_ARGUMENTS, "Parameter '{}' of the object store URL has no value", name);
        if (!values.emplace(name, percentDecode(pair.substr(equals + 1))).second)
            throw Exception(ErrorCode::BAD_ARGUMENTS, "Parameter '{}' of the object store URL is repeated", name);
    }
    return values;
}

S3Config parseS3Url(const std::string & url)
{
    static constexpr std::string_view scheme = "s3://";
    if (!url.starts_with(scheme))
        throw Exception(ErrorCode::BAD_ARGUMENTS, "An S3 URL begins with s3://");
    const size_t question = std::min(url.find('?'), url.size());
    const std::string place = url.substr(scheme.size(), question - scheme.size());
    Parameters parameters(question < url.size() ? std::string_view(url).substr(question + 1) : std::string_view());

    S3Config config;
    const size_t slash = std::min(place.find('/'), place.size());
    config.bucket = place.substr(0, slash);
    const auto allowed = [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '-' || c == '_'; };
    if (config.bucket.size() < 3 || config.bucket.size() > 63
        || !std::all_of(config.bucket.begin(), config.bucket.end(), allowed))
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Bad bucket name '{}' in the s3:// URL", config.bucket);
    if (slash < place.size())
        config.prefix = percentDecode(std::string_view(place).substr(slash + 1));
    while (config.prefix.ends_with('/'))
        config.prefix.pop_back();
    if (!config.prefix.empty())
    {
        validateObjectKey(config.prefix);
        config.prefix += '/';
    }

    config.region = parameters.take("region", {"AWS_REGION", "AWS_DEFAULT_REGION"});
    if (config.region.empty())
        config.region = "us-east-1";
    const std::string endpoint = parameters.take("endpoint", {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"});
    parseEndpoint(endpoint.empty() ? "https://s3." + config.region + ".amazonaws.com" : endpoint, config);

    const std::string addressing = parameters.take("addressing");
    if (!addressing.empty() && addressing != "path" && addressing != "virtual")
        throw Exception(ErrorCode::BAD_ARGUMENTS, "Parameter addressing of the s3:// URL must be path or virtual");
    config.path_style = addressing.empty() ? !endpoint.empty() : addressing == "path";
    if (!config.path_style)
        config.host = config.bucket + "." + config.host;

    config.access_key = parameters.take("access_key", {"AWS_ACCESS_KEY_ID"});
    config.secret_key = parameters.take("secret_key", {"AWS_SECRET_ACCESS_KEY"});
    config.session_token = parameters.take("session_token", {"AWS_SESSION_TOKEN"});
    if (config.access_key.empty() || config.secret_key.empty())
        throw Exception(
            ErrorCode::BAD_ARGUMENTS,
            "No credentials for bucket {}: set access_key and secret_key in the URL, or AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY",
            config.bucket);
    config.ca_file = parameters.take("ca_file");
    config.deadline_ms = parameters.takeNumber("deadline_ms", config.deadline_ms, 3'600'000);
    config.attempts_max = parameters.takeNumber("attempts_max", config.attempts_max, 100);
    config.create_bucket = parameters.takeNumber("create_bucket", 0, 1) == 1;
    parameters.checkAllTaken();
    return config;
}

}
