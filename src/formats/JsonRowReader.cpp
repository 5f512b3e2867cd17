#include "formats/JsonRowReader.h"

#include "formats/JsonValue.h"

#include <unordered_map>

namespace mangrove
{

namespace
{

constexpr size_t chunk_bytes_start = 1 << 20;
constexpr size_t row_bytes_max = 64ULL << 20;

bool isBlank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/// Chunks of the input as simdjson documents. It needs them separated by blanks: commas between rows, and [ ] around
/// all of them, are overwritten in the chunk.
class Documents
{
public:
    Documents(ReadBuffer & in, bool may_be_wrapped) : in_(in), may_be_wrapped_(may_be_wrapped) { }

    /// The next row, or false at the end of the input. Valid until the next call.
    bool next(simdjson::ondemand::document_reference & document)
    {
        if (streaming_)
            ++position_;
        while (!streaming_ || !(position_ != stream_.end()))
        {
            if (!load())
                return false;
        }
        read_from_chunk_ = true;
        if (auto error = (*position_).get(document))
            throwJsonError(error, rest());
        return true;
    }

    const char * end() const { return chunk_.data() + size_; }
    std::string_view rest() const
    {
        size_t begin = streaming_ ? std::min(position_.current_index(), size_) : 0;
        return {chunk_.data() + begin, std::min<size_t>(size_ - begin, 64)};
    }

private:
    bool load()
    {
        size_t keep_from = 0;
        if (streaming_)
        {
            keep_from = size_ - std::min(size_, stream_.truncated_bytes());
            streaming_ = false;
            if (!read_from_chunk_)
                chunk_bytes_ *= 2;
            if (chunk_bytes_ > row_bytes_max)
                throw Exception(ErrorCode::TOO_LARGE_STRING_SIZE, "A row of JSON exceeds {} bytes", row_bytes_max);
        }
        while (keep_from < size_ && isBlank(chunk_[keep_from]))
            ++keep_from;
        chunk_.erase(0, keep_from);
        size_ = size_ - keep_from;
        chunk_.resize(size_);
        size_t before = size_;
        while (size_ < chunk_bytes_ && !in_.eof())
        {
            size_t step = std::min(chunk_bytes_ - size_, in_.available());
            chunk_.append(in_.position(), step);
            in_.advance(step);
            size_ += step;
        }
        if (size_ == before) // nothing new: what is kept is not a whole row
        {
            if (size_)
                throw Exception(
                    ErrorCode::CANNOT_READ_ALL_DATA, "Unexpected end of stream while parsing JSON rows: {}", quoteForMessage(chunk_));
            if (wrapped_ && !closed_)
                throw Exception(ErrorCode::CANNOT_PARSE_INPUT_ASSERTION_FAILED, "Cannot parse input: expected ']' at end of stream");
            return false;
        }
        if (first_chunk_)
            findSeparators();
        first_chunk_ = false;
        if (separated_)
            blankSeparators();
        bool blank = true;
        for (size_t i = 0; i < size_ && blank; ++i)
            blank = isBlank(chunk_[i]);
        if (blank || (size_ && chunk_[0] == ';' && in_.eof()))
        {
            size_ = 0;
            chunk_.clear();
            return !in_.eof() || load();
        }
        chunk_.resize(size_ + simdjson::SIMDJSON_PADDING);
        if (auto error = parser_.iterate_many(chunk_.data(), size_, std::max(size_, simdjson::ondemand::MINIMAL_BATCH_SIZE)).get(stream_))
            throwJsonError(error, {chunk_.data(), std::min<size_t>(size_, 64)});
        position_ = stream_.begin();
        streaming_ = true;
        read_from_chunk_ = false;
        return true;
    }

