#!/usr/bin/env python3
"""kill -9 at each named failpoint of insert, commit, merge, checkpoint, garbage collection and DDL, then restart.

One node on a folder and the embedded keeper, with checkpoints, collections and sweeps every moment. For each point: start
with it armed, work until the node dies, start again without it, and look: every acknowledged batch once, every other batch
whole or absent, a retry with the same token changes nothing, each DDL statement happened or did not, and in the end no
object is left that nothing refers to. A point that this load does not reach is a failure. gc.after_fence needs a second
node that fell silent: only the simulation stops there.
"""
import argparse, concurrent.futures, http.client, os, pathlib, re, shutil, signal, subprocess, sys, tempfile, time, urllib.error, urllib.parse, urllib.request

# point: at which passage to kill
POINTS = {
    "insert.before_put": 3, "insert.after_put": 3, "insert.before_commit": 3, "insert.after_commit": 3,
    "commit.before_append": 20, "commit.after_append": 20, "commit.after_spill": 2, "keeper.before_save": 20, "keeper.after_save": 20,
    "merge.before_put": 2, "merge.after_put": 2, "merge.after_commit": 2,
    "checkpoint.after_manifests": 2, "checkpoint.after_root": 2, "checkpoint.after_cas": 2, "checkpoint.after_truncate": 2,
    "gc.before_delete": 1, "gc.after_delete": 1, "gc.after_purge": 2, "gc.after_log_mark": 1, "gc.after_sweep": 2, "gc.after_metadata_sweep": 2,
    "ddl.after_create_database": 1, "ddl.after_drop_database": 1,
}
# Each statement of the DDL load is a point of its own.
POINTS |= {f"ddl.{when}_commit": [1, 2, 3, 4, 5, 6, 7] for when in ("before", "after")}
ONLY_SIMULATED = {"gc.after_fence"}
ROWS = 20
HURRY = {"checkpoint_entries": 10, "entry_spill_bytes": 4000, "gc_grace_ms": 1, "gc_period_ms": 200, "sweep_period_ms": 300}
LOST = (urllib.error.URLError, OSError, http.client.HTTPException)


class Node:
    def __init__(self, binary, directory):
        self.binary, self.dir = binary, directory

    def start(self, failpoint=None):
        environment = dict(os.environ)
        environment.pop("MANGROVE_FAILPOINTS", None)
        if failpoint:
            environment["MANGROVE_FAILPOINTS"] = failpoint
        settings = {"http_port": 0, "otlp_http_port": 0, "data_dir": self.dir, **HURRY}
        arguments = [a for key, value in settings.items() for a in ("--set", f"{key}={value}")]
        self.log = open(os.path.join(self.dir, "log"), "a")
        self.process = subprocess.Popen([self.binary, "server", *arguments], stdout=subprocess.PIPE, stderr=self.log, text=True, env=environment)
        for line in self.process.stdout:
            if line.startswith("http_port="):
                self.port = int(line.split("=")[1])
                return True
        self.process.wait(timeout=30)  # it died on its way up: its output has ended, its exit may take a moment
        return False

    def query(self, text, body=None, **settings):
        data = text.encode()
        if body is not None:
            settings["query"], data = text, body
        url = f"http://127.0.0.1:{self.port}/?{urllib.parse.urlencode(settings)}"
        return urllib.request.urlopen(urllib.request.Request(url, data=data), timeout=30).read().decode()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=60)
        self.log.close()
        return self.process.returncode

    def died(self):
        """Killed by the point; waits a moment, since the answer is lost before the exit is seen."""
        try:
            return self.process.wait(timeout=10) == -signal.SIGKILL
        except subprocess.TimeoutExpired:
            return False


def insert(node, name):
    rows = "".join(f"{name}\t{i}\t{'ab'[i % 2]}\n" for i in range(ROWS)).encode()
    node.query("INSERT INTO events FORMAT TSV", body=rows, insert_deduplication_token=name)


class Ddl:
    """A cycle of DDL statements, each with what is seen after it. After a kill either side of the statement in flight is
    right, and nothing else."""

    COMMENT = "long enough to spill " * 300
    CYCLE = [
        (f"CREATE TABLE t (a UInt32) ENGINE = MergeTree ORDER BY a COMMENT '{COMMENT}'", "t(a) 0"),
        ("INSERT INTO t VALUES (1), (2), (3)", "t(a) 3"),
        ("ALTER TABLE t ADD COLUMN b UInt8 DEFAULT 7", "t(a,b) 3"),
        ("RENAME TABLE t TO r", "r(a,b) 3"),
        ("TRUNCATE TABLE r", "r(a,b) 0"),
        ("DROP TABLE r", "nothing"),
        ("CREATE DATABASE side", "side"),
        ("CREATE TABLE side.u (a UInt32) ENGINE = MergeTree ORDER BY a", "side u"),
        ("DROP DATABASE side", "nothing"),
    ]

    def __init__(self):
        self.done = 0  # statements acknowledged

    def step(self, node):
        node.query(self.CYCLE[self.done % len(self.CYCLE)][0])
        self.done += 1

    def expected(self):
        return [self.CYCLE[(self.done + i) % len(self.CYCLE)][1] for i in (-1, 0)]

    @staticmethod
    def seen(node):
        seen = []
        for table in set(node.query("SHOW TABLES").split()) & {"t", "r"}:
            columns = node.query(f"SELECT name FROM system.columns WHERE database = 'default' AND table = '{table}' ORDER BY position").split()
            seen.append(f"{table}({','.join(columns)}) {node.query(f'SELECT count() FROM {table}').strip()}")
        if "side" in node.query("SHOW DATABASES").split():
            seen += ["side", *node.query("SHOW TABLES FROM side").split()]
        return " ".join(seen) or "nothing"


