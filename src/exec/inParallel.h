#pragma once
// Runs task(0) … task(count - 1) on up to as many threads as the query may use, this one included; the first exception is
// thrown here when all have ended. For operators; called on a thread of the query.

#include "exec/QueryContext.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <vector>

namespace mangrove
{

template <typename Task>
void inParallel(size_t count, QueryContext & context, Task && task)
{
    std::vector<std::exception_ptr> errors(count);
    std::atomic<size_t> next{0};
    auto work = [&]
    {
        for (size_t i; (i = next++) < count;)
        {
            try
            {
                task(i);
            }
            catch (...)
            {
                errors[i] = std::current_exception();
            }
        }
    };
    {
        std::vector<std::jthread> threads;
        for (size_t thread = 1; thread < std::min(count, context.threads); ++thread)
            threads.emplace_back([&]
            {
                WorkScope scope(context);
                work();
            });
        work();
    }
    for (auto & error : errors)
        if (error)
            std::rethrow_exception(error);
}

}
