#include "functions/strings/Regex.h"

#include "base/Exception.h"

#include <list>
#include <mutex>
#include <unordered_map>

#include <re2/re2.h>

namespace mangrove
{

struct Regex::Compiled
{
    re2::RE2 regex;
    Compiled(std::string_view pattern, const re2::RE2::Options & options)
        : regex(re2::StringPiece(pattern.data(), pattern.size()), options) { }
};

Regex::Regex(std::string_view pattern, unsigned flags)
{
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(!(flags & CaseInsensitive));
    options.set_dot_nl(flags & DotMatchesNewline);
    options.set_never_capture(flags & NoCaptures);
    compiled_ = std::make_unique<Compiled>(pattern, options);
    if (!compiled_->regex.ok())
        throw Exception(ErrorCode::CANNOT_COMPILE_REGEXP,
            "OptimizedRegularExpression: cannot compile re2: {}, error: {}", pattern,
            compiled_->regex.error());
}

Regex::~Regex() = default;

std::shared_ptr<const Regex> Regex::get(std::string_view pattern, unsigned flags)
{
    constexpr size_t entries_max = 256;
    static std::mutex mutex;
    static std::unordered_map<std::string, std::shared_ptr<const Regex>> cache;
    std::string key = static_cast<char>('0' + flags) + std::string(pattern);
    {
        std::lock_guard lock(mutex);
        if (auto it = cache.find(key); it != cache.end())
            return it->second;
    }
    auto regex = std::make_shared<const Regex>(pattern, flags);
    std::lock_guard lock(mutex);
    if (cache.size() >= entries_max)
        cache.clear(); /// patterns that come by the hundred are data, not queries: order does not matter
    cache.emplace(std::move(key), regex);
    return regex;
}

bool Regex::matches(std::string_view text) const
{
    re2::StringPiece piece(text.data(), text.size());
    return compiled_->regex.Match(piece, 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

bool Regex::find(std::string_view text, size_t start, std::vector<std::string_view> & groups) const
{
    constexpr size_t groups_max = 128;
    const size_t wanted = std::min(groupCount() + 1, groups_max);
    re2::StringPiece found[groups_max];
    re2::StringPiece piece(text.data(), text.size());
    if (!compiled_->regex.Match(piece, start, text.size(), re2::RE2::UNANCHORED, found, static_cast<int>(wanted)))
        return false;
    groups.resize(wanted);
    for (size_t i = 0; i < wanted; ++i)
        groups[i] = {found[i].data(), found[i].size()};
    return true;
}

size_t Regex::groupCount() const
{
    return compiled_->regex.NumberOfCapturingGroups();
}

std::string likeToRegex(std::string_view pattern)
{
    std::string regex = "^";
    auto literal = [&](char c)
    {
        if (std::string_view("\\^$.|?*+()[]{}").find(c) != std::string_view::npos)
            regex += '\\';
        regex += c;
    };
    for (size_t i = 0; i < pattern.size(); ++i)
    {
        char c = pattern[i];
        if (c == '%')
            regex += ".*";
        else if (c == '_')
            regex += '.';
        else if (c == '\\')
        {
            if (i + 1 == pattern.size())
                throw Exception(ErrorCode::CANNOT_PARSE_ESCAPE_SEQUENCE,
                    "Invalid escape sequence at the end of LIKE pattern '{}'", pattern);
            char next = pattern[i + 1];
            if (next == '%' || next == '_' || next == '\\')
            {
                literal(next);
                ++i;
            }
            else
                literal('\\');
        }
        else if (c == '\0')
            regex += "\\x00";
        else
            literal(c);
    }
    return regex + "$";
}

}
