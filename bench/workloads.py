"""The measurements of the bench, each a function over (engine, table) pairs that alternates between them, so that a
noisy minute hits all of them alike. Results are dictionaries of numbers; report.py turns them into the table.
"""

import pathlib
import statistics
import sys
import time

import data
from engines import EngineError

ROOT = pathlib.Path(__file__).resolve().parents[1]
# what, format, columns with attributes, schema of the micro-runs
FORMATS = (
    ("Native", "Native", True, "default"),
    ("Native tuned", "Native", True, "tuned"),
    ("Native narrow", "Native", False, "narrow"),
    ("RowBinary", "RowBinary", True, "default"),
    ("RowBinary narrow", "RowBinary", False, "narrow"),
    ("JSONEachRow", "JSONEachRow", True, "json"),
    ("JSONEachRow narrow", "JSONEachRow", False, "narrow_json"),
)


def progress(text):
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


def create(engine, table, schema):
    engine.query(f"DROP TABLE IF EXISTS {table}")
    engine.query((ROOT / "bench" / "schema" / f"{schema}.sql").read_text(encoding="utf-8").replace("{table}", table))


def insert_all(engine, table, format, batches):
    """Inserts every batch; answers seconds of each and CPU of all, merges excluded where the engine can stop them."""
    stopped = engine.attempt(f"SYSTEM STOP MERGES {table}")
    cpu = engine.cpu_seconds()
    seconds = [engine.insert(table, format, batch.path, batch.offset, batch.bytes) for batch in batches]
    cpu = engine.cpu_seconds() - cpu
    if stopped:
        engine.attempt(f"SYSTEM START MERGES {table}")
    rows = sum(batch.rows for batch in batches)
    found = int(engine.value(f"SELECT count() FROM {table}"))
    if found != rows:
        raise EngineError(f"{table} holds {found} rows after {rows} were inserted")
    return {"seconds": seconds, "cpu": max(cpu, 0.01), "rows": rows, "bytes": sum(batch.bytes for batch in batches)}


def ingest(engines, rows, batch_rows, rounds):
    """Per format and engine: rows a second of one core, of the wall clock, and the time of one batch."""
    results = {}
    for what, format, attributes, schema in FORMATS:
        batches = data.generated(format, rows, batch_rows, attributes)
        runs = {engine.name: [] for engine in engines}
        for _ in range(rounds):
            for engine in engines:
                try:
                    create(engine, "ingest", schema)
                    runs[engine.name].append(insert_all(engine, "ingest", format, batches))
                    engine.query("DROP TABLE ingest")
                except EngineError as error:
                    runs[engine.name].append({"error": str(error)})
        for name, measured in runs.items():
            results[what, name] = summary = _best(measured)
            progress(f"ingest {what}, {name}: {summary}")
    return results


def _best(runs):
    good = [run for run in runs if "error" not in run]
    if not good:
        return {"error": runs[0]["error"]}
    batches = [second for run in good for second in run["seconds"]]
    return {
        "rows_per_cpu_second": max(run["rows"] / run["cpu"] for run in good),
        "rows_per_second": max(run["rows"] / sum(run["seconds"]) for run in good),
        "batch_ms_min": 1000 * min(batches),
        "batch_ms_median": 1000 * statistics.median(batches),
        "batch_rows": good[0]["rows"] / len(good[0]["seconds"]),
    }


def load(engine, table, schema, batches):
    """The full table with merges running, then one part a partition; answers times and bytes a row."""
    create(engine, table, schema)
    cpu, begin, rows = engine.cpu_seconds(), time.perf_counter(), 0
    for number, batch in enumerate(batches):
        engine.insert(table, "Native", batch.path, batch.offset, batch.bytes)
        rows += batch.rows
        if number % 10 == 9:
            progress(f"load {engine.name} {table}: {rows} rows in {time.perf_counter() - begin:.0f} s")
    loaded, cpu_loaded = time.perf_counter(), engine.cpu_seconds()
    engine.query(f"OPTIMIZE TABLE {table} FINAL")
    result = {
        "load_seconds": loaded - begin,
        "load_cpu": cpu_loaded - cpu,
        "optimize_seconds": time.perf_counter() - loaded,
        "optimize_cpu": engine.cpu_seconds() - cpu_loaded,
        "rows": rows,
        "bytes_per_row": engine.bytes_per_row(table),
        "memory_peak_bytes": engine.memory_peak_bytes(),
    }
    progress(f"load {engine.name} {table}: {result}")
    return result


def queries(targets, constants, runs, cold_runs):
    """Warm (`runs` times) and cold times, warm CPU times and the answer of each query for each target, which
    is (label, engine, table). The targets take turns run by run."""
    results = {}
    for line in query_lines():
        query_id, template = line.split("\t", 1)
        results |= {
            (query_id, label): {"sql": fill(template, {"table": table, **constants}), "engine": engine}
            | {"warm": [], "cold": [], "cpu": []}
            for label, engine, table in targets
            if query_id != "Q6i" or "indexed" in label
        }
    for kind, times in (("warm", runs + 1), ("cold", cold_runs)) if cold_runs else (("warm", runs + 1),):
        for query_id in dict.fromkeys(query_id for query_id, _ in results):
            mine = {label: result for (number, label), result in results.items() if number == query_id}
            for turn in range(times):
                for result in mine.values():
                    if "error" not in result:
                        run_query(result, kind, keep=kind == "cold" or turn > 0)  # the first warm run warms
            shown = {
                label: result.get("error") or [round(ms, 2) for ms in result[kind]] for label, result in mine.items()
            }
            progress(f"{kind} {query_id}: {shown}")
    return results


def query_lines():
    return (ROOT / "bench" / "queries.tsv").read_text(encoding="utf-8").splitlines()


def fill(template, values):
    for name, value in values.items():
        template = template.replace("{" + name + "}", value)
    return template


def run_query(result, kind, keep):
    engine = result["engine"]
    try:
        if kind == "cold":
            engine.clear_caches()
        cpu = engine.cpu_seconds()
        result["answer"], seconds = engine.query(result["sql"])
        cpu = engine.cpu_seconds() - cpu
    except EngineError as error:
        result["error"] = str(error)
        return
    if keep:
        result[kind].append(1000 * seconds)
        if kind == "warm":
            result["cpu"].append(1000 * cpu)


def small_inserts(engines, inserts=300):
    """One thousand rows at a time, merges running: how long an acknowledged small insert takes."""
    batches = data.generated("Native", 1000 * inserts, 1000)
    runs = {}
    for engine in engines:
        create(engine, "small", "default")
        try:
            runs["1,000 rows", engine.name] = _best([insert_all(engine, "small", "Native", batches)])
        except EngineError as error:
            runs["1,000 rows", engine.name] = {"error": str(error)}
        progress(f"small inserts, {engine.name}: {runs['1,000 rows', engine.name]}")
    return runs
