#include "AnswerBody.h"

#include <algorithm>

namespace mangrove
{

void AnswerBody::handOn(size_t bytes)
{
    if (bytes && output_)
        output_(std::string_view(held_).substr(0, bytes));
    held_.erase(0, bytes);
}

void AnswerBody::add(std::string_view bytes)
{
    held_ += bytes;
    if (in_exception_)
        return;
    const auto found = marker_.empty() ? std::string::npos : held_.find(marker_);
    if (found == std::string::npos)
        return handOn(held_.size() - std::min(held_.size(), marker_.empty() ? 0 : marker_.size() - 1));
    handOn(found);
    held_.erase(0, marker_.size());
    in_exception_ = true;
}

std::string AnswerBody::finish()
{
    if (!in_exception_)
    {
        handOn(held_.size());
        return {};
    }
    // The last line but one is the length of the text.
    const auto end = held_.rfind("\r\n__exception__");
    return held_.substr(0, held_.rfind('\n', end == std::string::npos ? end : end - 1));
}

}
