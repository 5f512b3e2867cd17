#pragma once
// The body of an answer as it arrives, with the exception told from the result that it interrupts: behind the result a
// node writes \r\n__exception__\r\nTAG\r\ntext\nLENGTH TAG\r\n__exception__\r\n, TAG being in the head of the answer
// (X-ClickHouse-Exception-Tag). Used by NodeConnection; not thread-safe.

#include <functional>
#include <string>
#include <string_view>

namespace mangrove
{

class AnswerBody
{
public:
    explicit AnswerBody(std::function<void(std::string_view)> output) : output_(std::move(output)) { }

    /// Before the first bytes.
    void setTag(std::string_view tag) { marker_ = "\r\n__exception__\r\n" + std::string(tag) + "\r\n"; }
    /// Hands on what cannot be the beginning of an exception.
    void add(std::string_view bytes);
    /// Hands on the rest. The text of the exception, "" if there was none.
    std::string finish();

private:
    void handOn(size_t bytes);

    std::function<void(std::string_view)> output_;
    std::string marker_, held_;
    bool in_exception_ = false;
};

}
