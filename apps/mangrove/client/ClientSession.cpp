#include "ClientSession.h"

#include "LineEditor.h"
#include "NodeConnection.h"
#include "ProgressLine.h"
#include "splitStatements.h"

#include "base/Exception.h"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace mangrove
{

namespace
{

constexpr double progress_after_seconds = 0.3;
constexpr uint64_t script_bytes_max = 1ULL << 30;

int exitCode(int code)
{
    return code == 0 ? 0 : (code & 0xff) ? code & 0xff : 1;
}

std::string readScript(std::FILE * file)
{
    std::string text;
    char buffer[1 << 16];
    while (auto bytes = std::fread(buffer, 1, sizeof(buffer), file))
    {
        text.append(buffer, bytes);
        if (text.size() > script_bytes_max)
            throw Exception(ErrorCode::TOO_LARGE_STRING_SIZE,
                "The script is larger than {} bytes. Send rows as data: mangrove client -q 'INSERT INTO t FORMAT …' < file", script_bytes_max);
    }
    return text;
}

class ClientSession
{
public:
    explicit ClientSession(const ClientOptions & options, bool conversation)
        : options_(options), conversation_(conversation), node_(options), progress_(options.progress || (conversation && isatty(STDERR_FILENO)))
    {
    }

    /// All statements of a script; the first error's exit code.
    int runScript(std::string_view script, std::FILE * rows)
    {
        int code = 0;
        while (true)
        {
            auto statement = nextStatement(script);
            script = statement.rest;
            if (!statement.text.empty())
            {
                int outcome = run(statement, statement.wants_input ? rows : nullptr);
                code = code ? code : outcome;
                if (outcome && !options_.ignore_error)
                    return code;
            }
            if (script.empty())
                return code;
        }
    }

    int converse();

private:
    int run(const ScriptStatement & statement, std::FILE * rows);
    void printEnd(const QueryAnswer & answer) const;

    const ClientOptions & options_;
    bool conversation_;
    NodeConnection node_;
    ProgressLine progress_;
};

int ClientSession::run(const ScriptStatement & statement, std::FILE * rows)
{
    if (options_.echo)
        std::fprintf(stdout, "%.*s\n", static_cast<int>(statement.text.size()), statement.text.data());
    auto format = options_.format.empty() ? (conversation_ ? "PrettyCompact" : "TabSeparated") : options_.format;
    auto started = std::chrono::steady_clock::now();
    takeInterrupt();
    NodeConnection::Statement request;
    request.text = statement.text;
    request.format = statement.vertical ? "Vertical" : format;
    request.input = rows;
    request.on_output = [&](std::string_view bytes)
    {
        progress_.erase();
        std::fwrite(bytes.data(), 1, bytes.size(), stdout);
    };
    request.on_tick = [&]
    {
        if (takeInterrupt())
            return false;
        auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
        if (progress_.enabled() && seconds > progress_after_seconds)
            progress_.draw(node_.progress(), seconds);
        return true;
    };
    auto answer = node_.run(request);
    progress_.erase();
    std::fflush(stdout);
    if (answer.cancelled)
    {
        std::fputs("Query was cancelled.\n", stderr);
        return exitCode(static_cast<int>(ErrorCode::QUERY_WAS_CANCELLED));
    }
    if (answer.code)
        std::fprintf(stderr, "%s%s\n", conversation_ ? "\n" : "", answer.error.c_str());
    else if (conversation_)
        printEnd(answer);
    if (options_.time)
        std::fprintf(stderr, "%.3f\n", answer.seconds);
    return exitCode(answer.code);
}

void ClientSession::printEnd(const QueryAnswer & answer) const
{
    auto of = [&](const char * name) -> double
    {
        auto it = answer.summary.find(name);
        return it == answer.summary.end() ? 0 : static_cast<double>(it->second);
    };
    std::string line;
    if (answer.summary.empty())
        line = "Done.";
    else if (of("result_rows") == 0)
        line = of("written_rows") > 0 ? fmt::format("Ok. {} rows written, views included.", readableNumber(of("written_rows"))) : "Ok. 0 rows in set.";
    else
        line = fmt::format("{:.0f} row{} in set.", of("result_rows"), of("result_rows") == 1 ? "" : "s");
    line += fmt::format(" Elapsed: {:.3f} sec.", answer.seconds);
    if (of("read_rows") > 0)
        line += fmt::format(" Processed {} rows, {} ({} rows/s., {}/s.)", readableNumber(of("read_rows")), readableBytes(of("read_bytes")),
            readableNumber(of("read_rows") / std::max(answer.seconds, 0.001)), readableBytes(of("read_bytes") / std::max(answer.seconds, 0.001)));
    std::printf("\n%s\n\n", line.c_str());
    std::fflush(stdout);
}

std::string historyFile(const ClientOptions & options)
{
    if (!options.history_file.empty())
        return options.history_file;
    const char * home = std::getenv("HOME");
    return std::string(home ? home : ".") + "/.mangrove_history";
}

bool isFarewell(std::string_view line)
{
    return line == "exit" || line == "quit" || line == "exit;" || line == "quit;" || line == "\\q" || line == ":q" || line == "q" || line == "Q";
}

int ClientSession::converse()
{
    auto version = node_.ask("SELECT version()");
    auto name = node_.ask("SELECT hostName()");
    if (name.empty())
        name = options_.host;
    if (version.empty())
        std::fprintf(stderr, "No node answers at %s:%u yet. Start one with: mangrove server\n", options_.host.c_str(), options_.port);
    else
        std::printf("Connected to Mangrove %s at %s:%u. A statement ends with ; (or \\G for one column per line).\n"
            "Ctrl-C cancels it, Ctrl-D ends.\n\n", version.c_str(), options_.host.c_str(), options_.port);
    LineEditor editor(historyFile(options_));
    std::string pending, line;
    while (true)
    {
        auto outcome = editor.read(pending.empty() ? name + " :) " : std::string(name.size(), ' ') + " :-] ", line);
        if (outcome == LineEditor::Outcome::End)
            break;
        if (outcome == LineEditor::Outcome::Interrupted)
        {
            pending.clear();
            continue;
        }
        if (pending.empty() && isFarewell(line))
            break;
        if (pending.empty() && line.find_first_not_of(" \t") == std::string::npos)
            continue;
        pending += (pending.empty() ? "" : "\n") + line;
        while (!pending.empty())
        {
            auto statement = nextStatement(pending);
            if (!statement.complete)
                break;
            auto whole = pending.substr(0, pending.size() - statement.rest.size());
            editor.remember(whole);
            if (!statement.text.empty())
                run(statement, nullptr);
            auto rest = std::string(statement.rest);
            pending = rest.find_first_not_of(" \t\n") == std::string::npos ? "" : rest;
        }
    }
    std::puts("\nBye.");
    return 0;
}

}

int runClientSession(const ClientOptions & options)
{
    std::vector<std::string> scripts = options.queries;
    for (const auto & name : options.query_files)
    {
        std::ifstream file(name, std::ios::binary);
        if (!file)
            throw Exception(ErrorCode::CANNOT_OPEN_FILE, "Cannot open the queries file '{}'", name);
        std::ostringstream text;
        text << file.rdbuf();
        scripts.push_back(text.str());
    }
    bool terminal = isatty(STDIN_FILENO);
    if (scripts.empty() && terminal)
        return ClientSession(options, true).converse();
    ClientSession session(options, false);
    if (scripts.empty())
        return session.runScript(readScript(stdin), nullptr);
    int code = 0;
    for (const auto & script : scripts)
    {
        int outcome = session.runScript(script, terminal ? nullptr : stdin);
        code = code ? code : outcome;
        if (outcome && !options.ignore_error)
            break;
    }
    return code;
}

}
