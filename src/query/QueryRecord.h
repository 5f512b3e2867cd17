#pragma once
// One query as operators see it: in system.processes while it runs, in system.query_log, events and errors after. Made
// by whatever runs a query, on its thread, which works on the query's memory as long as the record lives.

#include "query/Node.h"
#include "query/Session.h"
#include "query/executeQuery.h"

namespace mangrove
{

class QueryRecord
{
public:
    /// `query_id`: "" = a new one.
    QueryRecord(Node & node, const Session & session, const std::string & query_id);
    ~QueryRecord();

    const std::shared_ptr<RunningQuery> & query() const { return query_; }
    /// Lists it; its text and kind are known by now. QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING (216),
    /// TOO_MANY_SIMULTANEOUS_QUERIES (202).
    void start(std::string text, std::string_view kind, uint64_t queries_max);
    /// Completes the summary's time.
    void finish(QuerySummary & summary);
    /// Within a catch block. `text` is logged if start() was not reached.
    void fail(std::string_view text);

private:
    QueryLogEntry logEntry(int type) const;
    void leave();
    void count(uint64_t microseconds, bool failed);
    int64_t elapsedUs() const;

    Node & node_;
    std::shared_ptr<RunningQuery> query_;
    WorkScope scope_;
    int64_t started_steady_us_;
    bool listed_ = false, logged_;
};

}
