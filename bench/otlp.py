"""The cost of a recorded span over the whole trace schema: Mangrove receives the OTLP bodies as they were recorded and
fills `spans` and `span_index`; ClickHouse receives Native blocks, already made by somebody else's CPU (in production:
the Collector's), into the exporter's table with its indexes, 100,000 spans a block. A body holds some 70 spans; one
connection stores each body by itself, and of 16 those that wait leave together.
"""

import concurrent.futures
import http.client
import threading
import time

import corpus
import report
from workloads import create, progress


def measure(engines):
    rows = []
    for engine in engines:
        for result in [otlp(engine, 1), otlp(engine, 16)] if engine.name == "Mangrove" else [exporter(engine)]:
            progress(f"otlp {engine.name}: {result}")
            spans = result["spans"]
            rows.append([
                f"{engine.name}, {result['what']}",
                report.number(spans / result["seconds"]),
                report.number(1e6 * result["cpu"] / spans),
                f"{result['bytes'] / spans:.1f}",
                *("–" if puts is None else f"{1000 * puts / spans:.3g}" for puts in result["puts"]),
            ])
    heads = ["", "spans/s", "CPU µs per span", "bytes per span"]
    heads += ["PUTs of parts per 1,000 spans", "of log copies and checkpoints"]
    return report.table(heads, rows)


def exporter(engine):
    create(engine, "otel_traces", "otel_traces")
    batches = corpus.recorded("measure", "otel_traces")
    cpu, begin = engine.cpu_seconds(), time.perf_counter()
    for batch in batches:
        engine.insert("otel_traces", "Native", batch.path, batch.offset, batch.bytes)
    result = {"seconds": time.perf_counter() - begin, "cpu": engine.cpu_seconds() - cpu}
    engine.query("OPTIMIZE TABLE otel_traces FINAL")
    spans = sum(batch.rows for batch in batches)
    return {**result, "spans": spans, "bytes": engine.bytes_per_row("otel_traces") * spans,
            "puts": (None, None), "what": "exporter's table"}


def otlp(engine, connections):
    requests = list(corpus.bodies("measure"))
    puts_before = put_counts(engine)
    tenant = f"connections-{connections}"  # the same bodies again are other spans only for another tenant
    headers = {"Content-Type": "application/x-protobuf", "X-Scope-OrgID": tenant}
    local = threading.local()

    def send(body):
        if not hasattr(local, "connection"):
            local.connection = http.client.HTTPConnection("127.0.0.1", engine.ports["otlp_http_port"], timeout=600)
        local.connection.request("POST", "/v1/traces", body=body, headers=headers)
        response = local.connection.getresponse()
        answer = response.read()
        if response.status != 200 or answer:
            raise RuntimeError(f"OTLP answered {response.status}: {answer[:200]}")

    cpu, begin = engine.cpu_seconds(), time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(connections) as pool:
        list(pool.map(send, requests))
    result = {"seconds": time.perf_counter() - begin, "cpu": engine.cpu_seconds() - cpu}
    spans = int(engine.value(f"SELECT count() FROM spans WHERE tenant = '{tenant}'"))
    puts = [after - before for after, before in zip(put_counts(engine), puts_before)]
    for table in ("spans", "span_index"):
        engine.query(f"OPTIMIZE TABLE {table} FINAL")
    size = sum(engine.bytes_per_row(table) * spans for table in ("spans", "span_index"))
    return {**result, "spans": spans, "bytes": size, "puts": puts, "what": f"spans + span_index, {connections} connections"}


def put_counts(engine):
    """PUTs to the object store so far: of parts (inserted and merged), and of what the catalog writes."""
    counts = [engine.value(f"SELECT value FROM system.events WHERE event = '{event}'")
              for event in ("S3PutObject", "CatalogPutObject")]
    puts, catalog = (int(count) for count in counts)
    return puts - catalog, catalog
