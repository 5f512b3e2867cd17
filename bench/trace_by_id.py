#!/usr/bin/env python3
"""Trace by id over very many parts on a bucket 20 ms away: docs/decisions/004-trace-by-id-at-scale.md.

    bench/trace_by_id.py [--parts 100000] [--lookups 50] [--binary build/release/mangrove]

Makes the parts (30 days; a part holds 8 traces of 8 spans and 25 s of its day's time), a table of ids beside them, and
asks a fresh node each time: with what the parts themselves know, and with the time that the table of ids gives.
"""

import argparse
import concurrent.futures
import hashlib
import pathlib
import sys
import time

import bucket
import data
import report
from engines import EngineError, Mangrove, empty_folder
from workloads import progress

ROOT = pathlib.Path(__file__).resolve().parents[1]
DAYS, TRACES, SPANS = 30, 8, 8  # of a part: traces, and spans of each
FIRST_DAY = "toDateTime64('2026-10-01 00:00:00', 9, 'UTC')"

# Row n of statement i: day n % 30, trace (n / 30) % 8 of that part, span n / 240. A trace's number is i * 240 + n % 240.
TRACE_ID = "lower(hex(MD5(toString({i} * 240 + number % 240))))"
START = FIRST_DAY + " + toIntervalSecond((number % 30) * 86400 + {i} * {step})"
INSERT_SPANS = (
    "INSERT INTO spans_by_id (trace_id, span_id, startTime, duration, tenant, service, name, kind, attributes) SELECT "
    + TRACE_ID + ", lower(hex(sipHash64({i}, number))), " + START + " + toIntervalMillisecond(number % 1000), "
    "number % 100000, 'default', concat('svc-', toString(number % 40)), concat('GET /', toString(number % 300)), 'Server', "
    "map('http.route', concat('/r/', toString(number % 300)), 'user', toString(sipHash64(number, {i}))) "
    f"FROM numbers({DAYS * TRACES * SPANS})"
)
CREATE_INDEX = (
    "CREATE TABLE trace_times (id UInt64, start DateTime('UTC'), end DateTime('UTC')) ENGINE = MergeTree "
    "PARTITION BY toDate(start) ORDER BY id"
)
INSERT_INDEX = (
    "INSERT INTO trace_times SELECT sipHash64(lower(hex(MD5(toString(number))))), toDateTime({start}, 'UTC'), "
    "toDateTime({start}, 'UTC') + 1 FROM (SELECT number + {begin} AS number FROM numbers({count}))"
).replace("{start}", f"{FIRST_DAY} + toIntervalSecond((number % 30) * 86400 + intDiv(number, 240) * {{step}})")

BY_PARTS = "SELECT count(), min(startTime), sum(duration) FROM spans_by_id WHERE trace_id = '{id}'"
TIMES = "(SELECT {f} FROM trace_times WHERE id = sipHash64('{id}'))"
BY_INDEX = BY_PARTS + " AND startTime >= " + TIMES.replace("{f}", "min(start)") + " AND startTime < " + TIMES.replace("{f}", "max(end) + 1")


def trace(number):
    return hashlib.md5(str(number).encode()).hexdigest()


