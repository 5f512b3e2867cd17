#include "query/QueryRecord.h"

#include <chrono>

namespace mangrove
{

namespace
{

template <typename AnyClock>
int64_t nowUs()
{
    return std::chrono::duration_cast<std::chrono::microseconds>(AnyClock::now().time_since_epoch()).count();
}

std::shared_ptr<RunningQuery> makeQuery(Node & node, const Session & session, const std::string & query_id)
{
    auto query = std::make_shared<RunningQuery>();
    query->query_id = query_id.empty() ? node.newQueryId() : query_id;
    query->user = session.user;
    query->database = session.database;
    query->interface = session.interface;
    query->started_us = nowUs<std::chrono::system_clock>();
    query->settings = session.settings.changed();
    query->context = std::make_shared<QueryContext>(node.clock());
    return query;
}

constexpr size_t text_bytes_max = 100'000; /// of the log: log_queries_cut_to_length

}

QueryRecord::QueryRecord(Node & node, const Session & session, const std::string & query_id)
    : node_(node), query_(makeQuery(node, session, query_id)), scope_(*query_->context),
      started_steady_us_(nowUs<std::chrono::steady_clock>()), logged_(session.settings.getBool("log_queries"))
{
}

QueryRecord::~QueryRecord()
{
    leave();
}

void QueryRecord::leave()
{
    if (std::exchange(listed_, false))
        node_.processes().remove(query_->query_id);
}

int64_t QueryRecord::elapsedUs() const
{
    return nowUs<std::chrono::steady_clock>() - started_steady_us_;
}

QueryLogEntry QueryRecord::logEntry(int type) const
{
    QueryLogEntry entry;
    entry.type = type;
    entry.started_us = query_->started_us;
    entry.time_us = type == 1 ? query_->started_us : nowUs<std::chrono::system_clock>();
    entry.query_id = query_->query_id;
    entry.query = query_->text.substr(0, text_bytes_max);
    entry.query_kind = query_->kind;
    entry.user = query_->user;
    entry.database = query_->database;
    entry.interface = query_->interface;
    entry.settings = query_->settings;
    return entry;
}

void QueryRecord::start(std::string text, std::string_view kind, uint64_t queries_max)
{
    query_->text = std::move(text);
    query_->kind = kind;
    node_.processes().add(query_, queries_max);
    listed_ = true;
    auto & counters = node_.counters();
    ++counters.queries;
    counters.selects += kind == "Select";
    counters.inserts += kind == "Insert";
    if (logged_)
        node_.queryLog().add(logEntry(1));
}

void QueryRecord::count(uint64_t microseconds, bool failed)
{
    auto & counters = node_.counters();
    bool select = query_->kind == "Select", insert = query_->kind == "Insert";
    counters.query_us += microseconds;
    counters.select_us += select ? microseconds : 0;
    counters.insert_us += insert ? microseconds : 0;
    counters.failed_queries += failed;
    counters.failed_selects += failed && select;
    counters.failed_inserts += failed && insert;
    if (select)
    {
        counters.selected_rows += query_->context->rows_read;
        counters.selected_bytes += query_->context->bytes_read;
    }
}

void QueryRecord::finish(QuerySummary & summary)
{
    leave();
    auto elapsed_us = elapsedUs();
    summary.elapsed_ns = elapsed_us * 1000;
    count(static_cast<uint64_t>(elapsed_us), false);
    node_.counters().inserted_rows += summary.written_rows;
    node_.counters().inserted_bytes += summary.written_bytes;
    if (!logged_)
        return;
    auto entry = logEntry(2);
    entry.requests = query_->context->requests().snapshot();
    entry.duration_ms = static_cast<uint64_t>(elapsed_us / 1000);
    entry.read_rows = summary.read_rows;
    entry.read_bytes = summary.read_bytes;
    entry.written_rows = summary.written_rows;
    entry.written_bytes = summary.written_bytes;
    entry.result_rows = summary.result_rows;
    entry.result_bytes = summary.result_bytes;
    entry.memory_usage = query_->context->memory().peakBytes();
    node_.queryLog().add(std::move(entry));
}

void QueryRecord::fail(std::string_view text)
{
    bool started = listed_;
    leave();
    if (query_->text.empty())
        query_->text = std::string(text.substr(0, text_bytes_max));
    auto entry = logEntry(started ? 4 : 3);
    entry.requests = query_->context->requests().snapshot();
    try
    {
        throw;
    }
    catch (const Exception & exception)
    {
        entry.exception_code = static_cast<int>(exception.code());
        entry.exception = exception.message();
    }
    catch (const std::exception & exception)
    {
        entry.exception_code = static_cast<int>(ErrorCode::UNKNOWN_EXCEPTION);
        entry.exception = exception.what();
    }
    auto elapsed_us = elapsedUs();
    count(static_cast<uint64_t>(elapsed_us), true);
    node_.lastErrors().set(entry.exception_code, {entry.time_us / 1'000'000, entry.exception, entry.query_id});
    entry.duration_ms = static_cast<uint64_t>(elapsed_us / 1000);
    entry.read_rows = query_->context->rows_read;
    entry.read_bytes = query_->context->bytes_read;
    entry.memory_usage = query_->context->memory().peakBytes();
    if (logged_)
        node_.queryLog().add(std::move(entry));
}

}
