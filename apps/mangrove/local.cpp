// mangrove local: SQL without a server to set up. A node of its own runs as a child process, over a folder that is
// removed at the end or kept (--path), and is asked over loopback: the same engine, the same answers.

#include "commands.h"

#include "base/Exception.h"
#include "client/ClientSession.h"
#include "client/NodeConnection.h"

#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mangrove
{

namespace
{

struct LocalOptions
{
    ClientOptions client;
    std::string path;                              /// "" = a folder of its own, removed at the end
    std::string structure, input_format = "TabSeparated", file = "-", table = "table";
    std::vector<std::string> server;
};

/// The node in a child process. It dies with its parent, and a Ctrl-C at the terminal is not for it.
class ChildNode
{
public:
    ChildNode(const std::string & data_dir, std::vector<std::string> arguments)
    {
        int channel[2];
        if (pipe2(channel, O_CLOEXEC) != 0)
            throw Exception(ErrorCode::CANNOT_OPEN_FILE, "pipe: {}", std::strerror(errno));
        auto log = data_dir + "/local.log";
        arguments.insert(arguments.end(), {"--set", "data_dir=" + data_dir, "--set", "http_port=0", "--set", "otlp_http_port=0"});
        pid_ = fork();
        if (pid_ < 0)
            throw Exception(ErrorCode::ABORTED, "Cannot start the node, fork: {}", std::strerror(errno));
        if (pid_ == 0)
        {
            prctl(PR_SET_PDEATHSIG, SIGTERM);
            setpgid(0, 0);
            dup2(channel[1], STDOUT_FILENO);
            int nothing = open("/dev/null", O_RDONLY), to_log = open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0644);
            dup2(nothing, STDIN_FILENO);
            dup2(to_log, STDERR_FILENO);
            int code = 1;
            try
            {
                code = runServer(arguments);
            }
            catch (const std::exception & exception)
            {
                std::fprintf(stderr, "%s\n", exception.what());
                std::printf("error=%s\n", exception.what());
                std::fflush(stdout);
            }
            std::_Exit(code);
        }
        close(channel[1]);
        std::FILE * lines = fdopen(channel[0], "r");
        char line[4096];
        std::string error = "see " + log;
        while (port_ == 0 && std::fgets(line, sizeof(line), lines))
        {
            constexpr const char * port = "http_port=", * problem = "error=";
            if (std::strncmp(line, port, std::strlen(port)) == 0)
                port_ = static_cast<uint16_t>(std::atoi(line + std::strlen(port)));
            if (std::strncmp(line, problem, std::strlen(problem)) == 0)
                error = line + std::strlen(problem);
        }
        std::fclose(lines);
        if (port_ == 0)
        {
            stop();
            throw Exception(ErrorCode::NETWORK_ERROR, "The node did not start: {}", error);
        }
    }
    ~ChildNode() { stop(); }
    uint16_t port() const { return port_; }

private:
    void stop()
    {
        if (pid_ <= 0)
            return;
        kill(pid_, SIGTERM);
        while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR)
            ;
        pid_ = -1;
    }

    pid_t pid_ = -1;
    uint16_t port_ = 0;
};

struct Folder
{
    std::string path;
    bool temporary = false;
    explicit Folder(const std::string & kept) : path(kept), temporary(kept.empty())
    {
        if (temporary)
        {
            path = (std::filesystem::temp_directory_path() / "mangrove-local-XXXXXX").string();
            if (!mkdtemp(path.data()))
                throw Exception(ErrorCode::CANNOT_OPEN_FILE, "Cannot make the folder {}: {}", path, std::strerror(errno));
        }
        else
            std::filesystem::create_directories(path);
    }
    ~Folder()
    {
        std::error_code ignored;
        if (temporary)
            std::filesystem::remove_all(path, ignored);
    }
};

/// The rows of --file, or of stdin, as a table.
int fillTable(const LocalOptions & options)
{
    NodeConnection node(options.client);
    auto quoted = "`" + options.table + "`";
    auto created = node.run({.text = "CREATE TABLE " + quoted + " (" + options.structure + ") ENGINE = MergeTree ORDER BY tuple()",
        .format = "TabSeparated", .input = nullptr, .on_output = {}, .on_tick = {}});
    if (created.code)
    {
        std::fprintf(stderr, "%s\n", created.error.c_str());
        return created.code;
    }
    std::FILE * rows = options.file == "-" ? stdin : std::fopen(options.file.c_str(), "rb");
    if (!rows)
        throw Exception(ErrorCode::CANNOT_OPEN_FILE, "Cannot open the file '{}': {}", options.file, std::strerror(errno));
    auto filled = node.run({.text = "INSERT INTO " + quoted + " FORMAT " + options.input_format, .format = "TabSeparated", .input = rows, .on_output = {}, .on_tick = {}});
    if (rows != stdin)
        std::fclose(rows);
    if (filled.code)
        std::fprintf(stderr, "%s\n", filled.error.c_str());
    return filled.code;
}

LocalOptions readOptions(const std::vector<std::string> & arguments)
{
    LocalOptions options;
    for (size_t position = 0; position < arguments.size();)
    {
        auto name = argumentName(arguments[position]);
        if (name == "--path")
            options.path = argumentValue(arguments, position);
        else if (name == "--structure" || name == "-S")
            options.structure = argumentValue(arguments, position);
        else if (name == "--input-format" || name == "--input_format")
            options.input_format = argumentValue(arguments, position);
        else if (name == "--file")
            options.file = argumentValue(arguments, position);
        else if (name == "--table" || name == "-N")
            options.table = argumentValue(arguments, position);
        else if (name == "--set")
            options.server.insert(options.server.end(), {"--set", argumentValue(arguments, position)});
        else if (name == "--host" || name == "--port" || !readClientOption(arguments, position, options.client))
            throw Exception(ErrorCode::BAD_ARGUMENTS, "Unknown argument '{}'. See mangrove local --help", arguments[position]);
    }
    if (options.structure.empty() && (options.file != "-"))
        throw Exception(ErrorCode::BAD_ARGUMENTS, "--file needs --structure \"name Type, …\"");
    if (options.table.find('`') != std::string::npos)
        throw Exception(ErrorCode::BAD_ARGUMENTS, "A table's name may not hold a backtick: {}", options.table);
    return options;
}

}

int runLocal(const std::vector<std::string> & arguments)
{
    for (const auto & argument : arguments)
        if (argument == "--help")
        {
            std::puts("usage: mangrove local [-q SQL] [--path DIR] [--structure \"a Int32, b String\" [--input-format CSV] [--file F]] …\n"
                "  -q, --query SQL      as for mangrove client, with all of its options but --host and --port\n"
                "  --path DIR           keep tables there; without it they go when the command ends\n"
                "  -S, --structure S    read rows from --file (default: stdin) into the table `table` first\n"
                "  --input-format F     their format, TabSeparated by default\n"
                "  -N, --table NAME     another name than `table`\n\n"
                "examples:\n"
                "  mangrove local -q \"SELECT sum(number) FROM numbers(1000000)\"\n"
                "  mangrove local -S \"service String, ms UInt32\" --input-format CSV --file t.csv -q \"SELECT service, max(ms) FROM table GROUP BY service\"");
            return 0;
        }
    auto options = readOptions(arguments);
    Folder folder(options.path);
    ChildNode node(folder.path, options.server);
    options.client.port = node.port();
    if (!options.structure.empty())
        if (int code = fillTable(options))
            return (code & 0xff) ? code & 0xff : 1;
    return runClientSession(options.client);
}

}
