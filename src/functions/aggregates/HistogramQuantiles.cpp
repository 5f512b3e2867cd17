// The states of quantileTiming and quantileBFloat16. See QuantileStates.h.

#include "functions/aggregates/QuantileStates.h"
#include "io/CityHash.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace mangrove
{

void TimingQuantile::addValue(uint64_t x, uint64_t weight)
{
    x = std::min(x, value_max);
    if (weight != 1 && !histogram_ && (weight >= exact_weight_max || values_.size() + weight > exact_weight_max))
        makeHistogram();
    if (!histogram_ && values_.size() + weight > exact_max)
        makeHistogram();
    if (histogram_)
        addToHistogram(x, weight);
    else
        values_.insert(values_.end(), weight, static_cast<uint16_t>(x));
}

void TimingQuantile::addToHistogram(uint64_t x, uint64_t weight)
{
    histogram_->total += weight;
    if (x < value_max)
        histogram_->counts[x < small_max ? x : small_max + (x - small_max) / step] += weight;
}

void TimingQuantile::makeHistogram()
{
    histogram_ = std::make_unique<Histogram>();
    for (uint16_t x : values_)
        addToHistogram(x, 1);
    values_ = {};
}

void TimingQuantile::merge(const TimingQuantile & other)
{
    for (uint16_t x : other.values_)
        addValue(x, 1);
    if (!other.histogram_)
        return;
    if (!histogram_)
        makeHistogram();
    for (size_t i = 0; i < buckets; ++i)
        histogram_->counts[i] += other.histogram_->counts[i];
    histogram_->total += other.histogram_->total;
}

float TimingQuantile::quantile(double level)
{
    if (!histogram_)
    {
        if (values_.empty())
            return std::numeric_limits<float>::quiet_NaN();
        size_t n = level < 1 ? static_cast<size_t>(level * static_cast<double>(values_.size())) : values_.size() - 1;
        std::nth_element(values_.begin(), values_.begin() + n, values_.end());
        return values_[n];
    }
    auto position = static_cast<uint64_t>(std::ceil(level * static_cast<double>(histogram_->total)));
    uint64_t before = 0;
    for (uint64_t i = 0; i < buckets; ++i)
    {
        before += histogram_->counts[i];
        if (!histogram_->counts[i] || before < position)
            continue;
        if (i < small_max)
            return static_cast<float>(i);
        /// A fixed place in the bucket that hides the steps, as ClickHouse does it.
        uint64_t big = i - small_max;
        return static_cast<float>(static_cast<int64_t>(small_max + big * step + intHash32(big) % step) - static_cast<int64_t>(step / 2));
    }
    return value_max;
}

void TimingQuantile::write(WriteBuffer & out) const
{
    out.writeVarUInt(values_.size());
    out.write(values_.data(), values_.size() * sizeof(uint16_t));
    out.writeVarUInt(histogram_ ? 1 : 0);
    if (!histogram_)
        return;
    out.writeVarUInt(histogram_->total);
    for (uint64_t count : histogram_->counts)
        out.writeVarUInt(count);
}

void TimingQuantile::read(ReadBuffer & in)
{
    size_t size = readStateSize(in);
    if (size > exact_max)
        throw Exception(ErrorCode::INCORRECT_DATA, "A state of quantileTiming has {} exact values, at most {} are allowed", size, exact_max);
    values_.clear();
    for (size_t i = 0; i < size; ++i)
        values_.push_back(in.readPod<uint16_t>());
    histogram_.reset();
    if (in.readVarUInt())
    {
        histogram_ = std::make_unique<Histogram>();
        histogram_->total = in.readVarUInt();
        for (uint64_t & count : histogram_->counts)
            count = in.readVarUInt();
    }
}

void BFloat16Quantile::add(double x, uint64_t weight)
{
    if (x == x)
        counts_[static_cast<uint16_t>(std::bit_cast<uint32_t>(static_cast<float>(x)) >> 16)] += weight;
}

void BFloat16Quantile::merge(const BFloat16Quantile & other)
{
    for (const auto & [key, count] : other.counts_)
        counts_[key] += count;
}

double BFloat16Quantile::quantile(double level) const
{
    std::vector<std::pair<float, double>> sorted;
    double total = 0, before = 0;
    for (const auto & [key, count] : counts_)
    {
        sorted.emplace_back(std::bit_cast<float>(static_cast<uint32_t>(key) << 16), static_cast<double>(count));
        total += static_cast<double>(count);
    }
    if (sorted.empty())
        return std::numeric_limits<double>::quiet_NaN();
    std::sort(sorted.begin(), sorted.end());
    for (const auto & [value, count] : sorted)
    {
        before += count;
        if (before >= total * level)
            return value;
    }
    return sorted.back().first;
}

void BFloat16Quantile::write(WriteBuffer & out) const
{
    out.writeVarUInt(counts_.size());
    for (const auto & [key, count] : counts_)
    {
        out.writePod(key);
        out.writeVarUInt(count);
    }
}

void BFloat16Quantile::read(ReadBuffer & in)
{
    counts_.clear();
    for (size_t size = readStateSize(in); size; --size)
    {
        auto key = in.readPod<uint16_t>();
        counts_[key] += in.readVarUInt();
    }
}

}