    /// Whether the rows are in [ ] or have commas between them: seen at the start and behind the first row.
    void findSeparators()
    {
        size_t begin = 0;
        while (begin < size_ && isBlank(chunk_[begin]))
            ++begin;
        if (begin < size_ && chunk_[begin] == '[' && may_be_wrapped_)
        {
            chunk_[begin] = ' ';
            wrapped_ = separated_ = true;
            return;
        }
        separated_ = scan(false);
    }

    void blankSeparators() { scan(true); }

    /// Walks over rows from a row's start: true when a comma stands between two of them.
    bool scan(bool overwrite)
    {
        size_t depth = 0;
        bool in_string = false;
        for (size_t i = 0; i < size_; ++i)
        {
            char c = chunk_[i];
            if (in_string)
            {
                if (c == '\\')
                    ++i;
                else if (c == '"')
                    in_string = false;
            }
            else if (c == '"')
                in_string = true;
            else if (c == '{' || c == '[')
                ++depth;
            else if (depth && (c == '}' || c == ']'))
                --depth;
            else if (depth == 0 && (c == ',' || (c == ']' && wrapped_)))
            {
                if (!overwrite)
                    return c == ',';
                closed_ |= c == ']';
                chunk_[i] = ' ';
            }
            else if (depth == 0 && !overwrite && c == '\n')
                return false; // the usual case: one row a line, no need to look further
        }
        return false;
    }

    ReadBuffer & in_;
    bool may_be_wrapped_;
    bool wrapped_ = false;   /// by [ ]
    bool closed_ = false;    /// the ] was seen
    bool separated_ = false; /// by commas
    bool first_chunk_ = true;
    bool streaming_ = false;
    bool read_from_chunk_ = false;
    size_t chunk_bytes_ = chunk_bytes_start;
    std::string chunk_;
    size_t size_ = 0; /// of the chunk without padding
    simdjson::ondemand::parser parser_;
    simdjson::ondemand::document_stream stream_;
    simdjson::ondemand::document_stream::iterator position_;
};

}

struct JsonRowReader::Impl
{
    Impl(ReadBuffer & in, const NamesAndTypes & header, const DataTypes & types, bool objects) : documents(in, objects), filled_in_row(header.size(), 0)
    {
        for (size_t i = 0; i < header.size(); ++i)
        {
            readers.emplace_back(types[i]);
            column_of_name.emplace(header[i].name, i);
            plain_names.push_back(header[i].name.find_first_of("\"\\") == std::string::npos ? header[i].name : "");
        }
    }

    /// The column of the field that comes `order`-th in its row: rows mostly have the same fields in the same order.
    std::optional<size_t> columnOf(simdjson::ondemand::field & field, size_t order)
    {
        if (order < expected.size())
        {
            const std::string & name = plain_names[expected[order]];
            const char * key = field.key().raw();
            if (!name.empty() && key + name.size() < documents.end() && key[name.size()] == '"'
                && std::memcmp(key, name.data(), name.size()) == 0) [[likely]]
                return expected[order];
        }
        std::string_view key;
        if (auto error = field.unescaped_key().get(key))
            throwJsonError(error, documents.rest());
        auto found = column_of_name.find(std::string(key));
        if (found == column_of_name.end())
        {
            unknown = key;
            return {};
        }
        if (order < expected.size())
            expected[order] = found->second;
        else if (order == expected.size())
            expected.push_back(found->second);
        return found->second;
    }

