#include "server/http/QueryHandler.h"

#include "base/Log.h"
#include "formats/FormatFactory.h"
#include "io/Compression.h"
#include "query/nodeMetrics.h"
#include "types/TimeZone.h"

#include <absl/strings/escaping.h>

#include <algorithm>
#include <charconv>
#include <mutex>
#include <set>

namespace mangrove
{

namespace
{

constexpr uint64_t query_in_body_bytes_max = 1ULL << 30; /// inline data of an INSERT in the body

/// Parameters of the URL that are not settings.
bool isReserved(const std::string & name)
{
    static const std::set<std::string> reserved{"query", "database", "default_format", "query_id", "session_id", "session_timeout", "session_check",
        "user", "password", "quota_key", "role", "compress", "decompress", "client_protocol_version", "enable_http_compression", "stacktrace", "buffer_size",
        "http_write_exception_in_output_format", "add_http_cors_header", "hasparams", "wait_end_of_query"};
    return reserved.contains(name) || name.starts_with("param_");
}

std::string decodeBase64(const std::string & text)
{
    std::string decoded;
    return absl::Base64Unescape(text, &decoded) ? decoded : "";
}

/// It comes back in a header, which must not end where the client likes.
std::string queryIdOf(const HttpRequest & request)
{
    constexpr size_t bytes_max = 1024;
    auto id = request.parameter("query_id").value_or("");
    if (id.size() > bytes_max || std::any_of(id.begin(), id.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }))
        throw Exception(ErrorCode::BAD_ARGUMENTS, "query_id must be at most {} bytes without control characters, it has {} bytes", bytes_max, id.size());
    return id;
}

/// INVALID_SESSION_TIMEOUT (374).
int64_t sessionTimeoutSeconds(const HttpRequest & request)
{
    constexpr int64_t usual = 60, longest = 3600;
    auto text = request.parameter("session_timeout");
    if (!text)
        return usual;
    int64_t seconds = 0;
    auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
    if (error != std::errc() || end != text->data() + text->size() || seconds < 0)
        throw Exception(ErrorCode::INVALID_SESSION_TIMEOUT, "Invalid session timeout: '{}'", *text);
    if (seconds > longest)
        throw Exception(ErrorCode::INVALID_SESSION_TIMEOUT, "Session timeout '{}' is larger than max_session_timeout: {}", seconds, longest);
    return seconds;
}

/// ClickHouse's since 25.11: 16 characters that no data can know, and at most 16 KiB of text between them.
constexpr const char * exception_tag_header = "X-ClickHouse-Exception-Tag";
constexpr size_t exception_text_bytes_max = 16 << 10;

std::string summaryJson(const QuerySummary & summary)
{
    return fmt::format(R"({{"read_rows":"{}","read_bytes":"{}","written_rows":"{}","written_bytes":"{}","total_rows_to_read":"{}","result_rows":"{}","result_bytes":"{}","elapsed_ns":"{}"}})",
        summary.read_rows, summary.read_bytes, summary.written_rows, summary.written_bytes, summary.total_rows_to_read, summary.result_rows,
        summary.result_bytes, summary.elapsed_ns);
}

}

