#pragma once
// ClickHouse's HTTP interface on 8123: queries in the URL or the body, settings as parameters, sessions, compressed
// bodies, X-ClickHouse-* headers, and the small pages beside it (/, /ping, /replicas_status, /metrics). Thread-safe.

#include "base/Random.h"
#include "query/executeQuery.h"
#include "server/http/HttpExchange.h"

#include <list>
#include <mutex>

namespace mangrove
{

class QueryHandler
{
public:
    explicit QueryHandler(Node & node) : node_(node) { }
    void handle(const HttpRequest & request, HttpResponse & response);

private:
    struct HttpSession
    {
        Session session;
        bool busy = false;
        int64_t expires_ms = 0;
    };

    void handleQuery(const HttpRequest & request, HttpResponse & response);
    void authenticate(const HttpRequest & request, Session & session) const;
    /// The named session, created if new, locked for this request; null without session_id.
    std::shared_ptr<HttpSession> acquireSession(const HttpRequest & request);
    void releaseSession(const std::shared_ptr<HttpSession> & session, const HttpRequest & request);
    void applyParameters(const HttpRequest & request, Session & session) const;

    static constexpr size_t sessions_max = 10'000;
    Node & node_;
    SharedRandom exception_tags_{randomSeed()};
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<HttpSession>> sessions_;
};

/// Status for an error code, as ClickHouse chooses it.
int httpStatusOf(ErrorCode code);
/// Code: 60. DB::Exception: …  (UNKNOWN_TABLE) (version …)
std::string formatException(const Exception & exception, const std::string & version);

}
