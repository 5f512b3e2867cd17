#include "io/Codecs.h"
#include "io/NumberCodecs.h"
#include "io/ReadBuffer.h"
#include "io/WriteBuffer.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

namespace mangrove
{

namespace
{

constexpr int zstd_level_max = 22;
constexpr size_t steps_max = 8;

/// The next token: a word, a number or one of "(),".
std::string_view nextToken(std::string_view & text)
{
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    size_t length = 0;
    while (length < text.size() && (std::isalnum(static_cast<unsigned char>(text[length])) || text[length] == '_'))
        ++length;
    if (length == 0 && !text.empty())
        length = 1;
    std::string_view token = text.substr(0, length);
    text.remove_prefix(length);
    return token;
}

bool equalsIgnoringCase(std::string_view a, std::string_view b)
{
    return a.size() == b.size()
        && std::equal(a.begin(), a.end(), b.begin(),
            [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

CodecKind kindOf(std::string_view name)
{
    constexpr std::pair<std::string_view, CodecKind> names[] = {
        {"NONE", CodecKind::None}, {"LZ4", CodecKind::Lz4}, {"LZ4HC", CodecKind::Lz4}, {"ZSTD", CodecKind::Zstd},
        {"Delta", CodecKind::Delta}, {"DoubleDelta", CodecKind::DoubleDelta}, {"T64", CodecKind::T64}};
    for (const auto & [known, kind] : names)
        if (equalsIgnoringCase(name, known))
            return kind;
    throw Exception(ErrorCode::UNKNOWN_CODEC,
        "Unknown codec '{}': NONE, LZ4, LZ4HC, ZSTD, Delta, DoubleDelta and T64 are supported", name);
}

CodecStep makeStep(std::string_view name, std::optional<int> parameter, size_t value_bytes)
{
    CodecStep step{kindOf(name), 0};
    auto require = [&](bool ok, std::string_view what)
    {
        if (!ok)
            throw Exception(ErrorCode::ILLEGAL_CODEC_PARAMETER, "Codec {}: {}", name, what);
    };
    switch (step.kind)
    {
        case CodecKind::None:
            require(!parameter, "takes no parameter");
            break;
        case CodecKind::Lz4:
            break;
        case CodecKind::Zstd:
            step.parameter = parameter.value_or(1);
            require(step.parameter >= 1 && step.parameter <= zstd_level_max, "the level must be from 1 to 22");
            break;
        case CodecKind::Delta:
        case CodecKind::DoubleDelta:
        case CodecKind::T64:
        {
            if (value_bytes == 0)
                throw Exception(ErrorCode::BAD_ARGUMENTS,
                    "Codec {} needs values of a fixed width: numbers, dates, enums", name);
            bool own_width = parameter && step.kind != CodecKind::T64;
            step.parameter = own_width ? *parameter : static_cast<int>(value_bytes);
            require(step.parameter == 1 || step.parameter == 2 || step.parameter == 4 || step.parameter == 8,
                "values must be 1, 2, 4 or 8 bytes wide");
            break;
        }
    }
    return step;
}

}

CodecChain CodecChain::parse(std::string_view text, size_t value_bytes)
{
    std::vector<CodecStep> steps;
    std::string_view rest = text;
    auto malformed = [&] { return Exception(ErrorCode::UNKNOWN_CODEC, "Cannot parse the codec list '{}'", text); };
    std::string_view token = nextToken(rest);
    while (!token.empty())
    {
        std::string_view name = token;
        std::optional<int> parameter;
        token = nextToken(rest);
        if (token == "(")
        {
            std::string_view number = nextToken(rest);
            if (number != ")")
            {
                int value = 0;
                auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
                if (error == std::errc() && end == number.data() + number.size())
                    parameter = value;
                else if (!equalsIgnoringCase(name, "T64")) /// T64('byte'), T64('bit'): one variant here
                    throw malformed();
                else
                    while (!rest.empty() && rest.front() != ')')
                        rest.remove_prefix(1);
                if (nextToken(rest) != ")")
                    throw malformed();
            }
            token = nextToken(rest);
        }
        if (equalsIgnoringCase(name, "Default"))
            name = "LZ4";
        if (!steps.empty() && steps.back().isGeneral())
            throw Exception(ErrorCode::BAD_ARGUMENTS,
                "Codec list '{}': nothing can follow a general compression such as {}", text,
                CodecChain({steps.back()}).text());
        steps.push_back(makeStep(name, parameter, value_bytes));
        auto grows = [](const CodecStep & step)
        { return step.kind == CodecKind::DoubleDelta || step.kind == CodecKind::T64; };
        if (steps.size() > steps_max || std::count_if(steps.begin(), steps.end(), grows) > 2)
            throw Exception(ErrorCode::BAD_ARGUMENTS,
                "More than {} codecs, or more than two of DoubleDelta and T64, in '{}'", steps_max, text);
        if (token == ",")
        {
            token = nextToken(rest);
            if (token.empty())
                throw malformed();
        }
        else if (!token.empty())
            throw malformed();
    }
    if (steps.empty())
        throw malformed();
    return CodecChain(std::move(steps));
}

std::string CodecChain::text() const
{
    std::string result;
    for (const auto & step : steps_)
    {
        if (!result.empty())
            result += ", ";
        switch (step.kind)
        {
            case CodecKind::None: result += "NONE"; break;
            case CodecKind::Lz4: result += "LZ4"; break;
            case CodecKind::Zstd: result += fmt::format("ZSTD({})", step.parameter); break;
            case CodecKind::Delta: result += fmt::format("Delta({})", step.parameter); break;
            case CodecKind::DoubleDelta: result += fmt::format("DoubleDelta({})", step.parameter); break;
            case CodecKind::T64: result += "T64"; break;
        }
    }
    return result;
}

std::string CodecChain::compress(std::string_view bytes) const
{
    std::string current(bytes);
    for (const auto & step : steps_)
    {
        size_t value_bytes = step.parameter;
        switch (step.kind)
        {
            case CodecKind::None: break;
            case CodecKind::Delta: current = encodeDelta(current, value_bytes); break;
            case CodecKind::DoubleDelta: current = encodeDoubleDelta(current, value_bytes); break;
            case CodecKind::T64: current = encodeT64(current, value_bytes); break;
            case CodecKind::Lz4:
            case CodecKind::Zstd:
            {
                WriteBuffer out;
                out.writeVarUInt(current.size());
                if (step.kind == CodecKind::Lz4)
                    compressLz4(current, out.str());
                else
                    compressZstd(current, step.parameter, out.str());
                current = out.take();
                break;
            }
        }
    }
    return current;
}

std::string CodecChain::decompress(std::string_view compressed, size_t bytes_max) const
{
    std::string current(compressed);
    /// DoubleDelta may double its input; parse() allows at most two steps that grow it.
    size_t step_bytes_max = 4 * bytes_max + 1024;
    for (size_t i = steps_.size(); i-- > 0;)
    {
        size_t value_bytes = steps_[i].parameter;
        switch (steps_[i].kind)
        {
            case CodecKind::None: break;
            case CodecKind::Delta: current = decodeDelta(current, value_bytes); break;
            case CodecKind::DoubleDelta: current = decodeDoubleDelta(current, value_bytes, step_bytes_max); break;
            case CodecKind::T64: current = decodeT64(current, value_bytes, step_bytes_max); break;
            case CodecKind::Lz4:
            case CodecKind::Zstd:
            {
                ReadBuffer in(current);
                uint64_t size = in.readVarUInt();
                if (size > step_bytes_max)
                    throw Exception(ErrorCode::TOO_LARGE_SIZE_COMPRESSED,
                        "Decompressed size {} is above the limit {}", size, step_bytes_max);
                std::string out(size, '\0');
                std::string_view rest(in.position(), in.available());
                if (steps_[i].kind == CodecKind::Lz4)
                    decompressLz4(rest, out.data(), size);
                else
                    decompressZstd(rest, out.data(), size);
                current = std::move(out);
                break;
            }
        }
    }
    if (current.size() > bytes_max)
        throw Exception(ErrorCode::TOO_LARGE_SIZE_COMPRESSED, "Decompressed size {} is above the limit {}",
            current.size(), bytes_max);
    return current;
}

}
