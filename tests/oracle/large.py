#!/usr/bin/env python3
"""Queries over tables of a size at which other code runs: two-level aggregation, states of several workers, radix sorts,
hash tables that grow, top rows with thresholds, parts with dictionaries of their own, merges of overlapping parts.

    large.py --server build/release/mangrove [--rows 600000] [--only QUERY]

Both engines make the same rows from `number`. Each query is asked of ClickHouse once, and of Mangrove as it is, with one
thread, and with small blocks and threads that do not divide them: four equal answers. Answers are ordered or summed
hashes; where ClickHouse may choose among rows, none of them is asked for.
"""

import argparse
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "sql")]

import run as sql_tests  # noqa: E402

PARTS = 5
WAYS = ("", " SETTINGS max_threads = 1", " SETTINGS max_threads = 3, max_block_size = 1000")

CREATE = """CREATE TABLE {name} (n UInt64, i Int32, s UInt16, t DateTime64(6, 'UTC'), g String, lc LowCardinality(String),
    nn Nullable(Int64), ln LowCardinality(Nullable(String)), f Float64, u UInt128, a Array(UInt16), m Map(String, UInt32))
    ENGINE = {engine} ORDER BY {key}"""
# Each part has names of its own among those that all share.
ROWS = """SELECT number, toInt32(cityHash64(number) % 100000) - 50000, toUInt16(cityHash64(number, 1) % 500),
    toDateTime64('2024-01-01 00:00:00', 6, 'UTC') + toIntervalMicrosecond(cityHash64(number, 2) % 86400000000),
    toString(cityHash64(number, 3) % 1000), concat(if(cityHash64(number, 4) % 2, '{part}-', ''), toString(cityHash64(number, 5) % 300)),
    if(cityHash64(number, 6) % 7 = 0, NULL, toInt64(cityHash64(number, 7) % 1000)),
    if(cityHash64(number, 8) % 5 = 0, NULL, toString(cityHash64(number, 9) % 50)),
    toFloat64(cityHash64(number, 10) % 10000) / 8, toUInt128(cityHash64(number, 11)) * 1000000007,
    arrayMap(x -> toUInt16(cityHash64(number, x) % 100), range(cityHash64(number, 12) % 4)),
    map(concat('k', toString(cityHash64(number, 13) % 200)), toUInt32(number % 1000), 'all', toUInt32(cityHash64(number, 14) % 10))"""