    Documents documents;
    std::vector<JsonValueReader> readers;
    std::unordered_map<std::string, size_t> column_of_name;
    std::vector<std::string> plain_names; /// that JSON writes without escapes; "" for others
    std::vector<size_t> expected;         /// columns in the order of the last row's fields
    std::vector<uint64_t> filled_in_row;  /// per column the stamp of the row that filled it last
    uint64_t row_stamp = 0;
    std::string unknown;
};

JsonRowReader::JsonRowReader(
    ReadBuffer & in,
    NamesAndTypes header,
    const FormatSettings & settings,
    const InputOptions & options,
    Rows rows,
    HeaderLines lines,
    bool strings)
    : RowInputFormat(in, std::move(header), settings, options)
    , rows_kind_(rows)
    , lines_(lines)
    , strings_(strings)
    , mapping_(header_)
    , impl_(std::make_unique<Impl>(in, header_, types_, rows == Rows::Objects))
{
}

JsonRowReader::~JsonRowReader() = default;

void JsonRowReader::readPrefix()
{
    if (lines_ == HeaderLines::None)
        return;
    auto readStrings = [&](std::vector<std::string> & to)
    {
        simdjson::ondemand::document_reference document;
        if (!impl_->documents.next(document))
            return false;
        simdjson::ondemand::array array;
        if (auto error = document.get_array().get(array))
            throwJsonError(error, impl_->documents.rest());
        for (auto element : array)
        {
            std::string_view text;
            if (auto error = element.get_string().get(text))
                throwJsonError(error, impl_->documents.rest());
            to.emplace_back(text);
        }
        return true;
    };
    std::vector<std::string> names, types;
    if (!readStrings(names))
        return;
    mapping_ = FieldMapping(header_, names, settings_);
    if (lines_ == HeaderLines::NamesAndTypes && readStrings(types))
        mapping_.checkTypes(header_, types);
}

bool JsonRowReader::readRow()
{
    simdjson::ondemand::document_reference document;
    if (!impl_->documents.next(document))
        return false;
    auto check = [&](simdjson::error_code error)
    {
        if (error) [[unlikely]]
            throwJsonError(error, impl_->documents.rest());
    };
    ++impl_->row_stamp;
    size_t filled = 0;
    auto fill = [&](size_t column, JsonField & value)
    {
        current_column_ = column;
        impl_->filled_in_row[column] = impl_->row_stamp;
        ++filled;
        std::string_view text;
        if (strings_ && value.get_string().get(text) == simdjson::SUCCESS)
            serializations_[column]->readRaw(*columns_[column], text, settings_);
        else if (!impl_->readers[column].read(*columns_[column], value, settings_))
            markMissing(column);
        current_column_.reset();
    };
    if (rows_kind_ == Rows::Objects)
    {
        simdjson::ondemand::object object;
        check(document.get_object().get(object));
        size_t order = 0;
        for (auto item : object)
        {
            simdjson::ondemand::field field;
            check(std::move(item).get(field));
            auto column = impl_->columnOf(field, order++);
            if (!column && !settings_.input_format_skip_unknown_fields)
                throw Exception(
                    ErrorCode::INCORRECT_DATA, "Unknown field found while parsing JSONEachRow format: {}", impl_->unknown);
            // As in ClickHouse, which looks no further when a row has all columns.
            if (!column || filled == header_.size())
                continue;
            if (impl_->filled_in_row[*column] == impl_->row_stamp)
                throw Exception(
                    ErrorCode::INCORRECT_DATA, "Duplicate field found while parsing JSONEachRow format: {}", header_[*column].name);
            fill(*column, field.value());
        }
    }
    else
    {
        simdjson::ondemand::array array;
        check(document.get_array().get(array));
        const auto & fields = mapping_.columnOfField();
        size_t order = 0;
        for (auto item : array)
        {
            JsonField value;
            check(std::move(item).get(value));
            if (order < fields.size() && fields[order])
                fill(*fields[order], value);
            ++order;
        }
        if (order != fields.size())
            throw Exception(
                ErrorCode::CANNOT_PARSE_INPUT_ASSERTION_FAILED,
                "Cannot parse input: a row of {} values where {} are expected: {}",
                order,
                fields.size(),
                quoteForMessage(impl_->documents.rest()));
    }
    if (filled != header_.size())
        for (size_t column = 0; column < header_.size(); ++column)
            if (impl_->filled_in_row[column] != impl_->row_stamp)
                insertMissing(column);
    return true;
}

}
