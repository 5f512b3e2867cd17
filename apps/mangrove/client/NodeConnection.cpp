#include "NodeConnection.h"

#include "AnswerBody.h"

#include "base/Exception.h"

#include <curl/curl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <random>

namespace mangrove
{

namespace
{

constexpr long ask_timeout_ms = 2'000;
constexpr int tick_ms = 100;

uint64_t numberAt(std::string_view text)
{
    uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// {"read_rows":"1","read_bytes":"2",…}: flat, strings of digits only.
std::map<std::string, uint64_t> parseSummary(std::string_view json)
{
    std::map<std::string, uint64_t> summary;
    size_t at = 0;
    auto quoted = [&]() -> std::string_view
    {
        auto begin = json.find('"', at);
        auto end = begin == std::string_view::npos ? begin : json.find('"', begin + 1);
        if (end == std::string_view::npos)
            return {};
        at = end + 1;
        return json.substr(begin + 1, end - begin - 1);
    };
    for (auto name = quoted(); !name.empty(); name = quoted())
        summary[std::string(name)] = numberAt(quoted());
    return summary;
}

}

struct NodeConnection::State
{
    const ClientOptions & options;
    CURLM * multi = curl_multi_init();
    CURL * easy = curl_easy_init();
    CURL * aside = curl_easy_init(); /// questions while `easy` is busy
    std::string session, query_id;
    uint64_t statements = 0;

    // Of the statement in flight:
    const Statement * statement = nullptr;
    std::optional<AnswerBody> body;
    QueryAnswer answer;

    explicit State(const ClientOptions & options_) : options(options_)
    {
        std::random_device random;
        session = fmt::format("client-{}-{:08x}{:08x}", getpid(), random(), random());
    }
    ~State()
    {
        curl_easy_cleanup(easy);
        curl_easy_cleanup(aside);
        curl_multi_cleanup(multi);
    }

    std::string escaped(std::string_view text) const
    {
        char * raw = curl_easy_escape(easy, text.data(), static_cast<int>(text.size()));
        std::string result(raw);
        curl_free(raw);
        return result;
    }

    std::string address() const { return fmt::format("http://{}:{}/?database={}", options.host, options.port, escaped(options.database)); }

    static size_t onHeader(char * data, size_t size, size_t count, State * state)
    {
        std::string_view line(data, size * count);
        constexpr std::string_view code = "X-ClickHouse-Exception-Code:", summary = "X-ClickHouse-Summary:", tag = "X-ClickHouse-Exception-Tag: ";
        if (line.starts_with(code))
        {
            auto digits = line.find_first_of("0123456789");
            state->answer.code = digits == std::string_view::npos ? 1 : static_cast<int>(numberAt(line.substr(digits)));
        }
        else if (line.starts_with(summary))
            state->answer.summary = parseSummary(line.substr(summary.size()));
        else if (line.starts_with(tag))
            state->body->setTag(line.substr(tag.size(), line.find_last_not_of("\r\n") + 1 - tag.size()));
        return line.size();
    }

    static size_t onBody(char * data, size_t size, size_t count, State * state)
    {
        long status = 0;
        curl_easy_getinfo(state->easy, CURLINFO_RESPONSE_CODE, &status);
        if (status != 200)
            state->answer.error.append(data, size * count);
        else
            state->body->add({data, size * count});
        return size * count;
    }

    static size_t onRead(char * to, size_t size, size_t count, State * state)
    {
        return std::fread(to, 1, size * count, state->statement->input);
    }

    static size_t collect(char * data, size_t size, size_t count, std::string * to)
    {
        to->append(data, size * count);
        return size * count;
    }

