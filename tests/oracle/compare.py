#!/usr/bin/env python3
"""Asks Mangrove and ClickHouse (chdb) the same random queries over the same small tables and compares the answers.

    compare.py --server build/release/mangrove [--queries 500] [--seed 1] [--only NUMBER] [--failures 10]

A query is a function of (seed, number): `--seed S --only N` repeats one. Names, types and rows must be equal; numbers
with a fraction within 1e-7 (sums of floats depend on the order of rows). An error on both sides agrees (other codes are counted apart); what Mangrove refuses as
unknown or not implemented is counted by name and must stay below 5 %.
"""

import argparse
import collections
import http.client
import math
import pathlib
import re
import sys
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE / "random"), str(HERE.parent / "sql")]

import chdb  # noqa: E402
import queries  # noqa: E402
import run as sql_tests  # noqa: E402
import tables  # noqa: E402

UNKNOWN_FUNCTION, NOT_IMPLEMENTED, UNKNOWN_AGGREGATE_FUNCTION, NO_COMMON_TYPE, ILLEGAL_DIVISION = 46, 48, 63, 386, 153
REFUSALS = (UNKNOWN_FUNCTION, NOT_IMPLEMENTED, UNKNOWN_AGGREGATE_FUNCTION)
REFUSED_MAX = 0.05
REFERENCE_BUGS = {153: "it computes what a condition beside it excludes", 10: "its optimizer loses a column", 47: "its analyzer loses an alias"}
# Rewritings of ClickHouse that change answers: min(x + 1) of no rows, count(if(NULL, …)), NaN under ORDER BY … LIMIT.
REFERENCE_SETTINGS = ("optimize_arithmetic_operations_in_aggregate_functions", "optimize_rewrite_aggregate_function_with_if",
                      "use_top_k_dynamic_filtering")
DATABASE = "compare"
FORMAT = " FORMAT TabSeparatedWithNamesAndTypes"
NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|nan|inf)")


class Answer:
    def __init__(self, text, code):
        self.code, self.text = code, text
        lines = text.split("\n")
        self.head, self.rows = (lines + [""])[:2], lines[2:]


def ask_reference(connection, sql):
    try:
        return Answer(connection.query(sql).decode("utf-8", "surrogateescape"), 0)
    except chdb.OracleError as error:
        connection.query("SELECT 1")  # takes what the failed query has printed already
        return Answer(str(error), error.code or -1)


def number_equal(a, b):
    if a == b:
        return True
    integers = "." not in a + b and "e" not in a + b and "0" not in (a.strip("-"), b.strip("-"))
    if integers and min(len(a), len(b)) < 17:  # a Float64 of that many digits is printed as an integer
        return False
    x, y = float(a), float(b)
    return math.isclose(x, y, rel_tol=1e-14 if integers else 1e-7, abs_tol=0 if integers else 1e-7) or (math.isnan(x) and math.isnan(y))


def row_equal(a, b):
    if a == b:
        return True
    if NUMBER.sub("#", a) != NUMBER.sub("#", b):
        return False
    return all(number_equal(x, y) for x, y in zip(NUMBER.findall(a), NUMBER.findall(b)))


def rounded(row):
    return NUMBER.sub(lambda n: f"{float(n.group()) + 0.0:.6g}", row), row


def difference(sql, got, want, ordered):
    """None when the answers agree, else what differs."""
    if "WITH TOTALS" in sql:  # ClickHouse prints the totals of no rows before the names
        got, want = Answer("\n".join(sorted(got.text.split("\n"))), 0), Answer("\n".join(sorted(want.text.split("\n"))), 0)
        return None if len(got.rows) == len(want.rows) and all(map(row_equal, got.head + got.rows, want.head + want.rows)) else "rows"
    if got.head != want.head:
        return "names or types"
    if len(got.rows) != len(want.rows):
        return "number of rows"
    a, b = (got.rows, want.rows) if ordered else (sorted(got.rows, key=rounded), sorted(want.rows, key=rounded))
    return None if all(map(row_equal, a, b)) else "rows"


