#pragma once
// Settings of a query, by ClickHouse's names. Each one either acts here, or is accepted because it cannot change a
// result (listed as such in system.settings), or is refused: UNKNOWN_SETTING (115) if ClickHouse has no such setting
// or we do not know it. Plain value, copied from session to query.

#include "analyzer/Analyzer.h"
#include "exec/QueryContext.h"
#include "types/Serialization.h"

#include <map>
#include <string>
#include <vector>

namespace mangrove
{

enum class SettingEffect : uint8_t
{
    Acts,
    CannotChangeResult, /// accepted, no effect
};

struct SettingDescription
{
    const char * name;
    const char * type; /// UInt64, Bool, String, Seconds
    const char * default_value;
    SettingEffect effect;
    const char * description;
};

class Settings
{
public:
    static const std::vector<SettingDescription> & all();

    /// UNKNOWN_SETTING (115); CANNOT_PARSE_NUMBER (72) or CANNOT_PARSE_BOOL (467) for a value that does not fit.
    void set(const std::string & name, const std::string & value);
    void reset(const std::string & name) { changed_.erase(name); }
    static bool isKnown(const std::string & name);

    /// As getSetting() shows it; nullopt if there is no such setting.
    std::optional<std::pair<Field, DataTypePtr>> find(const std::string & name) const;
    std::string getString(const std::string & name) const;
    uint64_t getUInt64(const std::string & name) const;
    double getFloat(const std::string & name) const;
    bool getBool(const std::string & name) const { return getUInt64(name) != 0; }
    const std::map<std::string, std::string> & changed() const { return changed_; }

    FormatSettings formatSettings() const;
    AnalyzerSettings analyzerSettings() const;
    QueryLimits limits() const;

private:
    std::map<std::string, std::string> changed_;
};

}
