#include "merging/mergeParts.h"

#include "merging/SharedDictionaries.h"

#include <algorithm>
#include <ranges>

namespace mangrove
{

namespace
{

/// Rows read from a part at a time: few enough that all parts' blocks fit, whole granules.
constexpr uint64_t rows_in_memory = 256 << 10;

class PartSource final : public BlockSource
{
public:
    PartSource(PartReaderPtr part, ReadColumns columns, std::vector<RowRange> ranges, bool keep_dictionary,
        uint64_t block_rows)
        : part_(std::move(part)),
          columns_(std::move(columns)),
          ranges_(std::move(ranges)),
          keep_dictionary_(keep_dictionary),
          block_rows_(block_rows)
    {
    }

    std::optional<Block> next() override
    {
        while (range_ < ranges_.size() && ranges_[range_].begin >= ranges_[range_].end)
            ++range_;
        if (range_ == ranges_.size())
            return std::nullopt;
        RowRange & range = ranges_[range_];
        /// Up to the end of a granule, so that the next read begins with one.
        uint64_t granule = part_->granuleRows();
        uint64_t end = std::min(range.end, (range.begin + std::max(block_rows_, granule)) / granule * granule);
        RowRange rows{range.begin, end > range.begin ? end : range.end};
        range.begin = rows.end;
        return part_->read(columns_, rows, {keep_dictionary_});
    }

private:
    PartReaderPtr part_;
    ReadColumns columns_;
    std::vector<RowRange> ranges_;
    size_t range_ = 0;
    bool keep_dictionary_;
    uint64_t block_rows_;
};

/// A part's rows as the merge wants them: codes translated, missing columns added, progress told.
class MergeSource final : public BlockSource
{
public:
    MergeSource(BlockSourcePtr part, const PartMergeTask & task, const SharedDictionaries & dictionaries, size_t number,
        uint64_t & rows_read)
        : part_(std::move(part)), task_(task), dictionaries_(dictionaries), number_(number), rows_read_(rows_read)
    {
    }

    std::optional<Block> next() override
    {
        auto block = part_->next();
        if (!block)
            return std::nullopt;
        rows_read_ += block->rows();
        if (task_.progress)
            task_.progress(rows_read_);
        Block translated = dictionaries_.translate(std::move(*block), number_);
        return task_.complete ? task_.complete(std::move(translated)) : translated;
    }

private:
    BlockSourcePtr part_;
    const PartMergeTask & task_;
    const SharedDictionaries & dictionaries_;
    size_t number_;
    uint64_t & rows_read_;
};

}

BlockSourcePtr makePartSource(
    PartReaderPtr part, ReadColumns columns, std::vector<RowRange> ranges, bool keep_dictionary)
{
    uint64_t block_rows = part->granuleRows();
    return std::make_unique<PartSource>(
        std::move(part), std::move(columns), std::move(ranges), keep_dictionary, block_rows);
}

std::optional<WrittenPart> mergeParts(PartMergeTask task)
{
    auto holds = [&](size_t part, const std::string & column)
    { return task.parts[part]->hasColumn(column) && (!task.holds || task.holds(part, column)); };
    std::vector<PartColumn> in_all;
    for (const auto & column : task.write.columns)
        if (std::ranges::all_of(std::views::iota(size_t(0), task.parts.size()), [&](size_t part) { return holds(part, column.name); }))
            in_all.push_back(column);
    SharedDictionaries dictionaries(task.parts, in_all, task.merge.sort_key);
    uint64_t rows_read = 0;
    uint64_t block_rows = rows_in_memory / std::max<size_t>(1, task.parts.size());
    std::vector<BlockSourcePtr> sources;
    for (size_t i = 0; i < task.parts.size(); ++i)
    {
        ReadColumns columns;
        for (const auto & column : task.write.columns)
            if (holds(i, column.name))
                columns.emplace_back(column.name);
        auto part = std::make_unique<PartSource>(
            task.parts[i], std::move(columns), std::vector<RowRange>{{0, task.parts[i]->rows()}}, true, block_rows);
        sources.push_back(std::make_unique<MergeSource>(std::move(part), task, dictionaries, i, rows_read));
    }
    MergeIterator merged(std::move(sources), task.merge);
    PartWriter writer(task.write);
    while (auto block = merged.next())
        writer.write(*block);
    if (writer.rows() == 0)
        return std::nullopt;
    return writer.finish();
}

}