    void common(CURL * handle, const std::string & url) const
    {
        curl_easy_reset(handle);
        curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
        curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, 10'000L);
        curl_easy_setopt(handle, CURLOPT_USERNAME, options.user.c_str());
        curl_easy_setopt(handle, CURLOPT_PASSWORD, options.password.c_str());
    }
};

NodeConnection::NodeConnection(const ClientOptions & options)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    state_ = std::make_unique<State>(options);
}

NodeConnection::~NodeConnection() = default;

QueryAnswer NodeConnection::run(const Statement & statement)
{
    auto & state = *state_;
    auto started = std::chrono::steady_clock::now();
    state.statement = &statement;
    state.answer = {};
    state.body.emplace(statement.on_output);
    state.query_id = fmt::format("{}-{}", state.session, ++state.statements);
    auto url = state.address()
        + fmt::format("&session_id={}&session_timeout=3600&query_id={}&default_format={}", state.session, state.query_id, state.escaped(statement.format));
    for (const auto & [name, value] : state.options.settings)
        url += "&" + name + "=" + state.escaped(value);
    if (statement.input)
        url += "&query=" + state.escaped(statement.text);
    state.common(state.easy, url);
    curl_slist * headers = curl_slist_append(nullptr, "Expect:");
    curl_easy_setopt(state.easy, CURLOPT_POST, 1L);
    if (statement.input)
    {
        headers = curl_slist_append(headers, "Transfer-Encoding: chunked");
        curl_easy_setopt(state.easy, CURLOPT_READFUNCTION, &State::onRead);
        curl_easy_setopt(state.easy, CURLOPT_READDATA, &state);
    }
    else
    {
        curl_easy_setopt(state.easy, CURLOPT_POSTFIELDS, statement.text.data());
        curl_easy_setopt(state.easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(statement.text.size()));
    }
    curl_easy_setopt(state.easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(state.easy, CURLOPT_HEADERFUNCTION, &State::onHeader);
    curl_easy_setopt(state.easy, CURLOPT_HEADERDATA, &state);
    curl_easy_setopt(state.easy, CURLOPT_WRITEFUNCTION, &State::onBody);
    curl_easy_setopt(state.easy, CURLOPT_WRITEDATA, &state);

    curl_multi_add_handle(state.multi, state.easy);
    int running = 1;
    CURLcode result = CURLE_OK;
    auto next_tick = started + std::chrono::milliseconds(tick_ms);
    while (running)
    {
        curl_multi_perform(state.multi, &running);
        int left = 0;
        while (auto * message = curl_multi_info_read(state.multi, &left))
            if (message->msg == CURLMSG_DONE)
                result = message->data.result;
        if (!running)
            break;
        curl_multi_poll(state.multi, nullptr, 0, tick_ms, nullptr);
        if (std::chrono::steady_clock::now() < next_tick)
            continue;
        next_tick = std::chrono::steady_clock::now() + std::chrono::milliseconds(tick_ms);
        if (statement.on_tick && !statement.on_tick())
        {
            state.answer.cancelled = true;
            break;
        }
    }
    curl_multi_remove_handle(state.multi, state.easy);
    curl_slist_free_all(headers);
    const std::string exception = state.body->finish();
    if (state.answer.cancelled)
        ask(fmt::format("KILL QUERY WHERE query_id = '{}' ASYNC", state.query_id));
    else if (!exception.empty())
    {
        state.answer.code = std::max(1, static_cast<int>(numberAt(std::string_view(exception).substr(std::min(exception.size(), sizeof("Code:"))))));
        state.answer.error = exception;
    }
    else if (result != CURLE_OK)
    {
        state.answer.code = static_cast<int>(ErrorCode::NETWORK_ERROR);
        state.answer.error = fmt::format("Code: 210. DB::NetException: {} ({}:{}). {} (NETWORK_ERROR)", curl_easy_strerror(result), state.options.host,
            state.options.port, result == CURLE_COULDNT_CONNECT ? "Does a node run there? Start one with: mangrove server" : "The answer is not complete");
    }
    else
    {
        long status = 0;
        curl_easy_getinfo(state.easy, CURLINFO_RESPONSE_CODE, &status);
        if (status != 200 && state.answer.code == 0)
            state.answer.code = static_cast<int>(ErrorCode::NETWORK_ERROR);
    }
    while (state.answer.error.ends_with('\n'))
        state.answer.error.pop_back();
    state.answer.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    return std::move(state.answer);
}

std::string NodeConnection::ask(std::string_view query)
{
    auto & state = *state_;
    std::string body;
    auto url = state.address() + "&log_queries=0";
    state.common(state.aside, url);
    curl_easy_setopt(state.aside, CURLOPT_POSTFIELDS, query.data());
    curl_easy_setopt(state.aside, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(query.size()));
    curl_easy_setopt(state.aside, CURLOPT_TIMEOUT_MS, ask_timeout_ms);
    curl_easy_setopt(state.aside, CURLOPT_WRITEFUNCTION, &State::collect);
    curl_easy_setopt(state.aside, CURLOPT_WRITEDATA, &body);
    long status = 0;
    if (curl_easy_perform(state.aside) == CURLE_OK)
        curl_easy_getinfo(state.aside, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200)
        return "";
    while (!body.empty() && body.back() == '\n')
        body.pop_back();
    return body;
}

QueryProgress NodeConnection::progress()
{
    auto line = ask(fmt::format("SELECT read_rows, read_bytes, total_rows_approx FROM system.processes WHERE query_id = '{}'", state_->query_id));
    QueryProgress progress;
    auto first = line.find('\t'), second = first == std::string::npos ? first : line.find('\t', first + 1);
    if (second == std::string::npos)
        return progress;
    std::string_view text(line);
    progress.read_rows = numberAt(text);
    progress.read_bytes = numberAt(text.substr(first + 1));
    progress.total_rows = numberAt(text.substr(second + 1));
    return progress;
}

}