def leaked(node):
    """Part objects that no table refers to, once collections had time to delete them."""
    folder = os.path.join(node.dir, "objects", "parts")
    deadline = time.monotonic() + 30
    while True:
        objects = sum(len(files) for _, _, files in os.walk(folder))  # folders may vanish meanwhile
        parts = int(node.query("SELECT count() FROM system.parts WHERE active"))
        if objects == parts or time.monotonic() > deadline:
            return objects - parts
        time.sleep(0.2)


def work(node, ddl, acknowledged, unknown):
    """Inserts, merges and DDL until the node dies or a minute has passed."""
    deadline, batch = time.monotonic() + 60, 0
    while node.process.poll() is None and time.monotonic() < deadline:
        batch += 1
        name = f"b{batch}"
        try:
            insert(node, name)
            acknowledged.append(name)
            ddl.step(node)
            if batch % 3 == 0:
                node.query("OPTIMIZE TABLE events")
        except LOST as error:
            if name not in acknowledged:
                unknown.append(name)
            if not node.died():
                detail = error.read().decode() if isinstance(error, urllib.error.HTTPError) else str(error)
                return f"an error without a kill: {detail}"
    return ""


def run(binary, point, passage):
    failures, checks, title = [], 0, f"{point}, passage {passage}"

    def check(what, good, detail):
        nonlocal checks
        checks += 1
        if not good:
            failures.append(f"FAILED {title}: {what}\n  {str(detail)[:800]}")

    directory = tempfile.mkdtemp(prefix="mangrove-failpoint-")
    node = Node(binary, directory)
    try:
        node.start()
        node.query("CREATE TABLE events (batch String, i UInt32, tag LowCardinality(String)) ORDER BY (batch, i) PARTITION BY tag")
        node.query("CREATE TABLE copies (batch String, i UInt32) ORDER BY batch")
        node.query("CREATE MATERIALIZED VIEW to_copies TO copies AS SELECT batch, i FROM events")
        acknowledged, unknown, ddl = ["first"], [], Ddl()
        insert(node, "first")
        node.stop()

        started = node.start(f"{point}=kill:{passage}")
        problem = work(node, ddl, acknowledged, unknown) if started else ""
        check("the node died there", not problem and node.died(), problem or f"it ended with {node.process.poll()} after {ddl.done} DDL statements")
        node.stop()

        check("it starts again", node.start(), "see the log")
        seen = ddl.seen(node)
        check("the DDL statement in flight happened or did not", seen in ddl.expected(), f"saw {seen}, want one of {ddl.expected()}")
        for name in unknown + acknowledged[-1:]:
            insert(node, name)  # the client's retry
        want = sorted([n, str(ROWS), str(ROWS)] for n in acknowledged + unknown)
        for table in ("events", "copies"):
            rows = [line.split("\t") for line in node.query(f"SELECT batch, count(), uniqExact(i) FROM {table} GROUP BY batch").splitlines()]
            check(f"{table} has every batch whole and once", sorted(rows) == want, f"got {sorted(rows)}\n  want {want}")
        node.query("OPTIMIZE TABLE events FINAL")
        check("every object is referred to in the end", (left := leaked(node)) == 0, f"{left} more objects than parts")
        check("it stops when asked", (code := node.stop()) == 0, code)
    except Exception as error:
        check("no other error", False, repr(error))
    finally:
        if node.process.poll() is None:
            node.process.kill()
            node.process.wait()
        if failures:
            log = (pathlib.Path(directory) / "log").read_text(errors="replace")
            failures.append("  the end of the log:\n" + log[-3000:])
        shutil.rmtree(directory, ignore_errors=True)
    return checks, failures


def points_in_code():
    sources = pathlib.Path(__file__).resolve().parents[2] / "src"
    texts = (path.read_text() for path in sources.rglob("*.cpp") if not path.name.endswith("_test.cpp"))
    return {name for text in texts for name in re.findall(r'FAILPOINT\("([^"]+)"\)', text)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    parser.add_argument("--jobs", type=int, default=4, help="nodes at a time: they mostly wait")
    parser.add_argument("points", nargs="*")
    arguments = parser.parse_args()
    kills = [(point, passage) for point in arguments.points or POINTS
             for passage in (POINTS[point] if isinstance(POINTS[point], list) else [POINTS[point]])]
    passed = failed = 0
    if points_in_code() != POINTS.keys() | ONLY_SIMULATED:
        failed += 1
        print(f"FAILED these failpoints are in the code or here, not in both: {points_in_code() ^ (POINTS.keys() | ONLY_SIMULATED)}")
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for checks, failures in pool.map(lambda kill: run(arguments.server, *kill), kills):
            bad = sum(text.startswith("FAILED") for text in failures)
            passed, failed = passed + checks - bad, failed + bad
            for text in failures:
                print(text)
    print(f"{len(kills)} kills at {len(arguments.points or POINTS)} points: {passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
