// Any bytes as a statement: the parser must not crash, must refuse with an Exception and nothing else, and what
// it accepts must print to text that parses to the same print. Splitting a script must cover it without overlap.

#include "base/Exception.h"
#include "sql/AstPrinter.h"
#include "sql/Parser.h"

#include <cstdio>
#include <cstdlib>

using namespace mangrove;

namespace
{

[[noreturn]] void fail(const char * what, const std::string & first, const std::string & second)
{
    std::fprintf(stderr, "%s\n  %s\n  %s\n", what, first.c_str(), second.c_str());
    std::abort();
}

void checkPrint(const Statement & statement, const ParserLimits & limits)
{
    if (statement.as<RefusedQuery>() || statement.as<TransactionQuery>() || statement.as<SystemQuery>())
        return;    /// kept by name only
    std::string printed = formatAst(statement);
    try
    {
        std::string again = formatAst(parseStatement(printed, limits));
        if (again != printed)
            fail("the print of a print differs", printed, again);
    }
    catch (const Exception & e)
    {
        fail("a print does not parse", printed, e.message());
    }
    if (const auto * create = statement.as<CreateQuery>())
        parseStatement(prettyCreate(*create), limits);
}

void checkSplit(std::string_view text)
{
    const char * end = text.data();
    for (std::string_view statement : splitStatements(text))
    {
        if (statement.empty() || statement.data() < end || statement.data() + statement.size() > text.data() + text.size())
            fail("a statement overlaps or is outside", std::string(text), std::string(statement));
        end = statement.data() + statement.size();
    }
}

}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t * data, size_t size)
{
    std::string_view text(reinterpret_cast<const char *>(data), size);
    ParserLimits limits;
    limits.depth_max = 200;
    limits.elements_max = 5000;
    /// Brackets that the printer adds count as depth.
    ParserLimits wider;
    wider.depth_max = 1000;
    wider.elements_max = 50000;
    checkSplit(text);
    try
    {
        Statement statement = parseStatement(text, limits);
        checkPrint(statement, wider);
        if (const auto * select = statement.as<SelectPtr>(); select && (*select)->select)
            for (const ExprPtr & column : (*select)->select->columns)
                columnName(*column);
    }
    catch (const Exception &)
    {
    }
    return 0;
}
