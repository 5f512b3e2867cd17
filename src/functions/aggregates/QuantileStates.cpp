#include "functions/aggregates/QuantileStates.h"

#include <algorithm>

namespace mangrove
{

void ReservoirSample::merge(const ReservoirSample & other)
{
    if (samples_.size() + other.samples_.size() <= samples_max)
    {
        samples_.insert(samples_.end(), other.samples_.begin(), other.samples_.end());
        total_ += other.total_;
        sorted_ = false;
        return;
    }
    if (other.total_ == other.samples_.size())
    {
        for (double x : other.samples_)
            add(x);
        return;
    }
    /// Each place goes to the side in proportion to the rows that the side stands for.
    const uint64_t both = total_ + other.total_;
    std::vector<double> mixed(samples_max);
    for (double & x : mixed)
    {
        const std::vector<double> & side = random() % both < total_ ? samples_ : other.samples_;
        x = side[random() % side.size()];
    }
    samples_ = std::move(mixed);
    total_ = both;
    sorted_ = false;
}

double ReservoirSample::quantile(double level)
{
    if (samples_.empty())
        return std::numeric_limits<double>::quiet_NaN();
    if (!sorted_)
        std::sort(samples_.begin(), samples_.end());
    sorted_ = true;
    double last = static_cast<double>(samples_.size()) - 1;
    double index = std::max(0.0, std::min(last, level * last));
    size_t left = static_cast<size_t>(index);
    if (left + 1 == samples_.size())
        return samples_[left];
    return samples_[left] * (static_cast<double>(left + 1) - index)
        + samples_[left + 1] * (index - static_cast<double>(left));
}

void ReservoirSample::write(WriteBuffer & out) const
{
    out.writeVarUInt(total_);
    out.writeVarUInt(samples_.size());
    out.write(samples_.data(), samples_.size() * sizeof(double));
}

void ReservoirSample::read(ReadBuffer & in)
{
    *this = ReservoirSample{};
    total_ = in.readVarUInt();
    size_t size = readStateSize(in);
    if (size > samples_max || size > total_)
        throw Exception(ErrorCode::INCORRECT_DATA, "A quantile state of {} samples is broken", size);
    samples_.resize(size);
    in.readExactly(samples_.data(), size * sizeof(double));
}

void TDigest::merge(const TDigest & other)
{
    for (const Centroid & centroid : other.centroids_)
        addCentroid(centroid);
}

/// Joins neighbours while the joint weight stays below 4·n·epsilon·q·(1−q).
void TDigest::compressPairs()
{
    std::stable_sort(centroids_.begin(), centroids_.end(),
        [](const Centroid & a, const Centroid & b) { return a.mean < b.mean; });
    const double limit = static_cast<double>(count_) * epsilon * 4;
    size_t left = 0;
    double sum = 0;
    double mean = centroids_[0].mean;
    double count = centroids_[0].count;
    auto joinable = [](double a, double b) { return a == b || (!std::isinf(a) && !std::isinf(b)); };
    for (size_t right = 1; right < centroids_.size(); ++right)
    {
        const Centroid next = centroids_[right];
        double q_left = (sum + count * 0.5) / count_;
        double q_right = (sum + count + next.count * 0.5) / count_;
        double error = std::min(q_left * (1 - q_left), q_right * (1 - q_right));
        if (count + next.count <= limit * error && joinable(mean, next.mean))
        {
            count += next.count;
            if (next.mean != mean)
                mean += next.count * (next.mean - mean) / count;
            centroids_[left] = {static_cast<float>(mean), static_cast<float>(count)};
        }
        else
        {
            sum += centroids_[left].count;
            centroids_[++left] = next;
            mean = next.mean;
            count = next.count;
        }
    }
    count_ = static_cast<float>(sum + count);
    centroids_.resize(left + 1);
    unmerged_ = 0;
}

/// Still too many: joins them in equal batches.
void TDigest::compressBatches()
{
    if (centroids_.size() <= centroids_max)
        return;
    const size_t batch = (centroids_.size() + centroids_max - 1) / centroids_max;
    size_t left = 0;
    size_t in_batch = 0;
    double sum = 0;
    double mean = centroids_[0].mean;
    double count = centroids_[0].count;
    for (size_t right = 1; right < centroids_.size(); ++right)
    {
        const Centroid next = centroids_[right];
        if (in_batch < batch - 1)
        {
            count += next.count;
            if (next.mean != mean)
                mean += next.count * (next.mean - mean) / count;
            centroids_[left] = {static_cast<float>(mean), static_cast<float>(count)};
            ++in_batch;
        }
        else
        {
            if (!std::isnan(centroids_[left].mean))
                sum += centroids_[left++].count;
            centroids_[left] = next;
            mean = next.mean;
            count = next.count;
            in_batch = 0;
        }
    }
    if (!std::isnan(centroids_[left].mean))
    {
        count_ = static_cast<float>(sum + count);
        ++left;
    }
    else
        count_ = static_cast<float>(sum);
    centroids_.resize(left);
}

void TDigest::compress()
{
    if (unmerged_ > 0 || centroids_.size() > centroids_max)
        compressPairs();
    compressBatches();
}

float TDigest::quantile(double level)
{
    if (centroids_.empty())
        return std::numeric_limits<float>::quiet_NaN();
    compress();
    if (centroids_.size() == 1)
        return centroids_[0].mean;
    const double x = level * count_;
    double previous_x = 0;
    float sum = 0;
    float previous_mean = centroids_[0].mean;
    float previous_count = centroids_[0].count;
    for (const Centroid & centroid : centroids_)
    {
        double current_x = sum + centroid.count * 0.5;
        if (current_x >= x)
        {
            /// A centroid of one value is that value, not a range around it.
            double left = previous_x + 0.5 * (previous_count == 1);
            double right = current_x - 0.5 * (centroid.count == 1);
            if (x <= left)
                return previous_mean;
            if (x >= right)
                return centroid.mean;
            float x32 = static_cast<float>(x);
            float left32 = static_cast<float>(left);
            double k = (static_cast<double>(x32) - left32) / (static_cast<float>(right) - left32);
            return static_cast<float>((1 - k) * previous_mean + k * centroid.mean);
        }
        sum += centroid.count;
        previous_mean = centroid.mean;
        previous_count = centroid.count;
        previous_x = current_x;
    }
    return centroids_.back().mean;
}

void TDigest::write(WriteBuffer & out) const
{
    TDigest compressed = *this;
    if (!compressed.centroids_.empty())
        compressed.compress();
    out.writeVarUInt(compressed.centroids_.size());
    out.write(compressed.centroids_.data(), compressed.centroids_.size() * sizeof(Centroid));
}

void TDigest::read(ReadBuffer & in)
{
    *this = TDigest{};
    size_t size = readStateSize(in);
    if (size > centroids_max)
        throw Exception(ErrorCode::INCORRECT_DATA, "A t-digest of {} centroids is broken", size);
    centroids_.resize(size);
    in.readExactly(centroids_.data(), size * sizeof(Centroid));
    for (const Centroid & centroid : centroids_)
    {
        if (!(centroid.count > 0) || std::isnan(centroid.mean))
            throw Exception(ErrorCode::INCORRECT_DATA, "A t-digest with an invalid centroid is broken");
        count_ += centroid.count;
    }
}

}
