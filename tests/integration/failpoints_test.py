#!/usr/bin/env python3
"""kill -9 at each named failpoint of insert, commit and merge, then restart.

One node on a folder and the embedded keeper. For each point: start with it armed, work until the node dies, start
again without it, and look: every acknowledged batch once, every other batch whole or absent, a retry with the same
token changes nothing, and the node works on. A point that this load does not reach is a failure. The points of
checkpoints and garbage collection, which wait for a minute and more, are killed at in the simulation only.
"""
import argparse, http.client, os, re, shutil, signal, subprocess, sys, tempfile, time, urllib.error, urllib.parse, urllib.request

POINTS = ["insert.before_put", "insert.after_put", "insert.before_commit", "insert.after_commit", "commit.before_append", "commit.after_append",
          "keeper.before_save", "keeper.after_save", "merge.before_put", "merge.after_put", "merge.after_commit"]
ROWS = 20


class Node:
    def __init__(self, binary, directory):
        self.binary, self.dir = binary, directory

    def start(self, failpoint=None):
        environment = dict(os.environ)
        environment.pop("MANGROVE_FAILPOINTS", None)
        if failpoint:
            environment["MANGROVE_FAILPOINTS"] = failpoint
        self.log = open(os.path.join(self.dir, "log"), "a")
        self.process = subprocess.Popen([self.binary, "server", "--set", "http_port=0", "--set", "otlp_http_port=0", "--set", f"data_dir={self.dir}"],
                                        stdout=subprocess.PIPE, stderr=self.log, text=True, env=environment)
        for line in self.process.stdout:
            if line.startswith("http_port="):
                self.port = int(line.split("=")[1])
                return True
        return False  # died at start: the point is on that path

    def query(self, text, body=None, **settings):
        data = text.encode()
        if body is not None:
            settings["query"], data = text, body
        url = f"http://127.0.0.1:{self.port}/?{urllib.parse.urlencode(settings)}"
        return urllib.request.urlopen(urllib.request.Request(url, data=data), timeout=30).read().decode()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=30)
        self.log.close()


def insert(node, name):
    rows = "".join(f"{name}\t{i}\t{'ab'[i % 2]}\n" for i in range(ROWS)).encode()
    node.query("INSERT INTO events FORMAT TSV", body=rows, insert_deduplication_token=name)


def run(binary, point, check):
    directory = tempfile.mkdtemp(prefix="mangrove-failpoint-")
    node = Node(binary, directory)
    try:
        node.start()
        node.query("CREATE TABLE events (batch String, i UInt32, tag LowCardinality(String)) ORDER BY (batch, i) PARTITION BY tag")
        node.query("CREATE TABLE copies (batch String, i UInt32) ORDER BY batch")
        node.query("CREATE MATERIALIZED VIEW to_copies TO copies AS SELECT batch, i FROM events")
        acknowledged, unknown = ["first"], []
        insert(node, "first")
        node.stop()

        started = node.start(f"{point}=kill:3")
        deadline, batch = time.monotonic() + 60, 0
        while started and node.process.poll() is None and time.monotonic() < deadline:
            batch += 1
            name = f"b{batch}"
            try:
                insert(node, name)
                acknowledged.append(name)
                if batch % 3 == 0:
                    node.query("OPTIMIZE TABLE events")
            except (urllib.error.URLError, OSError, http.client.HTTPException):
                if name not in acknowledged:
                    unknown.append(name)
        if not started:
            node.process.wait(timeout=30)  # it died on its way up: its output has ended, its exit may take a moment
        check(f"{point}: the node died there", node.process.poll() is not None and node.process.returncode == -signal.SIGKILL, True)
        node.stop()

        check(f"{point}: it starts again", node.start(), True)
        for name in unknown + acknowledged[-1:]:
            insert(node, name)  # the client's retry
        for table in ("events", "copies"):
            rows = [line.split("\t") for line in node.query(f"SELECT batch, count(), uniqExact(i) FROM {table} GROUP BY batch").splitlines()]
            check(f"{point}: {table} has every batch whole and once", sorted(rows), sorted([n, str(ROWS), str(ROWS)] for n in acknowledged + unknown))
        node.stop()
    finally:
        if node.process.poll() is None:
            node.process.kill()
        shutil.rmtree(directory, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    parser.add_argument("points", nargs="*")
    arguments = parser.parse_args()
    counts = [0, 0]

    def check(what, got, want):
        counts[got != want] += 1
        if got != want:
            print(f"FAILED {what}\n  got:  {str(got)[:500]}\n  want: {str(want)[:500]}")

    for point in arguments.points or POINTS:
        run(arguments.server, point, check)
    print(f"{counts[0]} passed, {counts[1]} failed")
    return 1 if counts[1] else 0


sys.exit(main())