def queries(rows):
    half, third = rows // 2, rows // 3
    for order in ("i", "i DESC", "s, i", "s DESC, t", "lc, t", "lc DESC, i", "t", "t DESC", "nn", "nn DESC NULLS FIRST", "ln, s", "f DESC, s", "u", "u DESC",
                  "g, s DESC", "s, lc, i DESC", "a, i", "i, s, lc, t"):
        ordered = f"SELECT n, s, lc FROM large ORDER BY {order}, n"
        yield f"SELECT cityHash64(groupArray((n, s, lc))) FROM ({ordered})"
        yield f"SELECT cityHash64(groupArray((n, s, lc))) FROM ({ordered} LIMIT 1000 OFFSET 100)"
        yield f"SELECT cityHash64(groupArray((n, s, lc))) FROM ({ordered} LIMIT 2 BY s)"
        yield f"SELECT count(), max(i) FROM (SELECT i FROM large WHERE s < 100 ORDER BY {order} LIMIT 500 WITH TIES)"
    for key in ("s", "lc", "g", "i", "nn", "ln", "(s, lc)", "(lc, ln)", "n % 200000", "u % 1000", "t", "f", "a", "m['all']", "arrayJoin(a)"):
        grouped = "FROM large GROUP BY k"
        yield f"""SELECT count(), sum(cityHash64(toString(k), c, su, mi, ma, un, ai)) FROM (SELECT {key} AS k, count() AS c, sum(n) AS su, min(t) AS mi,
            max(f) AS ma, uniqExact(i) AS un, argMin(n, (t, n)) AS ai {grouped})"""
        yield f"""SELECT count(), sum(cityHash64(toString(k), c, q, z, toString(x), toString(y))) FROM (SELECT {key} AS k, countIf(i > 0) AS c,
            quantileExact(0.9)(i) AS q, arraySort(groupUniqArray(s)) AS z, sumOrNull(nn) AS x, maxIf(ln, s > 400) AS y {grouped} HAVING c > 0)"""
        yield f"""SELECT sum(cityHash64(c, e, toString(v))) FROM (SELECT k, countMerge(c1) AS c, uniqExactMerge(u1) AS e, minMerge(m1) AS v FROM (
            SELECT {key} AS k, s % 3 AS p, countState() AS c1, uniqExactState(lc) AS u1, minState(nn) AS m1 FROM large GROUP BY k, p) GROUP BY k)"""
    for kind in ("INNER", "LEFT", "RIGHT"):
        yield f"""SELECT count(), sum(cityHash64(l.n, r.n)) FROM (SELECT n, i, s FROM large WHERE n < {half}) AS l
            {kind} JOIN (SELECT n, i, s FROM large WHERE n % 3 = 0) AS r ON l.i = r.i AND l.s % 50 = r.s % 50"""
    for kind in ("LEFT ANY", "LEFT SEMI", "LEFT ANTI"):
        yield f"""SELECT count(), sum(cityHash64(l.n, r.lc)) FROM (SELECT n, g, lc FROM large WHERE n < {half}) AS l
            {kind} JOIN (SELECT DISTINCT g, lc FROM large WHERE n > {third}) AS r ON l.g = r.g AND l.lc = r.lc"""
    yield f"SELECT count(), sum(n) FROM large WHERE i IN (SELECT i FROM large WHERE n < {third} AND s < 50)"
    yield f"SELECT count(), sum(n) FROM large WHERE (g, lc) NOT IN (SELECT g, lc FROM large WHERE n < {half})"
    yield "SELECT count(), sum(cityHash64(g, lc, s)) FROM (SELECT DISTINCT g, lc, s FROM large)"
    yield """SELECT sum(cityHash64(n, r, l, x)) FROM (SELECT n, row_number() OVER w AS r, lagInFrame(n) OVER w AS l,
        sum(i) OVER (PARTITION BY s ORDER BY t, n ROWS BETWEEN 5 PRECEDING AND CURRENT ROW) AS x FROM large WINDOW w AS (PARTITION BY s ORDER BY t, n))"""
    yield "SELECT sum(cityHash64(n, r, d)) FROM (SELECT n, rank() OVER (PARTITION BY lc ORDER BY i) AS r, dense_rank() OVER (PARTITION BY lc ORDER BY i) AS d FROM large)"
    yield f"SELECT s, count() AS c FROM large GROUP BY s WITH TOTALS HAVING c > {rows // 500} ORDER BY s LIMIT 5"
    yield "SELECT sum(cityHash64(s, x)) FROM (SELECT s, sumMap(m) AS x FROM large GROUP BY s)"
    yield "SELECT count(), sum(cityHash64(n, lc)) FROM (SELECT n, lc FROM large WHERE s = 7 UNION ALL SELECT n, lc FROM large WHERE g = '7')"
    for condition in ("lc LIKE '%-1%'", "m['k7'] = 7 OR m['k77'] > 0", "has(a, 5) AND ln IS NULL", "t BETWEEN '2024-01-01 10:00:00' AND '2024-01-01 10:05:00'", "g IN ('1', '22') AND f < 100"):
        yield f"SELECT count(), sum(n), sum(cityHash64(lc, m, a)) FROM large WHERE {condition}"
        yield f"SELECT count(), sum(n), max(t) FROM replaced FINAL WHERE {condition}"
    yield "SELECT count(), sum(cityHash64(n, g, lc, f, u, a, m)) FROM replaced FINAL"
    yield "SELECT count(), uniqExact(i, s), sum(cityHash64(n, g, lc, f, u, a, m)) FROM (SELECT * FROM replaced FINAL ORDER BY i, s)"


def fill(engine, rows):
    """Parts that share keys and names; of `replaced` the rows of an earlier part give way."""
    for name, kind, key in (("large", "MergeTree", "(lc, t)"), ("replaced", "ReplacingMergeTree(n)", "(i, s)")):
        statements = [CREATE.format(name=name, engine=kind, key=key), f"SYSTEM STOP MERGES {name}"]
        for part in range(PARTS):
            first = part * rows // PARTS
            statements.append(f"INSERT INTO {name} {ROWS.format(part=part)} FROM numbers({first}, {(part + 1) * rows // PARTS - first})")
        for statement in statements:
            answer, code = engine.query(statement)
            if code:
                raise SystemExit(f"{statement[:200]}\n{answer}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True)
    parser.add_argument("--rows", type=int, default=600_000)
    parser.add_argument("--only", type=int, help="one query")
    options = parser.parse_args()
    asked = list(queries(options.rows))
    differences = 0
    with sql_tests.Server(options.server) as server, sql_tests.Oracle() as oracle:
        for engine in (server, oracle):
            fill(engine, options.rows)
        numbers = range(len(asked)) if options.only is None else [options.only]
        wanted = {number: oracle.query(asked[number]) for number in numbers}
        for merged in (False, True):
            for number, want in wanted.items():
                query = asked[number]
                for way in WAYS:
                    got = server.query(query + way)
                    if got != want:
                        differences += 1
                        print(f"\nDIFFERENT --only {number}{' after OPTIMIZE' if merged else ''}{way}\n{query}\n-- Mangrove: {got[0][:300]!r}\n-- ClickHouse: {want[0][:300]!r}", flush=True)
            for statement in ("SYSTEM START MERGES {}", "OPTIMIZE TABLE {} FINAL"):
                for name in ("large", "replaced"):
                    answer, code = server.query(statement.format(name))
                    if code:
                        raise SystemExit(answer)
    print(f"large: {options.rows} rows, {len(wanted)} queries in {len(WAYS)} ways, before and after a merge, {differences} differences")
    return differences > 0


if __name__ == "__main__":
    sys.exit(main())