int httpStatusOf(ErrorCode code)
{
    switch (code)
    {
        case ErrorCode::REQUIRED_PASSWORD:
            return 401;
        case ErrorCode::UNKNOWN_USER:
        case ErrorCode::WRONG_PASSWORD:
        case ErrorCode::AUTHENTICATION_FAILED:
            return 403;
        case ErrorCode::UNKNOWN_TABLE:
        case ErrorCode::UNKNOWN_FUNCTION:
        case ErrorCode::UNKNOWN_IDENTIFIER:
        case ErrorCode::UNKNOWN_TYPE:
        case ErrorCode::UNKNOWN_STORAGE:
        case ErrorCode::UNKNOWN_DATABASE:
        case ErrorCode::UNKNOWN_SETTING:
        case ErrorCode::UNKNOWN_AGGREGATE_FUNCTION:
        case ErrorCode::UNKNOWN_FORMAT:
        case ErrorCode::UNKNOWN_DATABASE_ENGINE:
        case ErrorCode::SESSION_NOT_FOUND:
            return 404;
        case ErrorCode::SYNTAX_ERROR:
        case ErrorCode::CANNOT_PARSE_TEXT:
        case ErrorCode::CANNOT_PARSE_ESCAPE_SEQUENCE:
        case ErrorCode::CANNOT_PARSE_QUOTED_STRING:
        case ErrorCode::CANNOT_PARSE_DATE:
        case ErrorCode::CANNOT_PARSE_DATETIME:
        case ErrorCode::CANNOT_PARSE_NUMBER:
        case ErrorCode::CANNOT_PARSE_INPUT_ASSERTION_FAILED:
        case ErrorCode::INCORRECT_DATA:
        case ErrorCode::BAD_ARGUMENTS:
        case ErrorCode::TYPE_MISMATCH:
        case ErrorCode::UNKNOWN_QUERY_PARAMETER:
            return 400;
        case ErrorCode::QUERY_WAS_CANCELLED:
        case ErrorCode::TIMEOUT_EXCEEDED:
            return code == ErrorCode::TIMEOUT_EXCEEDED ? 408 : 500;
        case ErrorCode::NOT_IMPLEMENTED:
        case ErrorCode::UNSUPPORTED_METHOD:
            return 501;
        case ErrorCode::TOO_MANY_SIMULTANEOUS_QUERIES:
            return 503;
        default:
            return 500;
    }
}

std::string formatException(const Exception & exception, const std::string & version)
{
    return fmt::format("Code: {}. DB::Exception: {}. ({}) (version {})\n", static_cast<int>(exception.code()), exception.message(),
        errorName(exception.code()), version);
}

void QueryHandler::handle(const HttpRequest & request, HttpResponse & response)
{
    response.setHeader("X-ClickHouse-Server-Display-Name", node_.config().node_name);
    response.setHeader(exception_tag_header, fmt::format("{:016x}", exception_tags_.next()));
    if (request.path == "/ping" || (request.path == "/" && (request.method == "GET" || request.method == "HEAD") && !request.parameter("query")))
    {
        response.setHeader("Content-Type", "text/html; charset=UTF-8");
        return response.write("Ok.\n");
    }
    if (request.path == "/replicas_status")
        return response.write("Ok.\n");
    if (request.path == "/metrics")
    {
        response.setHeader("Content-Type", "text/plain; version=0.0.4; charset=UTF-8");
        return response.write(prometheusText(node_));
    }
    if (request.path != "/" && request.path != "/query")
    {
        response.status = 404;
        response.setHeader("Content-Type", "text/plain; charset=UTF-8");
        return response.write("There is no handle " + request.path + "\n\nUse / or /ping for health checks.\nSend queries from your program with POST method or GET /?query=...\n");
    }
    if (request.method == "OPTIONS")
    {
        response.status = 204;
        response.setHeader("Allow", "GET, POST, OPTIONS, HEAD");
        return;
    }
    std::optional<Exception> failure;
    try
    {
        return handleQuery(request, response);
    }
    catch (const Exception & exception)
    {
        failure = exception;
    }
    catch (const std::bad_alloc &)
    {
        failure = Exception(ErrorCode::MEMORY_LIMIT_EXCEEDED, "The node is out of memory");
    }
    catch (const std::exception & exception)
    {
        failure = Exception(ErrorCode::UNKNOWN_EXCEPTION, std::string(exception.what()));
    }
    auto text = formatException(*failure, node_.config().version);
    logDebug("http", "{}", text);
    if (response.started())
    {
        // The status is gone: the text goes behind the result, marked by the tag of the head so that clients tell it from
        // data, and the body is left without its end.
        if (text.size() > exception_text_bytes_max)
            text = text.substr(0, exception_text_bytes_max) + "…\n";
        const auto & tag = response.headers.at(exception_tag_header);
        response.write(fmt::format("\r\n__exception__\r\n{0}\r\n{1}{2} {0}\r\n__exception__\r\n", tag, text, text.size()));
        return response.abort();
    }
    response.status = httpStatusOf(failure->code());
    if (response.encoding != clickhouse_frames)
        response.encoding.clear();
    response.setHeader("X-ClickHouse-Exception-Code", std::to_string(static_cast<int>(failure->code())));
    response.setHeader("Content-Type", "text/plain; charset=UTF-8");
    if (response.status == 401)
        response.setHeader("WWW-Authenticate", "Basic realm=\"ClickHouse server HTTP API\"");
    response.write(text);
}

