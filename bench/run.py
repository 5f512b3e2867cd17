#!/usr/bin/env python3
"""./dev bench: Mangrove beside ClickHouse 26 (chdb) on the same data, queries and machine; writes bench/RESULTS.md.

    bench/run.py [--rows N] [--rounds N] [--runs N] [--only ingest,small,load,queries,recorded,otlp,cold_s3] [--engines peer,mangrove]

Needs the release binary (unless --engines peer), the oracle (tests/oracle/install.sh) and, at 20 million rows, 30 GB
of disk below build/bench. Ends with status 1 if the two engines disagree about an answer.
"""

import argparse
import pathlib
import sys

import answers
import cold_s3
import corpus
import data
import otlp
import report
import workloads
from engines import ClickHouse, EngineError, Mangrove, empty_folder
from workloads import progress

ROOT = pathlib.Path(__file__).resolve().parents[1]
SCHEMAS = {"ClickHouse": ("default", "tuned", "indexed"), "Mangrove": ("default", "tuned")}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000_000, help="rows of the generated table")
    parser.add_argument("--ingest-rows", type=int, default=2_400_000, help="rows of each micro-run of a format")
    parser.add_argument("--batch-rows", type=int, default=400_000)
    parser.add_argument("--rounds", type=int, default=2, help="alternating repetitions of the micro-runs")
    parser.add_argument("--runs", type=int, default=5, help="warm runs of a query")
    parser.add_argument("--cold", type=int, default=2, help="cold runs of a query")
    parser.add_argument("--only", default="ingest,small,load,queries,recorded,otlp,cold_s3")
    parser.add_argument("--engines", default="peer,mangrove")
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "build" / "release" / "mangrove")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "bench" / "RESULTS.md")
    parsed = parser.parse_args()
    parsed.only = set(parsed.only.split(","))
    parsed.ingest_rows = min(parsed.ingest_rows, parsed.rows)
    return parsed


def start(options):
    engines = []
    if "peer" in options.engines:
        engines.append(ClickHouse(empty_folder(data.FOLDER / "clickhouse")))
    if "mangrove" in options.engines:
        engines.append(Mangrove(empty_folder(data.FOLDER / "mangrove"), options.binary))
    return engines


def load(engines, batches, prefix, schemas=None):
    """Loads each engine's schemas; answers the results and the (label, engine, table) of what could be loaded."""
    results, targets = {}, []
    for schema in ("default", "tuned", "indexed"):
        for engine in engines:
            if schema not in (schemas or SCHEMAS)[engine.name]:
                continue
            label, table = f"{engine.name} {schema}", f"{prefix}_{schema}"
            try:
                results[label] = workloads.load(engine, table, schema, batches)
                targets.append((label, engine, table))
            except EngineError as error:
                progress(f"load {label}: {error}")
                results[label] = {"error": str(error)}
    return results, targets


def constants(engine, table, rows):
    """Values that the queries look for, chosen so that they hit alike on any data: see the README."""
    route = engine.value(
        f"SELECT attributes['http.route'] AS route FROM {table} WHERE route != '' GROUP BY route "
        f"ORDER BY abs(toInt64(count()) - {rows // 5000}), route LIMIT 1"
    )
    trace = engine.value(
        f"SELECT hex(trace_id) FROM {table} GROUP BY trace_id HAVING count() = 9 ORDER BY trace_id LIMIT 1"
    )
    return {"route": route, "trace_id": trace, "service": "svc-17"}


def compare(results, targets):
    """Answers against the first target's; the text of every difference."""
    reference, differences = targets[0][0], []
    for (query_id, label), result in results.items():
        if label == reference or "answer" not in result:
            continue
        base = results.get(("Q6", reference)) if query_id == "Q6i" else results.get((query_id, reference))
        if base and "answer" in base and (difference := answers.differs(query_id, base["answer"], result["answer"])):
            differences.append(f"{query_id} {label}: {difference}")
    return differences


def main():
    options = arguments()
    engines = start(options)
    sections, differences = [], []
    failed = []
    if "ingest" in options.only:
        results = workloads.ingest(engines, options.ingest_rows, options.batch_rows, options.rounds)
        note = f"\n{options.ingest_rows:,} rows in batches of {options.batch_rows:,}, merges stopped, best round.\n"
        sections.append(("Inserts", report.ingest_table(results) + note))
    if "small" in options.only:
        results = workloads.small_inserts(engines)
        sections.append(("Inserts of 1,000 rows, Native with attributes", report.ingest_table(results)))
    if options.only & {"load", "queries"}:
        batches = data.generated("Native", options.rows, options.batch_rows)
        results, targets = load(engines, batches, "spans_generated")
        sections.append(("The generated table, one connection, merges running", report.load_table(results)))
        if "queries" in options.only and targets:
            found = constants(targets[0][1], targets[0][2], options.rows)
            progress(f"constants: {found}")
            measured = workloads.queries(targets, found, options.runs, options.cold)
            differences += compare(measured, targets)
            labels = [label for label, _, _ in targets]
            sections.append(("Queries, warm", report.queries_table(measured, labels, "warm")))
            sections.append(("Queries, CPU of both cores, warm", report.queries_table(measured, labels, "cpu")))
            if options.cold:
                sections.append(("Queries, cold", report.queries_table(measured, labels, "cold")))
            refused = [f"- {i} {label}: {r['error'][:300]}\n" for (i, label), r in measured.items() if "error" in r]
            if refused:
                sections.append(("Refused", "".join(refused)))
    if "recorded" in options.only:
        results, _ = load(engines, corpus.recorded("measure", "bench"), "spans_recorded")
        sections.append(("The recorded corpus (half `measure`) in the same table", report.load_table(results)))
    if "otlp" in options.only:
        try:
            text = otlp.measure(engines)
        except EngineError as error:  # the hour before it is worth a report
            failed.append(str(error))
            text = f"Failed: {error}\n"
        sections.append(("OTLP: the recorded corpus in the whole trace schema", text))
    if "cold_s3" in options.only and "mangrove" in options.engines:
        sections.append(("Cold on S3, 20 ms per GET", cold_s3.measure(options, constants)))
    agreement = "".join(f"- {difference}\n" for difference in differences) or "All answers are equal.\n"
    if len(engines) == 2 and "queries" in options.only:
        sections.append(("Answers", agreement))
    report.write(options.output, options, [f"{engine.name} {engine.version}" for engine in engines], sections)
    for engine in engines:
        engine.stop()
    print(options.output.read_text(encoding="utf-8"))
    return bool(differences or failed)


if __name__ == "__main__":
    sys.exit(main())