def load(engine, parts, seconds_max, clients):
    """Statements of 30 parts each until there are enough or the time is over; answers how many."""
    engine.attempt("DROP TABLE spans_by_id")
    engine.query("CREATE TABLE spans_by_id AS spans")
    engine.query("SYSTEM STOP MERGES spans_by_id")
    statements = (parts + DAYS - 1) // DAYS
    step = 86400 // max(statements, 3334)
    begin = time.monotonic()

    def insert(i):
        if time.monotonic() - begin > seconds_max:
            return 0
        engine_of_thread = engine.another()
        engine_of_thread.query(INSERT_SPANS.format(i=i, step=step))
        if i % 200 == 0:
            progress(f"{i * DAYS} parts after {time.monotonic() - begin:.0f} s")
        return 1

    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        done = sum(pool.map(insert, range(statements)))
    engine.query(CREATE_INDEX)
    traces = done * DAYS * TRACES
    for begin in range(0, traces, (traces + 3) // 4):  # four parts a day
        count = min(traces - begin, (traces + 3) // 4)
        engine.query(INSERT_INDEX.format(begin=begin, count=count, step=step))
    engine.query("SYSTEM STOP MERGES trace_times")
    return done


def resident_mb(engine):
    with open(f"/proc/{engine.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


def fresh(engine, url):
    begin = time.monotonic()
    engine.restart(object_store=url)
    for table in ("spans_by_id", "trace_times"):
        engine.query(f"SYSTEM STOP MERGES {table}")
    engine.value("SELECT count() FROM spans_by_id")
    return time.monotonic() - begin


def ask(engine, distant, template, number, found):
    distant.reads()
    answer, seconds = engine.query(template.format(id=trace(number)))
    reads = distant.reads()
    spans = int(answer.split()[0])
    if spans != (SPANS if found else 0):
        raise EngineError(f"trace {number}: {spans} spans found")
    return {"ms": 1000 * seconds, "gets": len(reads), "bytes": sum(read.bytes for read in reads), "path": bucket.critical_path(reads)}


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def series(engine, distant, name, template, traces, lookups):
    """On a fresh node the first lookup, then `lookups` of traces that are there and of others that are not."""
    started = fresh(engine, distant.url)
    before = resident_mb(engine)
    first = ask(engine, distant, template, traces + 1, False)
    rows = [[name, "first, not there", first["gets"], first["bytes"] / 1e6, first["path"], first["ms"], None, resident_mb(engine)]]
    for found in (True, False):
        numbers = [(i * 7919 + 13) % traces if found else traces + 10 + i for i in range(lookups)]
        runs = [ask(engine, distant, template, number, found) for number in numbers]
        rows.append([
            name, f"{lookups} others, {'found' if found else 'not there'}",
            percentile([run["gets"] for run in runs], 0.5), percentile([run["bytes"] for run in runs], 0.5) / 1e6,
            max(run["path"] for run in runs), percentile([run["ms"] for run in runs], 0.5),
            percentile([run["ms"] for run in runs], 0.99), resident_mb(engine),
        ])
    progress(f"{name}: node ready in {started:.1f} s with {before:.0f} MB; {rows}")
    return [[row[0], row[1], *(report.number(value) for value in row[2:])] for row in rows], started, before


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", type=int, default=100_000)
    parser.add_argument("--load-seconds", type=int, default=900, help="fewer parts are made if it takes longer")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--lookups", type=int, default=50)
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "build" / "release" / "mangrove")
    options = parser.parse_args()
    if reason := bucket.missing():
        print(f"Skipped: {reason}.")
        return 0
    distant = bucket.DistantBucket()
    try:
        engine = Mangrove(empty_folder(data.FOLDER / "trace_by_id"), options.binary, object_store=distant.direct_url)
        try:
            statements = load(engine, options.parts, options.load_seconds, options.clients)
            parts = engine.value("SELECT count(), sum(bytes_on_disk), sum(rows) FROM system.parts WHERE active AND table = 'spans_by_id'")
            index = engine.value("SELECT count(), sum(bytes_on_disk), sum(rows) FROM system.parts WHERE active AND table = 'trace_times'")
            print(f"spans_by_id: parts, bytes, rows {parts}; trace_times: {index}", flush=True)
            traces, lines = statements * DAYS * TRACES, []
            for name, template, lookups in (
                ("table of ids, then parts", BY_INDEX, options.lookups),
                ("parts only", BY_PARTS, max(3, options.lookups // 10)),
            ):
                rows, started, before = series(engine, distant, name, template, traces, lookups)
                lines += rows
                print(f"{name}: a fresh node answers count() after {started:.1f} s, with {before:.0f} MB resident", flush=True)
            heads = ["how", "lookups", "GETs p50", "MB read p50", "critical path, GETs", "ms p50", "ms p99", "MB resident after"]
            print(report.table(heads, lines))
        finally:
            engine.stop()
    finally:
        distant.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
