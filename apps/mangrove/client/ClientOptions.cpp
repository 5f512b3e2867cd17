#include "ClientOptions.h"

#include "base/Exception.h"

#include <charconv>

namespace mangrove
{

std::string argumentName(const std::string & argument)
{
    return argument.substr(0, argument.find('='));
}

std::string argumentValue(const std::vector<std::string> & arguments, size_t & position)
{
    const auto & argument = arguments[position++];
    if (auto equals = argument.find('='); equals != std::string::npos && argument.starts_with("--"))
        return argument.substr(equals + 1);
    if (position == arguments.size())
        throw Exception(ErrorCode::BAD_ARGUMENTS, "{} needs a value", argument);
    return arguments[position++];
}

namespace
{

uint16_t portNumber(const std::string & text)
{
    uint16_t port = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port == 0)
        throw Exception(ErrorCode::BAD_ARGUMENTS, "'{}' is not a port", text);
    return port;
}

bool isSettingName(const std::string & name)
{
    return name.size() > 2 && name.starts_with("--") && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789", 2) == std::string::npos;
}

}

bool readClientOption(const std::vector<std::string> & arguments, size_t & position, ClientOptions & options)
{
    struct Text
    {
        const char * name, * letter;
        std::string ClientOptions::* to;
    };
    static constexpr Text texts[] = {{"--host", "-h", &ClientOptions::host}, {"--user", "-u", &ClientOptions::user},
        {"--password", "", &ClientOptions::password}, {"--database", "-d", &ClientOptions::database},
        {"--format", "-f", &ClientOptions::format}, {"--output-format", "", &ClientOptions::format},
        {"--history_file", "", &ClientOptions::history_file}};
    struct Flag
    {
        const char * name, * letter;
        bool ClientOptions::* to;
    };
    static constexpr Flag flags[] = {{"--time", "-t", &ClientOptions::time}, {"--progress", "", &ClientOptions::progress},
        {"--echo", "", &ClientOptions::echo}, {"--ignore-error", "", &ClientOptions::ignore_error}};

    auto name = argumentName(arguments[position]);
    for (const auto & text : texts)
        if (name == text.name || name == text.letter)
        {
            options.*text.to = argumentValue(arguments, position);
            return true;
        }
    for (const auto & flag : flags)
        if (name == flag.name || name == flag.letter)
        {
            options.*flag.to = true;
            ++position;
            return true;
        }
    if (name == "--port")
        options.port = portNumber(argumentValue(arguments, position));
    else if (name == "--query" || name == "-q")
        options.queries.push_back(argumentValue(arguments, position));
    else if (name == "--queries-file")
        options.query_files.push_back(argumentValue(arguments, position));
    else if (name == "--vertical" || name == "-E")
    {
        options.format = "Vertical";
        ++position;
    }
    else if (name == "--multiline" || name == "-m" || name == "--multiquery" || name == "-n")
        ++position; // always so
    else if (isSettingName(name))
    {
        auto value = argumentValue(arguments, position);
        options.settings.emplace_back(name.substr(2), std::move(value));
    }
    else
        return false;
    return true;
}

}
