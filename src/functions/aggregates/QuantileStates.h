#pragma once
// What the quantile functions remember: a reservoir sample (exact up to 8192 values), all values, or a t-digest.
// Interpolation and, for the digest, the merging rule are ClickHouse's, so that results are equal.

#include "functions/aggregates/AggregateBase.h"

namespace mangrove
{

/// Uniform sample of at most 8192 values (Vitter, algorithm R) with a fixed seed: deterministic for one order of rows.
class ReservoirSample
{
public:
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
    void add(float x)
    {
        if (x != x)
            return;
        addCentroid({x, 1});
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

}
