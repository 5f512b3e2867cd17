#!/usr/bin/env python3
"""Everything at once on one node, for ThreadSanitizer's eyes: inserts (also asynchronous ones over OTLP), views, selects,
merges, ALTER, DROP PARTITION, KILL QUERY and the system tables from many threads. No row may be lost or doubled."""
import argparse, http.client, json, random, sys, threading, time
from node import Checks, Failed, Node

ROWS = 500


class Stress:
    def __init__(self, node, seconds):
        self.node, self.end = node, time.monotonic() + seconds
        self.inserted, self.failures, self.lock, self.done = 0, [], threading.Lock(), {}

    def insert(self, random):
        batch = random.randrange(1 << 60)
        rows = "".join(f"{batch % 4}\t{batch}\t{i}\tservice-{i % 7}\t{{'k{i % 3}':'v{i % 11}'}}\n" for i in range(ROWS)).encode()
        self.node.query("INSERT INTO events (p, batch, i, s, m) FORMAT TSV", rows, insert_deduplication_token=str(batch))
        with self.lock:
            self.inserted += ROWS

    def export(self, random):
        spans = [{"traceId": f"{random.randrange(1 << 120):032x}", "spanId": f"{random.randrange(1 << 60):016x}", "name": f"GET {i}", "kind": 2,
                  "startTimeUnixNano": str(1_700_000_000_000_000_000 + i), "endTimeUnixNano": str(1_700_000_000_000_001_000 + i),
                  "attributes": [{"key": "http.status", "value": {"intValue": "200"}}]} for i in range(20)]
        body = json.dumps({"resourceSpans": [{"resource": {"attributes": []}, "scopeSpans": [{"spans": spans}]}]})
        connection = http.client.HTTPConnection("127.0.0.1", self.node.otlp_port, timeout=120)
        connection.request("POST", "/v1/traces", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        if response.status != 200:
            raise RuntimeError(f"OTLP {response.status}: {answer[:200]}")

    def select(self, random):
        query = random.choice([
            "SELECT s, count(), uniq(batch), avg(i) FROM events GROUP BY s ORDER BY s",
            "SELECT m['k1'], count() FROM events WHERE s = 'service-3' AND m['k0'] != 'v1' GROUP BY ALL",
            "SELECT * FROM events WHERE i % 100 = 1 ORDER BY batch, i LIMIT 50",
            "SELECT count() FROM (SELECT batch, i, row_number() OVER (PARTITION BY p ORDER BY i) AS n FROM events) WHERE n < 100",
            "SELECT count() FROM events AS l JOIN (SELECT DISTINCT batch FROM events WHERE i = 1) AS r USING batch",
            "SELECT s, n FROM latest FINAL ORDER BY s",
            "SELECT name, count() FROM otel_traces GROUP BY name",
            "SELECT count(), sum(extra) FROM events",
            "SELECT number FROM numbers(10000000) WHERE number % 3 = 1",  # long enough to tell its progress
        ])
        try:
            self.node.query(query, query_id=f"read-{random.randrange(1 << 60)}")
        except Failed as error:
            if error.code != 394 and "otel_traces" not in query and "extra" not in query:  # killed; not there yet
                raise
        except http.client.IncompleteRead as error:  # killed behind the first rows
            if b"Code: 394." not in error.partial[-1000:]:
                raise

    def whole_batches(self, random):
        broken = self.node.query(f"SELECT batch, count(), uniqExact(i) AS u FROM events GROUP BY batch HAVING count() != {ROWS} OR u != {ROWS}")
        if broken:
            self.failures.append(f"not whole: {broken[:200]}")

    def look(self, random):
        for table in ("parts", "merges", "processes", "query_log", "part_log", "metrics", "events", "tables", "columns"):
            self.node.error(f"SELECT * FROM system.{table} LIMIT 1000 FORMAT Null")

    def merge(self, random):
        self.node.query(f"OPTIMIZE TABLE {random.choice(['events', 'latest'])} FINAL")

    def alter(self, random):
        self.node.error(random.choice(["ALTER TABLE events ADD COLUMN extra UInt64 DEFAULT i * 2", "ALTER TABLE events DROP COLUMN extra",
                                       "TRUNCATE TABLE other", "INSERT INTO other SELECT p, i FROM events LIMIT 1000",
                                       "ALTER TABLE other DROP PARTITION 1"]))
        time.sleep(0.1)

    def kill(self, random):
        self.node.query("KILL QUERY WHERE query_id LIKE 'read-1%'")
        time.sleep(0.1)

    def loop(self, action, seed):
        generator = random.Random(seed)
        while time.monotonic() < self.end:
            try:
                action(generator)
                self.done[action.__name__] = self.done.get(action.__name__, 0) + 1
            except Failed as error:
                if not (error.code == 517 or "altered" in error.text or error.code in (236, 252)):
                    self.failures.append(f"{action.__name__}: {error}")
            except Exception as error:
                self.failures.append(f"{action.__name__}: {error!r}")

    def run(self):
        actions = [self.insert] * 3 + [self.export] * 2 + [self.select] * 3 + [self.whole_batches, self.look, self.merge, self.alter, self.kill]
        threads = [threading.Thread(target=self.loop, args=(action, seed)) for seed, action in enumerate(actions)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    parser.add_argument("--seconds", type=float, default=20)
    arguments = parser.parse_args()
    check = Checks()
    node = Node(arguments.server)
    try:
        node.start()
        node.query("CREATE TABLE events (p UInt8, batch UInt64, i UInt32, s LowCardinality(String), m Map(String, String)) ENGINE = MergeTree PARTITION BY p ORDER BY (s, batch, i)")
        node.query("CREATE TABLE latest (s String, n UInt64) ENGINE = ReplacingMergeTree(n) ORDER BY s")
        node.query("CREATE TABLE other (p UInt8, i UInt32) ENGINE = MergeTree PARTITION BY p ORDER BY i")
        node.query("CREATE MATERIALIZED VIEW newest TO latest AS SELECT s, max(i) AS n FROM events GROUP BY s")
        stress = Stress(node, arguments.seconds)
        stress.run()
        print("done: " + ", ".join(f"{name} {count}" for name, count in sorted(stress.done.items())))
        check.equal("nothing failed that should not", stress.failures[:5], [])
        check.equal("every row is there once", node.query("SELECT count(), uniqExact(batch, i) FROM events"), f"{stress.inserted}\t{stress.inserted}")
        check.equal("it stops when asked", node.stop(), 0)
    finally:
        if check.failed:
            print("the end of the log:\n" + node.log_text()[-6000:])
        node.remove()
    return check.end("stress")


sys.exit(main())
