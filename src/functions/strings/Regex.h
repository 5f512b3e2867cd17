#pragma once
// A compiled RE2 expression, and the cache of recently used ones: constant patterns are compiled once, not per block.
// Immutable and thread-safe. RE2 runs in linear time, so hostile patterns cost memory at most (limited by RE2).

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mangrove
{

class Regex
{
public:
    enum Flags : unsigned { None = 0, CaseInsensitive = 1, DotMatchesNewline = 2, NoCaptures = 4 };

    /// CANNOT_COMPILE_REGEXP (427)
    static std::shared_ptr<const Regex> get(std::string_view pattern, unsigned flags);
    Regex(std::string_view pattern, unsigned flags);
    ~Regex();

    bool matches(std::string_view text) const;
    /// First match at or after `start`: groups[0] is the whole match, then the capturing groups (as many as fit);
    /// an absent group has a null data().
    bool find(std::string_view text, size_t start, std::vector<std::string_view> & groups) const;
    size_t groupCount() const;

private:
    struct Compiled;
    std::unique_ptr<Compiled> compiled_;
};

/// LIKE pattern → anchored regular expression: % = any bytes, _ = one code point, \ escapes.
std::string likeToRegex(std::string_view pattern);

}
