#pragma once
// What the fuzz targets share: input that arrives in small windows, and seeds. A target that can make its own seeds
// (`x_fuzz --seeds=DIRECTORY`; libFuzzer leaves flags with two dashes alone) writes one file each and exits. Used by one
// thread.

#include "io/ReadBuffer.h"

#include <cstdlib>
#include <fstream>

namespace mangrove
{

class WindowedBuffer final : public ReadBuffer
{
public:
    WindowedBuffer(std::string_view bytes, size_t step) : bytes_(bytes), step_(step) { }

private:
    bool refill() override
    {
        if (bytes_.empty())
            return false;
        window_ = bytes_.substr(0, step_);
        bytes_.remove_prefix(window_.size());
        setWindow(window_.data(), window_.data() + window_.size());
        return true;
    }

    std::string_view bytes_;
    size_t step_;
    std::string window_;
};

/// Small windows, where tokens are cut, or all at once.
inline size_t windowBytes(uint8_t choice)
{
    return choice < 16 ? choice + 1 : 1 << 20;
}

class SeedWriter
{
public:
    SeedWriter(int argc, char ** argv)
    {
        constexpr std::string_view flag = "--seeds=";
        for (int i = 1; i < argc; ++i)
            if (std::string_view argument = argv[i]; argument.starts_with(flag))
                directory_ = argument.substr(flag.size());
    }
    /// Were seeds asked for? Then write() them and exit.
    bool wanted() const { return !directory_.empty(); }
    void write(std::string_view bytes)
    {
        std::ofstream(directory_ + "/seed-" + std::to_string(count_++), std::ios::binary) << bytes;
    }

private:
    std::string directory_;
    size_t count_ = 0;
};

}
