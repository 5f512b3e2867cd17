"""Turns the measurements into bench/RESULTS.md. One line a workload, each standing alone; a ratio is Mangrove divided
by ClickHouse, of times and bytes (below 1 is better) or of rates (above 1 is better), as the column head says.
"""

import datetime
import os
import pathlib
import platform
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[1]


EXPLANATION = """
ClickHouse runs in its own process and its times are taken there; Mangrove's include HTTP. ClickHouse's cache of
predicate results is off, and so are asynchronous inserts. *default* is the plain schema; *tuned* has ZSTD(3), Delta,
T64, strings in one stream and LowCardinality map keys; *indexed* is tuned with a bloom filter on trace_id and a text
index on `key=value` items. Cold: the engine's caches and the page cache dropped before each run (the disk below the
machine may still cache).
"""


def machine():
    with open("/proc/cpuinfo", encoding="ascii") as info:
        model = next(line.split(":")[1].strip() for line in info if line.startswith("model name"))
    with open("/proc/meminfo", encoding="ascii") as info:
        memory_gib = int(info.readline().split()[1]) / 2**20
    cores = subprocess.run(["nproc"], capture_output=True, text=True, check=True).stdout.strip()
    return f"{cores} × {model}, {memory_gib:.0f} GiB, Linux {platform.release().split('-')[0]}"


def commit():
    def git(*command):
        run = subprocess.run(["git", "-C", str(ROOT), *command], capture_output=True, text=True, check=False)
        return run.stdout.strip()

    head, dirty = git("rev-parse", "--short=12", "HEAD"), git("status", "--porcelain", "src")
    return head + (" with uncommitted changes" if dirty else "")


def table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def number(value, digits=3):
    """Three significant digits, thousands separated."""
    if value is None:
        return "–"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"


def ratio(ours, theirs):
    return "–" if not ours or not theirs else f"{ours / theirs:.3g}×"


def get(result, key):
    return None if result is None or "error" in result else result.get(key)


def ingest_table(results):
    rows = []
    for what in dict.fromkeys(what for what, _ in results):
        ours, theirs = results.get((what, "Mangrove")), results.get((what, "ClickHouse"))
        cells = [what]
        for key in ("rows_per_cpu_second", "rows_per_second"):
            cells += [number(get(theirs, key)), number(get(ours, key)), ratio(get(ours, key), get(theirs, key))]
        for result in (theirs, ours):
            low, middle = get(result, "batch_ms_min"), get(result, "batch_ms_median")
            cells.append("–" if low is None else f"{number(low)} / {number(middle)}")
        rows.append(cells)
    heads = ["insert", "ClickHouse rows/s per core", "Mangrove rows/s per core", "ratio (rate)"]
    heads += ["ClickHouse rows/s", "Mangrove rows/s", "ratio (rate)"]
    heads += ["ClickHouse batch ms min / median", "Mangrove batch ms min / median"]
    return table(heads, rows)


def load_table(results):
    rows = []
    for label, result in results.items():
        if "error" in result:
            rows.append([label, *["–"] * 6])
            continue
        rows.append([
            label,
            number(result["rows"] / result["load_seconds"]),
            number(result["rows"] / result["load_cpu"]),
            number(result["rows"] / result["optimize_seconds"]),
            f"{result['bytes_per_row']:.2f}",
            ratio(result["bytes_per_row"], get(results.get(label.replace("Mangrove", "ClickHouse")), "bytes_per_row"))
            + " / " + ratio(result["bytes_per_row"], get(results.get("ClickHouse tuned"), "bytes_per_row")),
            number(result["memory_peak_bytes"] / 2**20),
        ])
    heads = ["table", "load rows/s", "load rows/s per core", "OPTIMIZE rows/s", "bytes per row"]
    return table([*heads, "ratio (bytes) to same / tuned ClickHouse", "peak RSS MiB"], rows)


def queries_table(results, labels, kind):
    rows = []
    for query_id in dict.fromkeys(query_id for query_id, _ in results):
        cells = [query_id]
        best = {label: min(times) for label in labels if (times := results.get((query_id, label), {}).get(kind))}
        for label in labels:
            times = results.get((query_id, label), {}).get(kind)
            middle = sorted(times)[len(times) // 2] if times else None
            cells.append(f"{number(min(times))} / {number(middle)}" if times else "–")
        # Q6i is the peer's other way to answer Q6.
        ours = {label: value for label, value in best.items() if label.startswith("Mangrove")}
        if query_id == "Q6i":
            ours = {label: min(times) for label in labels
                    if label.startswith("Mangrove") and (times := results.get(("Q6", label), {}).get(kind))}
        mine = min(ours.values(), default=None)
        cells += [ratio(mine, best.get(label)) for label in labels if label.startswith("ClickHouse")]
        rows.append(cells)
    heads = ["ms min / median", *labels, *(f"ratio to {label}" for label in labels if label.startswith("ClickHouse"))]
    return table(heads, rows)


def write(path, arguments, versions, sections):
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    head = [
        "# Results of `./dev bench`\n",
        f"{now}, commit {commit()}, {machine()}. Load average at the end: {os.getloadavg()[0]:.1f}.",
        f"{', '.join(versions)}. {arguments.rows:,} rows, {arguments.rounds} rounds, {arguments.runs} warm runs.",
        EXPLANATION,
    ]
    body = "\n".join(f"## {title}\n\n{text}" for title, text in sections)
    path.write_text("\n".join(head) + "\n" + body, encoding="utf-8")
