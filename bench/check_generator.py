"""Checks the generator against the oracle: every format, with and without attributes, holds the same rows.

    python3 bench/check_generator.py GENERATE [ROWS]        ends with `N passed, N failed`
"""

import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "oracle"))
import chdb  # noqa: E402

COLUMNS = (
    "span_id UInt64, parent_span_id UInt64, service LowCardinality(String), name LowCardinality(String), kind UInt8, "
    "status UInt8, start_time DateTime64(9), duration UInt64, http_status UInt16, host LowCardinality(String)"
)
NAMES = "span_id, parent_span_id, service, name, kind, status, start_time, duration, http_status, host"


def summary(oracle, path, format, attributes):
    trace_type, trace = ("String", "trace_id") if format == "JSONEachRow" else ("FixedString(16)", "hex(trace_id)")
    structure = f"trace_id {trace_type}, {COLUMNS}" + (", attributes Map(String, String)" if attributes else "")
    maps = ", mapKeys(attributes), mapValues(attributes)" if attributes else ""
    sql = f"SELECT count(), sum(cityHash64({trace}, {NAMES}{maps})) FROM file('{path}', {format}, '{structure}')"
    return oracle.query(sql).decode().split()


def main():
    generate, rows = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 50_000
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder, chdb.Connection() as oracle:
        for attributes in (True, False):
            answers = {}
            for format in ("Native", "RowBinary", "JSONEachRow"):
                path = f"{folder}/{format}"
                # An odd block size, so that short last blocks and batches are covered.
                command = [generate, "--rows", str(rows), "--format", format, "--out", path, "--block-rows", "7001"]
                command += ["--batch-rows", "20001"] + ([] if attributes else ["--no-attributes"])
                subprocess.run(command, check=True)
                answers[format] = summary(oracle, path, format, attributes)
                batches = [line.split() for line in open(path + ".batches", encoding="ascii")]
                whole = sum(int(batch[1]) for batch in batches) == pathlib.Path(path).stat().st_size
                good = answers[format] == answers["Native"] and int(answers[format][0]) == rows and whole
                passed, failed = passed + good, failed + (not good)
                what = format + ("" if attributes else " without attributes")
                print(f"{'ok  ' if good else 'FAIL'} {what}: {answers[format]}")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
