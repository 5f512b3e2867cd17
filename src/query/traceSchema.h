#pragma once
// The tables that every node makes at its start if they are not there: spans, span_index and the view between them.
// OTLP writes to `spans`; the view fills `span_index` in the same commit.

#include "query/Node.h"

namespace mangrove
{

void createTraceSchema(Node & node);

}
