#include "io/ReadBuffer.h"
#include "io/WriteBuffer.h"

#include <gtest/gtest.h>

namespace mangrove
{
namespace
{

/// Hands out `text` in windows of `step` bytes: values then straddle windows.
class SteppedBuffer : public ReadBuffer
{
public:
    SteppedBuffer(std::string text, size_t step) : text_(std::move(text)), step_(step) { }

private:
    bool refill() override
    {
        if (given_ == text_.size())
            return false;
        size_t count = std::min(step_, text_.size() - given_);
        setWindow(text_.data() + given_, text_.data() + given_ + count);
        given_ += count;
        return true;
    }

    std::string text_;
    size_t step_;
    size_t given_ = 0;
};

template <typename Call>
ErrorCode codeOf(Call && call)
{
    try
    {
        call();
    }
    catch (const Exception & e)
    {
        return e.code();
    }
    return ErrorCode::OK;
}

TEST(ReadBuffer, ReadsBackWhatWriteBufferWrites)
{
    const std::vector<uint64_t> numbers{0, 1, 127, 128, 16383, 16384, 1ULL << 32, 1ULL << 63, ~0ULL};
    WriteBuffer out;
    for (uint64_t number : numbers)
        out.writeVarUInt(number);
    out.writeString("hello");
    out.writeString("");
    out.writePod<uint32_t>(0xdeadbeef);
    for (size_t step : {1, 2, 3, 7, 1000})
    {
        SteppedBuffer in(out.str(), step);
        for (uint64_t number : numbers)
            EXPECT_EQ(in.readVarUInt(), number);
        EXPECT_EQ(in.readString(), "hello");
        EXPECT_EQ(in.readString(), "");
        EXPECT_EQ(in.readPod<uint32_t>(), 0xdeadbeef);
        EXPECT_TRUE(in.eof());
        EXPECT_TRUE(in.eof());
        EXPECT_EQ(in.consumed(), out.count());
    }
}

TEST(ReadBuffer, RefusesWhatIsTooLongOrCutOff)
{
    EXPECT_EQ(codeOf([] { ReadBuffer(std::string_view("ab")).readPod<uint32_t>(); }), ErrorCode::ATTEMPT_TO_READ_AFTER_EOF);
    EXPECT_EQ(codeOf([] { ReadBuffer(std::string_view("ab")).skip(3); }), ErrorCode::ATTEMPT_TO_READ_AFTER_EOF);
    EXPECT_EQ(codeOf([] { ReadBuffer(std::string_view("")).peek(); }), ErrorCode::ATTEMPT_TO_READ_AFTER_EOF);
    // The length says 200 million, three bytes follow.
    EXPECT_EQ(codeOf([] { ReadBuffer(std::string_view("\x80\x84\xaf\x5f" "abc")).readString(); }), ErrorCode::ATTEMPT_TO_READ_AFTER_EOF);
    EXPECT_EQ(codeOf([] { ReadBuffer(std::string_view("\x05hello")).readString(4); }), ErrorCode::TOO_LARGE_STRING_SIZE);
    EXPECT_EQ(codeOf([] { ReadBuffer(std::string_view("hello")).readAll(4); }), ErrorCode::TOO_LARGE_STRING_SIZE);
    std::string eleven(11, '\xff');
    EXPECT_EQ(codeOf([&] { ReadBuffer(eleven).readVarUInt(); }), ErrorCode::CORRUPTED_DATA);
    std::string overflow = std::string(9, '\xff') + "\x02";
    EXPECT_EQ(codeOf([&] { ReadBuffer(overflow).readVarUInt(); }), ErrorCode::CORRUPTED_DATA);
}

TEST(ReadBuffer, ExpectNamesWhatStandsThere)
{
    ReadBuffer in(std::string_view("xyz"));
    EXPECT_FALSE(in.tryConsume('y'));
    EXPECT_TRUE(in.tryConsume('x'));
    try
    {
        in.expect('z');
        FAIL();
    }
    catch (const Exception & e)
    {
        EXPECT_EQ(e.code(), ErrorCode::CANNOT_PARSE_INPUT_ASSERTION_FAILED);
        EXPECT_NE(e.message().find("expected 'z' before: 'yz' at byte 1"), std::string::npos) << e.message();
    }
    in.expect('y');
    EXPECT_EQ(in.readAll(100), "z");
    EXPECT_EQ(codeOf([&] { in.expect('a'); }), ErrorCode::CANNOT_PARSE_INPUT_ASSERTION_FAILED);
}

}
}
