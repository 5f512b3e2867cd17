#!/usr/bin/env python3
"""Two nodes over one object store and a real three-member ZooKeeper, under kill -9.

Writers insert numbered batches with a token each, to either node, and send a batch again (to the other node too) until
it is acknowledged. Meanwhile nodes are killed and started again, one at a time, at random. At the end every
acknowledged batch is there exactly once and no batch in part; the materialized view holds the same rows; a third node
that starts then answers at once. The seed is printed; --seconds bounds the load.
"""
import argparse, http.client, random, sys, threading, time

from cluster import Cluster, QueryError

ROWS = 50


class Writer(threading.Thread):
    def __init__(self, cluster, number, seed, stop):
        super().__init__(daemon=True)
        self.cluster, self.number, self.stop_event = cluster, number, stop
        self.random = random.Random(seed * 1000 + number)
        self.acknowledged, self.unknown, self.retries = [], [], 0

    def run(self):
        batch = 0
        while not self.stop_event.is_set():
            batch += 1
            name = f"w{self.number}-{batch}"
            rows = "".join(f"{name}\t{i}\t{'ab'[i % 2]}\n" for i in range(ROWS)).encode()
            for attempt in range(200):
                node = self.random.choice(self.cluster.nodes)
                try:
                    node.query("INSERT INTO events FORMAT TSV", body=rows, timeout=20, insert_deduplication_token=name)
                    self.acknowledged.append(name)
                    break
                except (QueryError, OSError, http.client.HTTPException):  # an error, or a node that is being killed or started
                    self.retries += 1
                    time.sleep(0.05)
            else:
                self.unknown.append(name)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--s3", action="store_true")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}")
    chance = random.Random(arguments.seed)
    passed = failed = 0

    def check(what, got, want):
        nonlocal passed, failed
        if got == want:
            passed += 1
        else:
            failed += 1
            print(f"FAILED {what}\n  got:  {got!r}\n  want: {want!r}")

    cluster = Cluster(arguments.server, arguments.s3)
    try:
        first, second = cluster.add_node(), cluster.add_node()
        first.query("CREATE TABLE events (batch String, i UInt32, tag LowCardinality(String)) ORDER BY (batch, i) PARTITION BY tag")
        first.query("CREATE TABLE copies (batch String, i UInt32) ORDER BY batch")
        first.query("CREATE MATERIALIZED VIEW to_copies TO copies AS SELECT batch, i FROM events")
        for _ in range(100):
            if second.query("EXISTS TABLE to_copies") == "1\n":
                break
            time.sleep(0.05)
        check("DDL is seen by the other node", second.query("EXISTS TABLE to_copies"), "1\n")

        stop = threading.Event()
        writers = [Writer(cluster, n, arguments.seed, stop) for n in range(3)]
        for writer in writers:
            writer.start()
        kills, deadline = 0, time.monotonic() + arguments.seconds
        while time.monotonic() < deadline:
            time.sleep(chance.uniform(0.3, 2.0))
            victim = chance.choice(cluster.nodes)
            victim.kill()
            kills += 1
            time.sleep(chance.uniform(0, 0.5))
            victim.start()
        stop.set()
        for writer in writers:
            writer.join(timeout=60)
        acknowledged = sorted(name for writer in writers for name in writer.acknowledged)
        unknown = {name for writer in writers for name in writer.unknown}
        print(f"{len(acknowledged)} batches acknowledged, {len(unknown)} unknown, {sum(w.retries for w in writers)} retries, {kills} kills")
        check("something was written between kills", len(acknowledged) > 10 and kills > 2, True)

        third = cluster.add_node()
        for node in cluster.nodes:
            for table in ("events", "copies"):
                answer = node.query(f"SELECT batch, count(), uniqExact(i) FROM {table} GROUP BY batch ORDER BY batch", select_sequential_consistency=1)
                rows = [line.split("\t") for line in answer.splitlines()]
                check(f"{node.name}.{table}: batches in part or doubled", [r for r in rows if r[1:] != [str(ROWS), str(ROWS)]], [])
                check(f"{node.name}.{table}: acknowledged batches", sorted(r[0] for r in rows if r[0] not in unknown), acknowledged)
        third.query("OPTIMIZE TABLE events FINAL")
        count = third.query("SELECT count() FROM events", select_sequential_consistency=1)
        check("merging keeps the rows, seen by another node", first.query("SELECT count() FROM events", select_sequential_consistency=1), count)
        check("one part per partition", first.query("SELECT count() FROM system.parts WHERE table = 'events'", select_sequential_consistency=1), "2\n")
    finally:
        errors = cluster.stop()
    check("every node stops when asked", errors, [])
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
