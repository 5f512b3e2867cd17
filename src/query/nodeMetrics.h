#pragma once
// What a node measures of itself, by ClickHouse's names: metrics are as of now (system.metrics), events count since the
// start (system.events). prometheusText() has both, for GET /metrics. Thread-safe.

#include "query/Node.h"

#include <string>
#include <vector>

namespace mangrove
{

struct NodeMetric
{
    std::string name;
    int64_t value;
    std::string description;
};

struct NodeEvent
{
    std::string name;
    uint64_t value;
    std::string description;
};

/// As ClickHouse names them, whatever the objects are on: a folder is counted as the bucket it stands for.
std::vector<NodeEvent> requestEvents(const ObjectStoreCounters & objects);
std::vector<NodeMetric> nodeMetrics(Node & node);
std::vector<NodeEvent> nodeEvents(Node & node);
/// The text format of Prometheus 0.0.4, named as ClickHouse's own endpoint names them.
std::string prometheusText(Node & node);

}