def refusal(sql, got, want):
    """What Mangrove does not have (docs/differences.md), as a reason to count, or None."""
    if got.code in REFUSALS and want.code != got.code:
        return re.sub(r"^Code: \d+\. DB::Exception: ", "", got.text)[:70]
    if got.code == ILLEGAL_DIVISION and not want.code and " JOIN " in sql:
        return "a condition on one side of a join is computed before one on the other"
    if want.code in REFERENCE_BUGS and not got.code:
        return f"in ClickHouse an error: {REFERENCE_BUGS[want.code]}"
    if got.code == NO_COMMON_TYPE and not want.code:
        return "Variant as a common type"
    return None


def excerpt(answer, other, ordered):
    if answer.code:
        return answer.text.strip()[:500]
    if ordered or other.code:
        first = next((i for i, (x, y) in enumerate(zip(answer.rows, other.rows)) if not row_equal(x, y)), 0)
        shown = answer.rows[first : first + 3]
    else:
        rest = collections.Counter(answer.rows) - collections.Counter(other.rows)
        shown = sorted(rest)[:3]
    return "\n".join([f"({len(answer.rows) - 1} rows) " + " | ".join(answer.head)] + [repr(row)[:300] for row in shown])


def fill(server, connection, seed):
    server.query(f"CREATE DATABASE {DATABASE}")
    for setting in REFERENCE_SETTINGS:
        connection.query(f"SET {setting} = 0")
    for sql, body in tables.statements(seed):
        if body is None:
            connection.query(sql)
        else:
            statement, format = sql.split(" FORMAT ")
            connection.insert(statement, format, [body])
        answer, code = server.query(sql, body=body, database=DATABASE)
        if code:
            raise SystemExit(f"Mangrove refused {sql[:100]}: {answer}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True)
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="one query, with both answers")
    parser.add_argument("--failures", type=int, default=10, help="how many differences to print")
    options = parser.parse_args()

    counts, refused, codes = collections.Counter(), collections.Counter(), collections.Counter()
    server = sql_tests.Server(options.server)
    connection = chdb.Connection()
    try:
        fill(server, connection, options.seed)
        numbers = [options.only] if options.only is not None else range(options.queries)
        for number in numbers:
            query = queries.query(options.seed, number)
            want = ask_reference(connection, query.sql + FORMAT)
            try:
                got = Answer(*server.query(query.sql + FORMAT, database=DATABASE))
            except http.client.IncompleteRead as error:  # an exception after the first rows
                code = re.findall(r"Code: (\d+)", error.partial.decode("utf-8", "replace"))
                got = Answer(error.partial.decode("utf-8", "replace")[-500:], int(code[-1]) if code else -1)
            except OSError as error:
                raise SystemExit(f"the server died of --seed {options.seed} --only {number}: {error}\n{query.sql}")
            if options.only is not None:
                print(query.sql, "\n-- Mangrove\n", got.text, "\n-- ClickHouse\n", want.text, sep="")
            reason = refusal(query.sql, got, want)
            if reason:
                counts["refused"] += 1
                refused[reason] += 1
                continue
            if got.code and want.code:
                counts["agreed"] += 1
                counts["errors"] += 1
                codes[(got.code, want.code)] += got.code != want.code
                continue
            what = "an error on one side" if got.code or want.code else difference(query.sql, got, want, query.ordered)
            if what is None:
                counts["agreed"] += 1
                continue
            counts["differences"] += 1
            if counts["differences"] <= options.failures:
                print(f"\nDIFFERENT ({what}) --seed {options.seed} --only {number}\n{query.sql}\n-- Mangrove: "
                      f"{excerpt(got, want, query.ordered)}\n-- ClickHouse: {excerpt(want, got, query.ordered)}", flush=True)
    finally:
        connection.close()
        server.stop()
    for text, count in refused.most_common(20):
        print(f"refused {count:5} {text}")
    for (ours, theirs), count in codes.most_common(10):
        if count:
            print(f"error code {ours}, ClickHouse {theirs}: {count}")
    print(f"compare: {len(numbers)} queries, {counts['agreed']} agreed ({counts['errors']} of them errors), "
          f"{counts['refused']} refused, {counts['differences']} differences")
    return counts["differences"] > 0 or counts["refused"] > REFUSED_MAX * max(len(numbers), 20)


if __name__ == "__main__":
    sys.exit(main())
