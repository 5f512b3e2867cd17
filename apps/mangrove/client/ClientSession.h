#pragma once
// Asks one node for one person or one script: `mangrove client`, and `mangrove local` against a node of its own.
// Results go to stdout, everything about them to stderr.

#include "ClientOptions.h"

namespace mangrove
{

/// The queries of the options, else statements from stdin, else a conversation. Returns the exit code: 0, or the low
/// byte of the first error's code.
int runClientSession(const ClientOptions & options);

}
