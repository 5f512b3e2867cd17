#include "catalog/Snapshot.h"

#include "catalog/EntryCodec.h"

#include "base/Exception.h"
#include "catalog/CommitLog.h"
#include "catalog/Transaction.h"

namespace mangrove
{

Snapshot::Snapshot(std::shared_ptr<const SnapshotData> data, std::function<bool()> expired, std::function<void()> release)
    : data_(std::move(data)), expired_(std::move(expired)), release_(std::move(release))
{
}

Snapshot::~Snapshot()
{
    if (release_)
        release_();
}

TablePtr Snapshot::findTable(const std::string & name) const
{
    auto it = data_->names.find(name);
    return it == data_->names.end() ? nullptr : findTable(it->second);
}

TablePtr Snapshot::findTable(const Uuid & uuid) const
{
    auto it = data_->tables.find(uuid);
    return it == data_->tables.end() ? nullptr : it->second;
}

std::vector<TablePtr> Snapshot::viewsOf(const Uuid & table) const
{
    std::vector<TablePtr> views;
    for (const auto & [_, candidate] : data_->tables)
        if (candidate->schema->view_source == table && candidate->schema->isMaterializedView())
            views.push_back(candidate);
    return views;
}

void Snapshot::checkUsable() const
{
    if (expired_ && expired_())
        throw Exception(ErrorCode::SNAPSHOT_EXPIRED,
            "The snapshot of {} at {} has expired: this node could not tell the others for too long that it reads it; retry the query",
            data_->database, data_->lsn);
}

Transaction::Transaction(CommitLog & log, TxnId id, int64_t begun_ms, std::string database_prefix)
    : log_(&log), id_(id), begun_ms_(begun_ms), database_(std::move(database_prefix))
{
}

Transaction::~Transaction()
{
    if (log_)
        log_->abandon(id_);
}

Transaction::Transaction(Transaction && other) noexcept
    : log_(std::exchange(other.log_, nullptr)), id_(other.id_), begun_ms_(other.begun_ms_), database_(std::move(other.database_))
{
}

Transaction & Transaction::operator=(Transaction && other) noexcept
{
    if (this != &other)
    {
        if (log_)
            log_->abandon(id_);
        log_ = std::exchange(other.log_, nullptr);
        id_ = other.id_;
        begun_ms_ = other.begun_ms_;
        database_ = std::move(other.database_);
    }
    return *this;
}

std::string Transaction::partKey(const Uuid & table, const Uuid & part) const
{
    return fmt::format("parts/{:02x}/{}/{}/{}-{}-{}.part", part.low & 0xff, database_, table.toString(), part.toString(), id_.epoch, id_.number);
}

std::string Transaction::commitRecord(EntryBody body) const
{
    LogEntry entry;
    entry.id = id_;
    entry.time_ms = begun_ms_;
    entry.body = std::move(body);
    return encodeEntry(entry);
}

}
