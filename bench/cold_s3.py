"""Cold queries on a bucket 20 ms away: a node that has just started, its caches empty, asks Q1 and Q2 of the generated
table. What counts is the critical path, the longest chain of GETs that had to wait for each other; the others overlap.
"""

import statistics

import bucket
import data
import report
import workloads
from engines import Mangrove, empty_folder
from workloads import progress

QUERIES = {  # what is measured: the query, and constants other than the bench's
    "Q1": ("Q1", {}),
    "Q2": ("Q2", {}),
    "Q2, no such trace": ("Q2", {"trace_id": "0123456789ABCDEF" * 2}),
}


def measure(options, constants_of):
    if reason := bucket.missing():
        return f"Skipped: {reason}.\n"
    distant = bucket.DistantBucket()
    try:
        engine = Mangrove(empty_folder(data.FOLDER / "cold_s3"), options.binary, object_store=distant.direct_url)
        try:
            return _measure(options, constants_of, distant, engine)
        finally:
            engine.stop()
    finally:
        distant.stop()


def _measure(options, constants_of, distant, engine):
    rows = min(options.rows, 2_000_000)
    workloads.create(engine, "cold", "default")
    engine.attempt("SYSTEM STOP MERGES cold")
    for batch in data.generated("Native", rows, options.batch_rows):
        engine.insert("cold", "Native", batch.path, batch.offset, batch.bytes)
    queries = dict(line.split("\t", 1) for line in workloads.query_lines())
    found = constants_of(engine, "cold", rows)
    lines = []
    for layout in ("as inserted", "after OPTIMIZE FINAL"):
        if layout != "as inserted":
            engine.restart(object_store=distant.direct_url)
            engine.attempt("SYSTEM START MERGES cold")
            engine.query("OPTIMIZE TABLE cold FINAL")
        parts = engine.value("SELECT count() FROM system.parts WHERE active AND table = 'cold'")
        for title, (query_id, constants) in QUERIES.items():
            sql = workloads.fill(queries[query_id], {"table": "cold", **found, **constants})
            runs = [_run(engine, distant, sql) for _ in range(max(3, options.cold))]
            runs.sort(key=lambda run: run["ms"])
            middle = runs[len(runs) // 2]
            progress(f"cold S3 {title} {layout}: {middle}")
            lines.append([
                f"{title}, {layout}", parts, report.number(middle["gets"]), report.number(middle["bytes"] / 1000),
                str(max(run["path"] for run in runs)),
                f"{report.number(runs[0]['ms'])} / {report.number(statistics.median(run['ms'] for run in runs))}",
            ])
    heads = ["query", "parts", "GETs", "kB read", "critical path, GETs", "ms min / median"]
    return report.table(heads, lines) + f"\n{rows:,} rows; Ceph RGW, {bucket.DELAY_MS} ms added to each GET.\n"


def _run(engine, distant, sql):
    engine.restart(object_store=distant.url)
    engine.value("SELECT 1")
    distant.reads()
    _, seconds = engine.query(sql)
    reads = distant.reads()
    return {
        "ms": 1000 * seconds,
        "gets": len(reads),
        "bytes": sum(read.bytes for read in reads),
        "path": bucket.critical_path(reads),
    }
