// How S3ObjectStore deals with a server that fails, lies or loses answers: scripted answers on a loopback socket.
// S3Server.* needs MANGROVE_TEST_S3 (a URL) and MANGROVE_TEST_S3_SERVER, a command that takes "kill-gateway" and
// "start-gateway".

#include "object_store/S3ObjectStore.h"

#include "base/Uuid.h"

#include <cstdlib>
#include <deque>
#include <functional>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace mangrove
{

namespace
{

struct SeenRequest
{
    std::string head; /// request line and headers
    std::string body;

    std::string header(const std::string & name) const
    {
        const size_t begin = head.find("\r\n" + name + ": ");
        if (begin == std::string::npos)
            return {};
        const size_t value = begin + name.size() + 4;
        return head.substr(value, head.find("\r\n", value) - value);
    }
};

/// Answers each connection's one request with the next step of a script. An empty answer closes the connection.
class ScriptedServer
{
public:
    using Step = std::function<std::string(const SeenRequest &)>;

    explicit ScriptedServer(std::vector<Step> steps) : steps_(std::move(steps))
    {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof(address);
        CHECK(::bind(listener_, reinterpret_cast<sockaddr *>(&address), length) == 0 && ::listen(listener_, 16) == 0);
        ::getsockname(listener_, reinterpret_cast<sockaddr *>(&address), &length);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }

    ~ScriptedServer()
    {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }

    S3Config config(const std::string & extra = "") const
    {
        return parseS3Url(
            "s3://bucket/base?access_key=A&secret_key=S&endpoint=http://127.0.0.1:" + std::to_string(port_) + extra);
    }

    /// Call it after the requests are done.
    const std::vector<SeenRequest> & seen() const { return seen_; }

private:
    void serve()
    {
        for (const Step & step : steps_)
        {
            const int connection = ::accept(listener_, nullptr, nullptr);
            if (connection < 0)
                return;
            SeenRequest request = readRequest(connection);
            const std::string answer = step(request);
            seen_.push_back(std::move(request));
            for (size_t sent = 0; sent < answer.size();)
            {
                const ssize_t n = ::send(connection, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
                if (n <= 0)
                    break;
                sent += static_cast<size_t>(n);
            }
            ::close(connection);
        }
    }

    static SeenRequest readRequest(int connection)
    {
        std::string data;
        char buffer[4096];
        const auto receive = [&]
        {
            const ssize_t n = ::recv(connection, buffer, sizeof(buffer), 0);
            if (n > 0)
                data.append(buffer, static_cast<size_t>(n));
            return n > 0;
        };
        size_t end = 0;
        while ((end = data.find("\r\n\r\n")) == std::string::npos && receive())
            continue;
        SeenRequest request;
        request.head = data.substr(0, end + 2);
        const size_t length = std::strtoull(request.header("Content-Length").c_str(), nullptr, 10);
        while (data.size() < end + 4 + length && receive())
            continue;
        request.body = data.substr(std::min(data.size(), end + 4));
        return request;
    }

    std::vector<Step> steps_;
    std::vector<SeenRequest> seen_;
    int listener_ = -1;
    int port_ = 0;
    std::thread thread_;
};

std::string answer(int status, const std::string & body = "", const std::string & headers = "")
{
    return "HTTP/1.1 " + std::to_string(status) + " x\r\nConnection: close\r\nContent-Length: "
        + std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body;
}

ScriptedServer::Step always(std::string text)
{
    return [text = std::move(text)](const SeenRequest &) { return text; };
}

std::string errorBody(const std::string & code)
{
    return "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>because</Message></Error>";
}

std::string messageOf(const std::function<void()> & action)
{
    try
    {
        action();
    }
    catch (const Exception & error)
    {
        EXPECT_EQ(error.code(), ErrorCode::S3_ERROR);
        return error.message();
    }
    return "no exception";
}

constexpr const char * put_id = "x-amz-meta-mangrove-put-id";

}

TEST(S3ObjectStore, RetriesWhatIsTransient)
{
    ManualClock clock;
    ScriptedServer server(
        {always(answer(503, errorBody("SlowDown"))), always(""), always(answer(429)),
         always(answer(400, errorBody("RequestTimeout"))), always(answer(500)),
         always(answer(200, "hello"))});
    S3ObjectStore store(server.config(), clock);
    EXPECT_EQ(store.get("k")->bytes, "hello");
    EXPECT_EQ(store.counters().retries, 5u);
    EXPECT_EQ(store.counters().gets, 6u);
    EXPECT_GT(clock.monotonicMs(), 0) << "it backs off";
}

TEST(S3ObjectStore, DoesNotRetryWhatIsRefused)
{
    ManualClock clock;
    ScriptedServer server({always(answer(403, errorBody("AccessDenied"))), always(answer(200, "never"))});
    S3ObjectStore store(server.config(), clock);
    const std::string message = messageOf([&] { (void)store.get("some/key"); });
    for (const char * part : {"403", "AccessDenied", "because", "some/key", "GET"})
        EXPECT_NE(message.find(part), std::string::npos) << message;
    EXPECT_EQ(store.counters().retries, 0u);
}

TEST(S3ObjectStore, MissingBucketIsNotAMissingKey)
{
    ManualClock clock;
    ScriptedServer server(
        {always(answer(404, errorBody("NoSuchKey"))), always(answer(404, errorBody("NoSuchBucket")))});
    S3ObjectStore store(server.config(), clock);
    EXPECT_FALSE(store.get("k"));
    EXPECT_NE(messageOf([&] { (void)store.get("k"); }).find("NoSuchBucket"), std::string::npos);
}

TEST(S3ObjectStore, AttemptsAreBounded)
{
    ManualClock clock;
    ScriptedServer server({always(answer(500)), always(answer(500)), always(answer(500)), always(answer(200, "x"))});
    S3ObjectStore store(server.config("&attempts_max=3"), clock);
    EXPECT_NE(messageOf([&] { (void)store.get("k"); }).find("500"), std::string::npos);
    EXPECT_EQ(store.counters().gets, 3u);
}

TEST(S3ObjectStore, DeadlineIsKept)
{
    ManualClock clock;
    const auto slow = [&](const SeenRequest &)
    {
        clock.advance(700);
        return answer(500);
    };
    ScriptedServer server({slow, slow, slow, slow});
    S3ObjectStore store(server.config("&deadline_ms=1000"), clock);
    /// Above the deadline come the bytes that get() may bring; head() brings none.
    EXPECT_NE(messageOf([&] { (void)store.head("k"); }).find("500"), std::string::npos);
    EXPECT_LE(store.counters().gets, 2u);
}

TEST(S3ObjectStore, RetryBudgetEndsRetries)
{
    RetryBudget budget;
    size_t taken = 0;
    while (taken < 1000 && budget.take())
        ++taken;
    EXPECT_EQ(taken, 100u);
    for (int i = 0; i < 10; ++i)
        EXPECT_FALSE(budget.take());
    for (int i = 0; i < 10; ++i)
        budget.refund();
    EXPECT_TRUE(budget.take());
    EXPECT_FALSE(budget.take());
}

TEST(S3ObjectStore, LostAnswerToOurOwnPutIsCreated)
{
    ManualClock clock;
    std::string id;
    ScriptedServer server(
        {[&](const SeenRequest & request)
         {
             EXPECT_EQ(request.header("if-none-match"), "*");
             EXPECT_EQ(request.body, "bytes");
             id = request.header(put_id);
             return std::string(); /// stored, and the connection breaks
         },
         [&](const SeenRequest & request)
         {
             EXPECT_EQ(request.header(put_id), id) << "a retry is the same put";
             return answer(412, errorBody("PreconditionFailed"));
         },
         [&](const SeenRequest &) { return answer(200, "", std::string(put_id) + ": " + id + "\r\n"); }});
    S3ObjectStore store(server.config(), clock);
    EXPECT_EQ(store.put("k", "bytes", PutMode::IfAbsent), PutResult::Created);
    EXPECT_FALSE(id.empty());
}

TEST(S3ObjectStore, AnotherWritersObjectIsNotOursEvenAfterARetry)
{
    for (const std::string & headers : {std::string(put_id) + ": other\r\n", std::string()})
    {
        ManualClock clock;
        ScriptedServer server(
            {always(answer(500)), always(answer(412)), always(answer(200, "", headers))});
        S3ObjectStore store(server.config(), clock);
        EXPECT_EQ(store.put("k", "bytes", PutMode::IfAbsent), PutResult::AlreadyExists);
    }
}

TEST(S3ObjectStore, ConditionalConflictIsRetried)
{
    ManualClock clock;
    ScriptedServer server({always(answer(409, errorBody("ConditionalRequestConflict"))), always(answer(200))});
    S3ObjectStore store(server.config(), clock);
    EXPECT_EQ(store.put("k", "bytes", PutMode::IfAbsent), PutResult::Created);
}

TEST(S3ObjectStore, WrongRangesAreErrorsNotData)
{
    ManualClock clock;
    ScriptedServer server(
        {always(answer(206, "abc", "Content-Range: bytes 5-7/100\r\n")),
         always(answer(206, "abc", "Content-Range: bytes 0-2/100\r\n")),
         always(answer(206, "0123456789", "Content-Range: nonsense\r\n")),
         always(answer(206, "0123456789", "Content-Range: bytes 90-99/100\r\n"))});
    S3ObjectStore store(server.config("&attempts_max=1"), clock);
    EXPECT_NE(messageOf([&] { (void)store.getRange("k", {0, 10}); }), "no exception") << "another offset";
    EXPECT_NE(messageOf([&] { (void)store.getRange("k", {0, 10}); }), "no exception") << "too few bytes";
    EXPECT_NE(messageOf([&] { (void)store.getRange("k", {0, 10}); }), "no exception") << "no range";
    EXPECT_EQ(store.getRange("k", {90, 20})->bytes, "0123456789");
}

TEST(S3ObjectStore, ServerThatIgnoresRangesStillReadsRight)
{
    ManualClock clock;
    ScriptedServer server({always(answer(200, "0123456789")), always(answer(200, "0123456789"))});
    S3ObjectStore store(server.config("&attempts_max=1"), clock);
    EXPECT_EQ(store.getRange("k", {2, 3})->bytes, "234");
    EXPECT_EQ(store.getSuffix("k", 4)->bytes, "6789");
}

TEST(S3ObjectStore, CutAndOversizedAnswersAreErrors)
{
    ManualClock clock;
    std::string cut = answer(200, "0123456789");
    cut.resize(cut.size() - 3);
    ScriptedServer server(
        {always(cut), always(answer(206, std::string(3 << 20, 'x'), "Content-Range: bytes 0-9/10\r\n"))});
    S3ObjectStore store(server.config("&attempts_max=1"), clock);
    EXPECT_NE(messageOf([&] { (void)store.get("k"); }), "no exception");
    EXPECT_NE(messageOf([&] { (void)store.getRange("k", {0, 10}); }).find("larger"), std::string::npos);
}

TEST(S3ObjectStore, ListAnswersAreChecked)
{
    const auto contents = [](const std::string & key)
    {
        return "<Contents><Key>" + key + "</Key><Size>3</Size><LastModified>2026-11-22T10:20:30.250Z</LastModified>"
            "</Contents>";
    };
    const auto listing = [](const std::string & inner)
    { return answer(200, "<ListBucketResult><IsTruncated>false</IsTruncated>" + inner + "</ListBucketResult>"); };
    ManualClock clock;
    ScriptedServer server(
        {always(listing(contents("base/a&amp;b") + contents("base/c"))),
         always(listing(contents("base/b") + contents("base/a"))), always(listing(contents("elsewhere/a"))),
         always(answer(200, "<html>hello</html>")), always(answer(200, "not xml"))});
    S3ObjectStore store(server.config("&attempts_max=1"), clock);
    const ListPage page = store.list("", "", 10);
    ASSERT_EQ(page.objects.size(), 2u);
    EXPECT_EQ(page.objects[0].key, "a&b");
    EXPECT_EQ(page.objects[0].size, 3u);
    EXPECT_EQ(page.objects[0].mtime_ms, 1795342830250);
    for (int i = 0; i < 4; ++i)
        EXPECT_NE(messageOf([&] { (void)store.list("", "", 10); }), "no exception") << i;
}

TEST(S3ObjectStore, BatchDeleteFallsBackToSingleDeletes)
{
    ManualClock clock;
    ScriptedServer server({always(answer(501)), always(answer(204)), always(answer(404)), always(answer(204))});
    S3ObjectStore store(server.config("&attempts_max=1"), clock);
    store.removeMany({"a", "b"});
    store.removeMany({"c"});
    EXPECT_EQ(store.counters().deletes, 4u);
}

TEST(S3ObjectStore, BatchDeleteReportsWhatItCouldNotDelete)
{
    ManualClock clock;
    ScriptedServer server({always(answer(
        200, "<DeleteResult><Error><Key>base/a</Key><Code>AccessDenied</Code><Message>m</Message></Error>"
             "</DeleteResult>"))});
    S3ObjectStore store(server.config("&attempts_max=1"), clock);
    EXPECT_NE(messageOf([&] { store.removeMany({"a"}); }).find("AccessDenied"), std::string::npos);
}

TEST(S3ObjectStore, AddressingStyles)
{
    const std::string keys = "?access_key=A&secret_key=S";
    EXPECT_EQ(parseS3Url("s3://bkt/p" + keys).host, "bkt.s3.us-east-1.amazonaws.com");
    EXPECT_EQ(parseS3Url("s3://bkt/p" + keys + "&region=eu-west-1&addressing=path").host, "s3.eu-west-1.amazonaws.com");
    EXPECT_EQ(parseS3Url("s3://bkt" + keys + "&endpoint=https://minio:443").host, "minio");
    EXPECT_EQ(parseS3Url("s3://bkt" + keys + "&endpoint=http://h:9000&addressing=virtual").host, "bkt.h:9000");
    EXPECT_EQ(parseS3Url("s3://bkt/a/b/" + keys).prefix, "a/b/");
    EXPECT_EQ(parseS3Url("s3://bkt" + keys).prefix, "");
    EXPECT_EQ(parseS3Url("s3://bkt?access_key=A&secret_key=a%2Bb%2F").secret_key, "a+b/");
}

TEST(S3ObjectStore, BadUrlsAreRefusedWithoutQuotingSecrets)
{
    const std::string keys = "access_key=AKID&secret_key=SECRET";
    for (const std::string & url : std::vector<std::string>
         {"s3://b?" + keys, "s3://bucket/../x?" + keys, "s3://bucket?" + keys + "&endpoint=ftp://h",
          "s3://bucket?" + keys + "&endpoint=http://h/path", "s3://bucket?" + keys + "&endpoint=http://u:p@h",
          "s3://bucket?" + keys + "&surprise=1", "s3://bucket?" + keys + "&secret_key=SECRET",
          "s3://bucket?" + keys + "&attempts_max=0", "s3://bucket?" + keys + "&addressing=SECRET",
          "s3:/bucket?" + keys, "http://bucket?" + keys})
        try
        {
            (void)makeObjectStore(url);
            ADD_FAILURE() << url;
        }
        catch (const Exception & error)
        {
            EXPECT_EQ(error.code(), ErrorCode::BAD_ARGUMENTS);
            EXPECT_EQ(error.message().find("SECRET"), std::string::npos) << error.message();
        }
}

TEST(S3Server, KilledGatewayIsBridgedByRetries)
{
    if (!std::getenv("MANGROVE_TEST_S3") || !std::getenv("MANGROVE_TEST_S3_SERVER"))
        GTEST_SKIP() << "MANGROVE_TEST_S3 and MANGROVE_TEST_S3_SERVER are not set";
    const std::string server = std::getenv("MANGROVE_TEST_S3_SERVER");
    std::string url = std::getenv("MANGROVE_TEST_S3");
    url.insert(
        std::min(url.find('?'), url.size()), "/killed-" + Uuid::fromRandom(randomSeed(), randomSeed()).toString());
    const auto store = makeObjectStore(url + "&attempts_max=100");
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    std::vector<size_t> written(4);
    const auto contentOf = [](const std::string & key) { return key + std::string(50'000, 'x'); };
    for (size_t t = 0; t < written.size(); ++t)
        threads.emplace_back(
            [&, t]
            {
                /// No key is used twice, so "exists already" would be somebody taking our own attempt for another's.
                for (size_t i = 0; !stop; ++i)
                {
                    const std::string key = std::to_string(t) + "/" + std::to_string(i);
                    EXPECT_EQ(store->put(key, contentOf(key), PutMode::IfAbsent), PutResult::Created) << key;
                    ++written[t];
                }
            });
    for (int kill = 0; kill < 2; ++kill)
    {
        EXPECT_EQ(std::system((server + " kill-gateway").c_str()), 0);
        EXPECT_EQ(std::system((server + " start-gateway").c_str()), 0);
    }
    stop = true;
    for (auto & thread : threads)
        thread.join();
    EXPECT_GT(store->counters().retries, 0u) << "the kill was not felt";
    for (size_t t = 0; t < written.size(); ++t)
        for (size_t i = 0; i < written[t]; ++i)
        {
            const std::string key = std::to_string(t) + "/" + std::to_string(i);
            const auto there = store->get(key);
            EXPECT_TRUE(there && there->bytes == contentOf(key)) << key;
        }
}

}
