#pragma once
// What the quantile functions with a bounded state remember: a reservoir sample (exact up to 8192 values), a t-digest, a
// histogram of milliseconds, or counts by BFloat16. Resolution, interpolation and, for the digest, the merging rule are
// ClickHouse's, so that results are equal. Result is the type of the answer.

#include "functions/aggregates/AggregateBase.h"

#include <array>

#include <memory>
#include <unordered_map>

namespace mangrove
{

/// Uniform sample of at most 8192 values (Vitter, algorithm R) with a fixed seed: deterministic for one order of rows.
class ReservoirSample
{
public:
    using Result = double;
    void add(double x)
    {
        if (x != x)
            return;
        ++total_;
        sorted_ = false;
        if (samples_.size() < samples_max)
            samples_.push_back(x);
        else if (uint64_t position = random() % total_; position < samples_max)
            samples_[position] = x;
    }
    void merge(const ReservoirSample & other);
    double quantile(double level);
    bool empty() const { return samples_.empty(); }
    void write(WriteBuffer & out) const;
    void read(ReadBuffer & in);

private:
    static constexpr size_t samples_max = 8192;
    uint64_t random()
    {
        random_ ^= random_ << 13;
        random_ ^= random_ >> 7;
        random_ ^= random_ << 17;
        return random_;
    }

    std::vector<double> samples_;
    uint64_t total_ = 0;
    uint64_t random_ = 0x9e3779b97f4a7c15ULL;
    bool sorted_ = false;
};

/// Dunning's t-digest in ClickHouse's variant: epsilon 0.01, at most 2048 centroids of Float32, sums in
/// double.
class TDigest
{
public:
    using Result = float;
    void add(float x, uint64_t weight = 1)
    {
        if (x != x || weight == 0)
            return;
        addCentroid({x, static_cast<float>(weight)});
    }
    void merge(const TDigest & other);
    float quantile(double level);
    void write(WriteBuffer & out) const;
    void read(ReadBuffer & in);

private:
    struct Centroid
    {
        float mean;
        float count;
    };
    static constexpr float epsilon = 0.01f;
    static constexpr size_t centroids_max = 2048;
    static constexpr size_t unmerged_max = 2048;

    void addCentroid(Centroid centroid)
    {
        centroids_.push_back(centroid);
        count_ += centroid.count;
        if (++unmerged_ > unmerged_max)
            compress();
    }
    void compress();
    void compressPairs();
    void compressBatches();

    std::vector<Centroid> centroids_;
    float count_ = 0;
    size_t unmerged_ = 0;
};

/// For response times in milliseconds: exact up to 5672 values, then exact below 1024 and in steps of 16 up to 30,000,
/// where everything longer counts. Negative values are left out.
class TimingQuantile
{
public:
    using Result = float;
    template <typename T>
    void add(T x, uint64_t weight = 1)
    {
        if (x >= T{} && static_cast<double>(x) <= 9.2e18)
            addValue(static_cast<uint64_t>(x), weight);
    }
    void merge(const TimingQuantile & other);
    float quantile(double level);
    void write(WriteBuffer & out) const;
    void read(ReadBuffer & in);

private:
    static constexpr uint64_t value_max = 30000, small_max = 1024, step = 16;
    static constexpr size_t exact_max = 5672;    /// values
    static constexpr size_t exact_weight_max = 31;
    static constexpr size_t buckets = small_max + (value_max - small_max + step - 1) / step;
    struct Histogram
    {
        uint64_t total = 0;    /// with those of value_max, which have no bucket
        std::array<uint64_t, buckets> counts{};
    };

    void addValue(uint64_t x, uint64_t weight);
    void addToHistogram(uint64_t x, uint64_t weight);
    void makeHistogram();

    std::vector<uint16_t> values_;    /// until there is a histogram
    std::unique_ptr<Histogram> histogram_;
};

/// Counts by the upper 16 bits of a Float32: a relative error below 1 %.
class BFloat16Quantile
{
public:
    using Result = double;
    void add(double x, uint64_t weight = 1);
    void merge(const BFloat16Quantile & other);
    double quantile(double level) const;
    void write(WriteBuffer & out) const;
    void read(ReadBuffer & in);

private:
    std::unordered_map<uint16_t, uint64_t> counts_;
};

}
