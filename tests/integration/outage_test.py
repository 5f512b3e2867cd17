#!/usr/bin/env python3
"""Nodes and Keepers that fall silent and come back: two nodes on a real three-member ZooKeeper.

A node stopped (SIGSTOP) for longer than its Keeper session goes on afterwards; one stopped for longer than pin_grace_ms
is shut out by the other: it commits nothing any more and ends, and serves everything once started anew. Without a
quorum of the Keeper inserts fail in bounded time with an error that says to try again, and reads go on; with the quorum
back everything does. In the end every acknowledged batch is there once, and every other whole or not at all.
"""
import argparse, concurrent.futures, http.client, os, pathlib, signal, sys, time

from cluster import Cluster, QueryError
from node import Checks

ROWS = 20
GRACE_MS = 20_000
LOST = (QueryError, OSError, http.client.HTTPException)


class Batches:
    def __init__(self):
        self.acknowledged, self.unknown = [], []

    def insert(self, node, name, timeout=60):
        """None, or the error."""
        rows = "".join(f"{name}\t{i}\n" for i in range(ROWS)).encode()
        try:
            node.query("INSERT INTO events FORMAT TSV", body=rows, insert_deduplication_token=name, timeout=timeout)
            self.acknowledged.append(name)
            return None
        except LOST as error:
            self.unknown.append(name)
            return error

    def check(self, node, check, title):
        answer = node.query("SELECT batch, count(), uniqExact(i) FROM events GROUP BY batch", select_sequential_consistency=1)
        rows = {line.split("\t")[0]: line.split("\t")[1:] for line in answer.splitlines()}
        check(f"{title}: every acknowledged batch is there", set(self.acknowledged) <= rows.keys(), set(self.acknowledged) - rows.keys())
        check(f"{title}: none in part or twice", all(counts == [str(ROWS)] * 2 for counts in rows.values()), rows)
        check(f"{title}: none from nowhere", rows.keys() <= set(self.acknowledged + self.unknown), rows.keys())


def until(condition, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if condition():
                return True
        except LOST:
            pass
        time.sleep(0.2)
    return False


def silent_node(first, second, batches, check):
    for name in ("before-1", "before-2"):
        check.equal("an insert", batches.insert(first, name), None)

    os.kill(first.process.pid, signal.SIGSTOP)
    check.equal("the other node goes on", batches.insert(second, "alone"), None)
    time.sleep(16)  # its Keeper session is over: 15 s
    os.kill(first.process.pid, signal.SIGCONT)
    check("a node goes on after its session has expired", until(lambda: batches.insert(first, f"again-{time.monotonic()}", timeout=20) is None, 60), batches.unknown)
    batches.check(first, check, "after a lost session")

    os.kill(first.process.pid, signal.SIGSTOP)
    check("a silent node is shut out", until(lambda: "fenced 1" in pathlib.Path(second.log.name).read_text(), GRACE_MS / 1000 + 30), "see the log")
    check.equal("the other node goes on", batches.insert(second, "after-fence"), None)
    second.query("OPTIMIZE TABLE events FINAL")
    os.kill(first.process.pid, signal.SIGCONT)
    try:
        seen = int(first.query("SELECT count() FROM events", timeout=10))
        check("what it still answers is a state of the past, whole batches", seen % ROWS == 0, seen)
    except LOST:
        pass
    error = batches.insert(first, "of-the-dead", timeout=30)
    check("it commits nothing any more", error is not None, error)
    try:
        code = first.process.wait(timeout=30)
    except Exception as waited:
        code = waited
    check.equal("it ends, and says that it wants to be started", code, 1)
    check("its log says why", "shut out of the cluster" in pathlib.Path(first.log.name).read_text(), "")
    first.log.close()
    first.start()
    check.equal("started anew it writes", batches.insert(first, "reborn"), None)
    for node in (first, second):
        batches.check(node, check, f"{node.name} after the fence")
    check.equal("the batch of the dead is not there", first.query("SELECT count() FROM events WHERE batch = 'of-the-dead'", select_sequential_consistency=1), "0\n")


def lost_quorum(cluster, first, second, batches, check):
    pids = pathlib.Path(cluster.dir, "zookeeper", "pids")
    victims = [int(pathlib.Path(pids, name).read_text()) for name in ("1", "2")]
    count = first.query("SELECT count() FROM events")
    for pid in victims:
        os.kill(pid, signal.SIGSTOP)
    try:
        # All that waits for the Keeper waits at the same time.
        with concurrent.futures.ThreadPoolExecutor() as pool:
            ddl = pool.submit(raises, lambda: first.query("CREATE TABLE never (a UInt8) ENGINE = MergeTree ORDER BY a", timeout=60))
            consistent = pool.submit(raises, lambda: first.query("SELECT count() FROM events", select_sequential_consistency=1, timeout=60))
            began = time.monotonic()
            error = batches.insert(first, "no-quorum", timeout=60)
            seconds = time.monotonic() - began
        check("an insert fails", isinstance(error, QueryError), repr(error))
        print(f"without a quorum an insert failed after {seconds:.1f} s: {str(error)[:160]}")
        check("in bounded time", seconds < 45, seconds)
        check("with a code to try again", isinstance(error, QueryError) and error.code in (999, 209, 210, 236, 225, 319), error)
        for node in (first, second):
            check.equal("reads go on", node.query("SELECT count() FROM events", timeout=20), count)
        check("DDL fails in bounded time", ddl.result())
        check("a consistent read is refused rather than stale", consistent.result())
    finally:
        for pid in victims:
            os.kill(pid, signal.SIGCONT)
    for node in (first, second):
        check("inserts go on when the quorum is back", until(lambda: batches.insert(node, f"back-{node.name}-{time.monotonic()}", timeout=20) is None, 60), batches.unknown)
    check.equal("the retry of the lost insert", batches.insert(second, "no-quorum"), None)
    for node in (first, second):
        batches.check(node, check, f"{node.name} after the quorum")


def raises(action):
    try:
        action()
    except LOST:
        return True
    return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    parser.add_argument("--s3", action="store_true")
    arguments = parser.parse_args()
    check, batches = Checks(), Batches()
    cluster = Cluster(arguments.server, arguments.s3)
    errors = []
    try:
        hurry = {"pin_valid_ms": 5000, "pin_grace_ms": GRACE_MS, "gc_grace_ms": 1000, "gc_period_ms": 500}
        first, second = cluster.add_node(**hurry), cluster.add_node(**hurry)
        first.query("CREATE TABLE events (batch String, i UInt32) ENGINE = MergeTree ORDER BY (batch, i)")
        until(lambda: second.query("EXISTS TABLE events") == "1\n", 10)
        lost_quorum(cluster, first, second, batches, check)
        silent_node(first, second, batches, check)
    finally:
        if check.failed:
            for node in cluster.nodes:
                print(f"the end of the log of {node.name}:\n" + pathlib.Path(node.log.name).read_text()[-3000:])
        errors = cluster.stop()
    check.equal("every node stops when asked", errors, [])
    return check.end("outage")


sys.exit(main())