void QueryHandler::authenticate(const HttpRequest & request, Session & session) const
{
    auto user = request.header("X-ClickHouse-User");
    if (auto authorization = request.header("Authorization"); authorization && authorization->starts_with("Basic "))
    {
        auto decoded = decodeBase64(authorization->substr(6));
        user = decoded.substr(0, decoded.find(':'));
    }
    if (!user)
        user = request.parameter("user");
    session.user = user && !user->empty() ? *user : "default";
    // So far there is one user, without a password: whatever comes as one is accepted, as ClickHouse does (its JDBC driver
    // sends "null"). The server listens on loopback by default.
    if (session.user != "default")
        throw Exception(ErrorCode::AUTHENTICATION_FAILED, "{}: Authentication failed: password is incorrect, or there is no user with such name", session.user);
}

void QueryHandler::applyParameters(const HttpRequest & request, Session & session) const
{
    for (const auto & [name, value] : request.parameters)
        if (name.starts_with("param_"))
            session.parameters[name.substr(6)] = value;
        else if (!isReserved(name))
            session.settings.set(name, value);
    if (auto database = request.header("X-ClickHouse-Database"))
        session.database = *database;
    if (auto database = request.parameter("database"); database && !database->empty())
        session.database = *database;
    if (session.database != "system" && !node_.catalog().hasDatabase(session.database))
        throw Exception(ErrorCode::UNKNOWN_DATABASE, "Database {} does not exist", session.database);
}

std::shared_ptr<QueryHandler::HttpSession> QueryHandler::acquireSession(const HttpRequest & request)
{
    auto id = request.parameter("session_id");
    if (!id || id->empty())
        return nullptr;
    (void)sessionTimeoutSeconds(request);
    std::lock_guard lock(mutex_);
    auto now = node_.clock().monotonicMs();
    std::erase_if(sessions_, [&](const auto & entry) { return !entry.second->busy && entry.second->expires_ms < now; });
    auto & session = sessions_[*id];
    if (!session)
    {
        if (request.parameter("session_check") == "1" || sessions_.size() > sessions_max)
        {
            bool full = sessions_.size() > sessions_max;
            sessions_.erase(*id);
            throw Exception(ErrorCode::SESSION_NOT_FOUND, "Session {} not found{}", *id, full ? ": too many sessions" : "");
        }
        session = std::make_shared<HttpSession>();
    }
    if (session->busy)
        throw Exception(ErrorCode::SESSION_IS_LOCKED, "Session {} is locked by a concurrent client", *id);
    session->busy = true;
    return session;
}

void QueryHandler::releaseSession(const std::shared_ptr<HttpSession> & session, const HttpRequest & request)
{
    if (!session)
        return;
    auto timeout_s = sessionTimeoutSeconds(request);
    std::lock_guard lock(mutex_);
    session->busy = false;
    session->expires_ms = node_.clock().monotonicMs() + timeout_s * 1000;
}

