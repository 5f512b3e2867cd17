#include "query/Settings.h"

#include "functions/callFunction.h"
#include "types/DataTypes.h"

#include <algorithm>
#include <charconv>
#include <thread>
#include <unordered_map>

namespace mangrove
{

const std::vector<SettingDescription> & Settings::all()
{
    using enum SettingEffect;
    static const std::vector<SettingDescription> descriptions{
        {"max_threads", "UInt64", "0", Acts, "Threads of one query; 0 = the number of cores"},
        {"max_block_size", "UInt64", "65409", Acts, "Rows in a block"},
        {"max_insert_block_size", "UInt64", "1048449", Acts, "Rows of an INSERT gathered into one part"},
        {"min_insert_block_size_rows", "UInt64", "1048449", Acts, "Rows of an INSERT gathered into one part"},
        {"min_insert_block_size_bytes", "UInt64", "268402944", Acts, "Bytes of an INSERT gathered into one part"},
        {"max_partitions_per_insert_block", "UInt64", "100", Acts, "Partitions that one INSERT block may touch; 0 = no limit"},
        {"insert_deduplication_token", "String", "", Acts, "An INSERT with a token that was seen within the window is not done again"},
        {"max_execution_time", "Seconds", "0", Acts, "Longest time of a query; 0 = no limit"},
        {"max_memory_usage", "UInt64", "0", Acts, "Memory of one query; 0 = no limit"},
        {"max_rows_to_read", "UInt64", "0", Acts, "0 = no limit"},
        {"max_bytes_to_read", "UInt64", "0", Acts, "0 = no limit"},
        {"max_result_rows", "UInt64", "0", Acts, "0 = no limit"},
        {"max_result_bytes", "UInt64", "0", Acts, "0 = no limit"},
        {"max_rows_to_group_by", "UInt64", "0", Acts, "Groups of GROUP BY; 0 = no limit"},
        {"max_rows_in_set", "UInt64", "0", Acts, "Rows of an IN subquery; 0 = no limit"},
        {"max_rows_in_join", "UInt64", "0", Acts, "Rows of the right side of a JOIN; 0 = no limit"},
        {"max_query_size", "UInt64", "262144", Acts, "Bytes of a statement, without inline data"},
        {"max_parser_depth", "UInt64", "1000", Acts, "Nesting of a statement"},
        {"max_ast_depth", "UInt64", "1000", Acts, "Nesting of a statement"},
        {"max_ast_elements", "UInt64", "50000", Acts, "Elements of a statement"},
        {"max_subquery_depth", "UInt64", "100", Acts, "Nesting of subqueries"},
        {"max_concurrent_queries_for_all_users", "UInt64", "1000", Acts, "Queries in flight on this node"},
        {"max_concurrent_queries_for_user", "UInt64", "0", Acts, "The same: there is one user; 0 = no limit"},
        {"prefer_column_name_to_alias", "Bool", "0", Acts, "A column wins over an alias of the same name"},
        {"enable_positional_arguments", "Bool", "1", Acts, "ORDER BY 1 means the first column"},
        {"join_use_nulls", "Bool", "0", Acts, "1 is refused"},
        {"final", "Bool", "0", Acts, "Read all tables that can be with FINAL"},
        {"union_default_mode", "String", "", Acts, "What UNION alone means: ALL or DISTINCT"},
        {"join_default_strictness", "String", "ALL", Acts, "What JOIN alone means: ALL or ANY"},
        {"select_sequential_consistency", "UInt64", "0", Acts, "Read everything committed on any node before this query"},
        {"readonly", "UInt64", "0", Acts, "1: only reading statements; 2: also SET"},
        {"log_queries", "Bool", "1", Acts, "Write to system.query_log"},
        {"date_time_input_format", "String", "best_effort", Acts, "What basic reads is read the same; best_effort_us is refused"},
        {"date_time_output_format", "String", "simple", Acts, "simple, iso or unix_timestamp"},
        {"output_format_json_quote_64bit_integers", "Bool", "0", Acts, ""},
        {"output_format_json_quote_denormals", "Bool", "0", Acts, ""},
        {"output_format_json_named_tuples_as_objects", "Bool", "1", Acts, ""},
        {"input_format_null_as_default", "Bool", "1", Acts, ""},
        {"insert_null_as_default", "Bool", "1", Acts, "INSERT … SELECT: NULL means the default of a column that is not Nullable"},
        {"input_format_skip_unknown_fields", "Bool", "1", Acts, ""},
        {"input_format_defaults_for_omitted_fields", "Bool", "1", Acts, ""},
        {"format_csv_delimiter", "String", ",", Acts, ""},
        {"allow_experimental_parallel_reading_from_replicas", "UInt64", "0", CannotChangeResult, "A node reads alone so far"},
        {"enable_parallel_replicas", "UInt64", "0", CannotChangeResult, "A node reads alone so far"},
        {"max_parallel_replicas", "UInt64", "1000", CannotChangeResult, "A node reads alone so far"},
        {"allow_experimental_analyzer", "Bool", "1", CannotChangeResult, ""},
        {"enable_analyzer", "Bool", "1", CannotChangeResult, ""},
        {"async_insert", "Bool", "0", CannotChangeResult, "Every INSERT is acknowledged when durable"},
        {"wait_for_async_insert", "Bool", "1", CannotChangeResult, "Every INSERT is acknowledged when durable"},
        {"use_query_condition_cache", "Bool", "1", CannotChangeResult, ""},
        {"optimize_move_to_prewhere", "Bool", "1", CannotChangeResult, "Filters are always tested while reading"},
        {"use_uncompressed_cache", "Bool", "0", CannotChangeResult, ""},
        {"use_query_cache", "Bool", "0", CannotChangeResult, "There is no query cache"},
        {"cancel_http_readonly_queries_on_client_close", "Bool", "0", CannotChangeResult, ""},
        {"send_progress_in_http_headers", "Bool", "0", Acts, "X-ClickHouse-Progress headers while the query runs"},
        {"http_headers_progress_interval_ms", "UInt64", "100", Acts, ""},
        {"http_wait_end_of_query", "Bool", "0", Acts, "Answer only when the result is complete; in a SETTINGS clause it comes too late"},
        {"enable_http_compression", "Bool", "0", CannotChangeResult, "Read by the HTTP handler"},
        {"distributed_product_mode", "String", "deny", CannotChangeResult, ""},
        {"insert_quorum", "UInt64", "0", CannotChangeResult, "An acknowledged INSERT is in the bucket"},
        {"insert_quorum_timeout", "UInt64", "600000", CannotChangeResult, ""},
        {"insert_quorum_parallel", "Bool", "1", CannotChangeResult, ""},
        {"fsync_after_insert", "Bool", "0", CannotChangeResult, "An acknowledged INSERT is durable"},
        {"allow_suspicious_low_cardinality_types", "Bool", "0", CannotChangeResult, "They are always allowed"},
        {"log_comment", "String", "", CannotChangeResult, ""},
        {"max_compress_block_size", "UInt64", "1048576", CannotChangeResult, ""},
        {"network_compression_method", "String", "LZ4", CannotChangeResult, ""},
        {"network_zstd_compression_level", "UInt64", "1", CannotChangeResult, ""},
        {"connect_timeout", "Seconds", "10", CannotChangeResult, ""},
        {"receive_timeout", "Seconds", "300", CannotChangeResult, ""},
        {"send_timeout", "Seconds", "300", CannotChangeResult, ""},
        {"load_balancing", "String", "random", CannotChangeResult, ""},
        {"priority", "UInt64", "0", CannotChangeResult, ""},
        {"output_format_pretty_color", "String", "auto", CannotChangeResult, ""},
        {"output_format_pretty_max_rows", "UInt64", "1000", CannotChangeResult, ""},
        {"output_format_write_statistics", "Bool", "1", Acts, "Whether the JSON formats end with statistics"},
        {"input_format_parallel_parsing", "Bool", "1", CannotChangeResult, ""},
        {"output_format_parallel_formatting", "Bool", "1", CannotChangeResult, ""},
        {"max_insert_threads", "UInt64", "0", CannotChangeResult, ""},
        {"mutations_sync", "UInt64", "0", CannotChangeResult, ""},
        {"alter_sync", "UInt64", "1", CannotChangeResult, ""},
    };
    return descriptions;
}

namespace
{

const SettingDescription * findDescription(const std::string & name)
{
    static const auto * by_name = []
    {
        auto * map = new std::unordered_map<std::string, const SettingDescription *>;
        for (const auto & description : Settings::all())
            map->emplace(description.name, &description);
        return map;
    }();
    auto it = by_name->find(name);
    return it == by_name->end() ? nullptr : it->second;
}

bool isNumber(const std::string & text)
{
    double number;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

}

bool Settings::isKnown(const std::string & name)
{
    return findDescription(name) != nullptr;
}

void Settings::set(const std::string & name, const std::string & value)
{
    const auto * description = findDescription(name);
    if (!description)
        throw Exception(ErrorCode::UNKNOWN_SETTING, "Unknown setting '{}': system.settings lists those that are known", name);
    std::string type = description->type;
    auto stored = value;
    if (type == "Bool")
    {
        if (value == "true" || value == "false")
            stored = value == "true" ? "1" : "0";
        else if (value != "0" && value != "1")
            throw Exception(ErrorCode::CANNOT_PARSE_BOOL, "Cannot parse bool from string '{}' for setting {}: should be 'true', 'false', '0' or '1'", value, name);
    }
    else if (type != "String" && !isNumber(value))
        throw Exception(ErrorCode::CANNOT_PARSE_INPUT_ASSERTION_FAILED, "Setting {} needs a number, got '{}'", name, value);
    if (type.starts_with("UInt") && value.starts_with('-'))
        throw Exception(ErrorCode::CANNOT_CONVERT_TYPE, "Setting {} cannot be negative, got {}", name, value);
    changed_[name] = stored;
}

std::string Settings::getString(const std::string & name) const
{
    if (auto it = changed_.find(name); it != changed_.end())
        return it->second;
    const auto * description = findDescription(name);
    CHECK(description, "setting {} is not listed", name);
    return description->default_value;
}

std::optional<std::pair<Field, DataTypePtr>> Settings::find(const std::string & name) const
{
    const auto * description = findDescription(name);
    if (!description)
        return std::nullopt;
    const std::string_view type = description->type;
    if (type == "String")
        return {{Field(getString(name)), makeType(TypeId::String)}};
    if (type == "Seconds")
        return {{Field(getFloat(name)), makeType(TypeId::Float64)}};
    if (type == "Bool")
        return {{Field(uint64_t(getBool(name))), makeType(TypeId::Bool)}};
    return {{Field(getUInt64(name)), literalType(Field(getUInt64(name)))}};
}

double Settings::getFloat(const std::string & name) const
{
    return std::strtod(getString(name).c_str(), nullptr);
}

uint64_t Settings::getUInt64(const std::string & name) const
{
    auto text = getString(name);
    uint64_t number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size())
        return number;
    auto real = std::strtod(text.c_str(), nullptr);
    return real > 0 && real < 1.8e19 ? static_cast<uint64_t>(real) : 0;
}

FormatSettings Settings::formatSettings() const
{
    FormatSettings format;
    if (const auto input = getString("date_time_input_format"); input != "best_effort" && input != "basic")
        throw Exception(ErrorCode::NOT_IMPLEMENTED, "date_time_input_format = '{}' is not supported: use 'best_effort'", input);
    format.date_time_output_format = getString("date_time_output_format");
    format.output_format_json_quote_64bit_integers = getBool("output_format_json_quote_64bit_integers");
    format.output_format_json_quote_denormals = getBool("output_format_json_quote_denormals");
    format.output_format_json_named_tuples_as_objects = getBool("output_format_json_named_tuples_as_objects");
    format.output_format_write_statistics = getBool("output_format_write_statistics");
    format.input_format_null_as_default = getBool("input_format_null_as_default");
    format.input_format_skip_unknown_fields = getBool("input_format_skip_unknown_fields");
    format.input_format_defaults_for_omitted_fields = getBool("input_format_defaults_for_omitted_fields");
    auto delimiter = getString("format_csv_delimiter");
    if (delimiter.size() != 1)
        throw Exception(ErrorCode::INVALID_SETTING_VALUE, "format_csv_delimiter must be one character, got '{}'", delimiter);
    format.csv_delimiter = delimiter[0];
    return format;
}

AnalyzerSettings Settings::analyzerSettings() const
{
    AnalyzerSettings analyzer;
    analyzer.prefer_column_name_to_alias = getBool("prefer_column_name_to_alias");
    analyzer.enable_positional_arguments = getBool("enable_positional_arguments");
    analyzer.join_use_nulls = getBool("join_use_nulls");
    analyzer.final = getBool("final");
    analyzer.union_default_mode = getString("union_default_mode");
    analyzer.join_default_strictness = getString("join_default_strictness");
    analyzer.subquery_depth_max = getUInt64("max_subquery_depth");
    analyzer.set_rows_max = getUInt64("max_rows_in_set");
    return analyzer;
}

QueryLimits Settings::limits() const
{
    QueryLimits limits;
    limits.max_rows_to_read = getUInt64("max_rows_to_read");
    limits.max_bytes_to_read = getUInt64("max_bytes_to_read");
    limits.max_result_rows = getUInt64("max_result_rows");
    limits.max_result_bytes = getUInt64("max_result_bytes");
    limits.max_rows_to_group_by = getUInt64("max_rows_to_group_by");
    limits.max_execution_time_ms = static_cast<int64_t>(getFloat("max_execution_time") * 1000);
    limits.max_rows_in_join = getUInt64("max_rows_in_join");
    return limits;
}

}
