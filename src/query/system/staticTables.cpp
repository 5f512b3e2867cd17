// system.one, numbers, zeros, functions, table_functions, formats, data_type_families, settings, clusters, table_engines,
// build_options.

#include "query/SystemTables.h"

#include "formats/FormatFactory.h"
#include "functions/FunctionRegistry.h"
#include "types/typeNames.h"

namespace mangrove
{

namespace
{

Rows one(Node &, const SystemRead &)
{
    return {{uint64_t(0)}};
}

/// What is called like a function but bound by the analyzer: it asks the session, runs a subquery, multiplies rows or
/// looks at other rows of a window.
Rows boundFunctions()
{
    const auto row = [](const char * name, bool is_aggregate, bool any_case, const char * alias_to = "") -> std::vector<Field>
    { return {name, uint64_t(is_aggregate), uint64_t(any_case), alias_to, "", int64_t(0), "", "", "", "", ""}; };
    Rows rows;
    for (const auto * name : {"currentDatabase", "currentUser", "displayName", "queryID", "uptime", "in", "notIn", "globalIn",
             "globalNotIn", "nullIn", "notNullIn", "arrayJoin", "caseWithExpression"})
        rows.push_back(row(name, false, false));
    for (const auto * name : {"version", "revision"})
        rows.push_back(row(name, false, true));
    for (const auto * name : {"denseRank", "lagInFrame", "leadInFrame"})
        rows.push_back(row(name, true, false));
    for (const auto * name : {"row_number", "rank", "lag", "lead"})
        rows.push_back(row(name, true, true));
    for (const auto * name : {"DATABASE", "SCHEMA", "current_database"})
        rows.push_back(row(name, false, true, "currentDatabase"));
    for (const auto * name : {"user", "current_user", "session_user"})
        rows.push_back(row(name, false, true, "currentUser"));
    rows.push_back(row("query_id", false, true, "queryID"));
    rows.push_back(row("hostname", false, false, "hostName"));
    rows.push_back(row("dense_rank", true, true, "denseRank"));
    rows.push_back(row("unnest", false, true, "arrayJoin"));
    rows.push_back(row("caseWithExpr", false, false, "caseWithExpression"));
    return rows;
}

Rows functions(Node &, const SystemRead &)
{
    Rows rows = boundFunctions();
    for (const auto & function : FunctionRegistry::instance().list())
        rows.push_back({function.name, uint64_t(function.is_aggregate), uint64_t(function.case_insensitive), function.alias_to, "", int64_t(0), "", "", "", "", ""});
    return rows;
}

Rows tableFunctions(Node &, const SystemRead &)
{
    Rows rows;
    for (const auto & name : listTableFunctions())
        rows.push_back({name, "", uint64_t(1)});
    return rows;
}

Rows formats(Node &, const SystemRead &)
{
    Rows rows;
    for (const auto & format : listFormats())
        rows.push_back({format.name, uint64_t(format.is_input), uint64_t(format.is_output), std::string(contentTypeOfFormat(format.name))});
    return rows;
}

Rows dataTypeFamilies(Node &, const SystemRead &)
{
    Rows rows;
    for (const auto & family : listDataTypeFamilies())
        rows.push_back({family.name, uint64_t(family.case_insensitive), family.alias_to});
    return rows;
}

Rows settings(Node &, const SystemRead & read)
{
    Rows rows;
    for (const auto & setting : Settings::all())
    {
        auto it = read.session.settings.changed().find(setting.name);
        bool changed = it != read.session.settings.changed().end();
        std::string description = setting.description;
        if (setting.effect == SettingEffect::CannotChangeResult)
            description += description.empty() ? "Accepted; has no effect" : " (accepted; has no effect)";
        rows.push_back({setting.name, changed ? it->second : std::string(setting.default_value), uint64_t(changed), description, Null{}, Null{}, uint64_t(0),
            setting.type, setting.default_value, uint64_t(0)});
    }
    return rows;
}

Rows clusters(Node & node, const SystemRead &)
{
    return {{"default", uint64_t(1), uint64_t(1), uint64_t(1), node.config().node_name, "127.0.0.1", uint64_t(9000), uint64_t(1), "default"}};
}

Rows tableEngines(Node &, const SystemRead &)
{
    return {{"SharedMergeTree"}, {"SharedReplacingMergeTree"}, {"MaterializedView"}};
}

Rows buildOptions(Node & node, const SystemRead &)
{
    return {{"VERSION_FULL", "Mangrove " + node.config().version}, {"VERSION_DESCRIBE", node.config().version}};
}

}

void addStaticTables(std::vector<SystemTable> & all)
{
    all.push_back({"one", {{"dummy", "UInt8"}}, one});
    for (const auto * name : {"numbers", "numbers_mt"})
        all.push_back({name, {{"number", "UInt64"}}, {}});
    for (const auto * name : {"zeros", "zeros_mt"})
        all.push_back({name, {{"zero", "UInt8"}}, {}});
    all.push_back({"functions",
        {{"name", "String"}, {"is_aggregate", "UInt8"}, {"case_insensitive", "UInt8"}, {"alias_to", "String"}, {"create_query", "String"},
            {"origin", "Enum8('System' = 0, 'SQLUserDefined' = 1, 'ExecutableUserDefined' = 2, 'WasmUserDefined' = 3)"},
            {"description", "String"}, {"syntax", "String"}, {"arguments", "String"}, {"returned_value", "String"}, {"categories", "String"}},
        functions});
    all.push_back({"table_functions", {{"name", "String"}, {"description", "String"}, {"allow_readonly", "UInt8"}}, tableFunctions});
    all.push_back({"formats", {{"name", "String"}, {"is_input", "UInt8"}, {"is_output", "UInt8"}, {"content_type", "String"}}, formats});
    all.push_back({"data_type_families", {{"name", "String"}, {"case_insensitive", "UInt8"}, {"alias_to", "String"}}, dataTypeFamilies});
    all.push_back({"settings",
        {{"name", "String"}, {"value", "String"}, {"changed", "UInt8"}, {"description", "String"}, {"min", "Nullable(String)"}, {"max", "Nullable(String)"},
            {"readonly", "UInt8"}, {"type", "String"}, {"default", "String"}, {"is_obsolete", "UInt8"}},
        settings});
    all.push_back({"clusters",
        {{"cluster", "String"}, {"shard_num", "UInt32"}, {"shard_weight", "UInt32"}, {"replica_num", "UInt32"}, {"host_name", "String"},
            {"host_address", "String"}, {"port", "UInt16"}, {"is_local", "UInt8"}, {"user", "String"}},
        clusters});
    all.push_back({"table_engines", {{"name", "String"}}, tableEngines});
    all.push_back({"build_options", {{"name", "String"}, {"value", "String"}}, buildOptions});
}

}