void QueryHandler::handleQuery(const HttpRequest & request, HttpResponse & response)
{
    auto named = acquireSession(request);
    struct Release
    {
        std::function<void()> run;
        ~Release() { run(); }
    } release{[&] { releaseSession(named, request); }};

    Session session = named ? named->session : Session();
    authenticate(request, session);
    session.readonly = request.method == "GET" || request.method == "HEAD";
    auto base = session.settings;
    applyParameters(request, session);
    if (request.parameter("compress").value_or("0") == "1")
        response.encoding = clickhouse_frames;
    ReadBuffer * body = request.body;
    std::unique_ptr<ReadBuffer> unframed;
    if (request.parameter("decompress").value_or("0") == "1")
    {
        unframed = makeDecompressor(clickhouse_frames, *body);
        body = unframed.get();
    }

    if (auto type = request.header("Content-Type"); type && type->starts_with("multipart/"))
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "A body of Content-Type {} (external tables, parameters) is not supported: send the query or an INSERT's data as the body, parameters in the URL", *type);

    // The query may be split: beginning in the URL, rest in the body; an INSERT's data is then the rest of the body.
    QueryRequest query;
    std::string text = request.parameter("query").value_or("");
    std::string head(text.substr(0, 4096));
    auto first = head.find_first_not_of(" \t\r\n(");
    bool insert_in_url = first != std::string::npos && strncasecmp(head.c_str() + first, "insert", 6) == 0;
    if (insert_in_url)
    {
        query.data = body;
        if (!unframed && !request.header("Content-Encoding"))
            query.data_bytes = std::strtoull(request.header("Content-Length").value_or("").c_str(), nullptr, 10);
    }
    else
    {
        auto rest = body->readAll(query_in_body_bytes_max);
        if (!text.empty() && !rest.empty())
            text += "\n";
        text += rest;
    }
    if (text.empty())
        throw Exception(ErrorCode::EMPTY_QUERY, "Empty query");
    query.text = text;
    query.query_id = queryIdOf(request);
    query.default_format = request.parameter("default_format").value_or(request.header("X-ClickHouse-Format").value_or("TabSeparated"));
    if (auto revision = request.parameter("client_protocol_version"))
        query.native_revision = std::strtoull(revision->c_str(), nullptr, 10);
    if (auto accepted = request.header("Accept-Encoding"); accepted && response.encoding.empty() && request.parameter("enable_http_compression").value_or("0") == "1")
        response.encoding = chooseEncoding(*accepted);

    query.on_start = [&](const std::string & query_id, const std::string & format)
    {
        response.setHeader("X-ClickHouse-Query-Id", query_id);
        response.setHeader("X-ClickHouse-Timezone", TimeZone::get("")->name());
        if (!format.empty())
        {
            response.setHeader("X-ClickHouse-Format", canonicalFormatName(format));
            response.setHeader("Content-Type", std::string(contentTypeOfFormat(format)));
        }
    };
    std::mutex response_mutex; // progress comes from any thread
    bool send_progress = session.settings.getBool("send_progress_in_http_headers");
    auto progress_interval_ms = static_cast<int64_t>(session.settings.getUInt64("http_headers_progress_interval_ms"));
    auto last_progress_ms = node_.clock().monotonicMs();
    size_t progress_lines_left = 1000;
    query.on_progress = [&](const QuerySummary & summary)
    {
        if (response.clientGone())
            return false;
        std::unique_lock lock(response_mutex, std::try_to_lock);
        if (!lock)
            return true; // the answer is on its way
        auto now = node_.clock().monotonicMs();
        if (send_progress && progress_lines_left && !response.started() && now - last_progress_ms >= progress_interval_ms)
        {
            last_progress_ms = now;
            --progress_lines_left;
            response.sendEarly("X-ClickHouse-Progress", summaryJson(summary));
        }
        return true;
    };

    // Small results go out with the final summary; large ones start when the buffer is full.
    auto of_answer = session.settings;
    if (auto wait = request.parameter("wait_end_of_query"))
        of_answer.set("http_wait_end_of_query", *wait);
    bool wait_for_end = of_answer.getBool("http_wait_end_of_query");
    constexpr size_t buffer_bytes = 1 << 20;
    WriteBuffer out([&](std::string_view bytes)
    {
        std::lock_guard lock(response_mutex);
        response.write(bytes);
    }, wait_for_end ? SIZE_MAX : buffer_bytes);
    query.flush_output = false;
    auto summary = executeQuery(node_, session, query, out);
    if (!response.started())
        response.setHeader("X-ClickHouse-Summary", summaryJson(summary));
    out.flush();
    if (named)
    {
        // What SET and USE changed lasts; what came as parameters of this request does not.
        named->session = session;
        for (const auto & [name, value] : request.parameters)
            if (!isReserved(name))
            {
                if (auto it = base.changed().find(name); it != base.changed().end())
                    named->session.settings.set(name, it->second);
                else
                    named->session.settings.reset(name);
            }
        named->session.readonly = false;
    }
}

}
