"""The recorded corpus (tests/corpus) as input of the bench: its OTLP bodies as they were received, and their spans as
Native batches, both in the bench's own table and in that of the OpenTelemetry Collector's ClickHouse exporter.

The decoder reads the fields of opentelemetry/proto/trace/v1/trace.proto that these tables hold, straight from the
protobuf wire format. The files are made once below build/bench/data by a child process, because the oracle is needed.
"""

import base64
import json
import os
import pathlib
import struct
import subprocess
import sys

import data

CORPUS = data.ROOT / "tests" / "corpus"
BATCH_SPANS = 100_000
KINDS = ("Unspecified", "Internal", "Server", "Client", "Producer", "Consumer")
STATUSES = ("Unset", "Ok", "Error")


def bodies(half):
    """The OTLP/HTTP bodies of `design` or `measure` in the order of their arrival."""
    for path in sorted((CORPUS / half).glob("*.otlp.zst")):
        framed = subprocess.run(["zstd", "-dcq", "--long=27", str(path)], check=True, stdout=subprocess.PIPE).stdout
        at = 0
        while at < len(framed):
            (size,) = struct.unpack_from("<I", framed, at)
            yield framed[at + 4 : at + 4 + size]
            at += 4 + size


def fields(message):
    """(number, value) of each field: an int for varints, bytes for everything else."""
    at, end = 0, len(message)
    while at < end:
        tag, at = varint(message, at)
        wire = tag & 7
        if wire == 0:
            value, at = varint(message, at)
        else:
            size, at = (8, at) if wire == 1 else (4, at) if wire == 5 else varint(message, at)
            value = message[at : at + size]
            at += size
        yield tag >> 3, value


def varint(message, at):
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def any_value(message):
    for number, value in fields(message):
        if number == 1:
            return value.decode()
        if number == 2:
            return bool(value)
        if number == 3:
            return value - (1 << 64) if value >> 63 else value
        if number == 4:
            return struct.unpack("<d", value)[0]
        if number == 5:
            return [any_value(item) for _, item in fields(value)]
        if number == 6:
            return attributes(value, 1)
        if number == 7:
            return base64.b64encode(value).decode()
    return ""


def text(value):
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def attributes(message, number):
    """The KeyValue fields with this number, values as text."""
    found = {}
    for field, value in fields(message):
        if field == number:
            pair = dict(fields(value))
            found[pair[1].decode()] = text(any_value(pair.get(2, b"")))
    return found


def named(message, names):
    """The last value of each named field; absent ones are empty bytes."""
    values = dict(fields(message))
    return {name: values.get(number, b"") for number, name in names.items()}


def fixed64(value):
    return int.from_bytes(value, "little")


def spans(body):
    """Each span of an ExportTraceServiceRequest as a row of the exporter's table."""
    for _, resource_spans in fields(body):
        parts = list(fields(resource_spans))
        resource = next((attributes(value, 1) for number, value in parts if number == 1), {})
        for number, scope_spans in parts:
            if number != 2:
                continue
            scope_parts = list(fields(scope_spans))
            scope = next((named(value, {1: "name", 2: "version"}) for field, value in scope_parts if field == 1), {})
            for field, span in scope_parts:
                if field == 2:
                    yield span_row(span, resource, scope)


def span_row(span, resource, scope):
    one = dict(fields(span))
    status = dict(fields(one.get(15, b"")))
    row = {
        "Timestamp": nanoseconds(fixed64(one[7])),
        "TraceId": one[1].hex(),
        "SpanId": one[2].hex(),
        "ParentSpanId": one.get(4, b"").hex(),
        "TraceState": one.get(3, b"").decode(),
        "SpanName": one.get(5, b"").decode(),
        "SpanKind": KINDS[one.get(6, 0)],
        "ServiceName": resource.get("service.name", "unknown_service"),
        "ResourceAttributes": resource,
        "ScopeName": scope.get("name", b"").decode(),
        "ScopeVersion": scope.get("version", b"").decode(),
        "SpanAttributes": attributes(span, 9),
        "Duration": max(0, fixed64(one[8]) - fixed64(one[7])),
        "StatusCode": STATUSES[status.get(3, 0)],
        "StatusMessage": status.get(2, b"").decode(),
    }
    events = [value for number, value in fields(span) if number == 11]
    heads = [named(event, {1: "time", 2: "name"}) for event in events]
    row["Events.Timestamp"] = [nanoseconds(fixed64(head["time"])) for head in heads]
    row["Events.Name"] = [head["name"].decode() for head in heads]
    row["Events.Attributes"] = [attributes(event, 3) for event in events]
    links = [value for number, value in fields(span) if number == 13]
    heads = [named(link, {1: "trace", 2: "span", 3: "state"}) for link in links]
    row["Links.TraceId"] = [head["trace"].hex() for head in heads]
    row["Links.SpanId"] = [head["span"].hex() for head in heads]
    row["Links.TraceState"] = [head["state"].decode() for head in heads]
    row["Links.Attributes"] = [attributes(link, 4) for link in links]
    return row


def nanoseconds(value):
    return f"{value // 10**9}.{value % 10**9:09d}"


# The exporter's row as a row of the bench's table.
NARROWED = """
    SELECT CAST(unhex(TraceId), 'FixedString(16)') AS trace_id, reinterpretAsUInt64(unhex(SpanId)) AS span_id,
        reinterpretAsUInt64(unhex(ParentSpanId)) AS parent_span_id, ServiceName AS service, SpanName AS name,
        CAST(indexOf(['Internal', 'Server', 'Client', 'Producer', 'Consumer'], SpanKind), 'UInt8') AS kind,
        CAST(indexOf(['Ok', 'Error'], StatusCode), 'UInt8') AS status, Timestamp AS start_time,
        Duration AS duration, toUInt16OrZero(SpanAttributes['http.response.status_code']) AS http_status,
        CAST(ResourceAttributes['host.name'], 'LowCardinality(String)') AS host,
        CAST(SpanAttributes, 'Map(String, String)') AS attributes
    FROM rows"""


def recorded(half, table):
    """The batches of the recorded half for table `bench` or `otel_traces`."""
    path = data.FOLDER / "data" / f"recorded-{half}-{table}"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, __file__, half], check=True)
    return data.read_batches(path)


def convert(half):
    sys.path.insert(0, str(data.ROOT / "tests" / "oracle"))
    import chdb

    oracle = chdb.Connection()
    ddl = (data.ROOT / "bench" / "schema" / "otel_traces.sql").read_text(encoding="utf-8")
    oracle.query(ddl.replace("{table}", "rows"))
    selects = {"bench": NARROWED, "otel_traces": "SELECT * FROM rows"}
    outs = {}
    for table in selects:
        path = data.FOLDER / "data" / f"recorded-{half}-{table}.part"
        outs[table] = (path, open(path, "wb"), open(f"{path}.batches", "w", encoding="ascii"))

    def flush(lines):
        oracle.query("TRUNCATE TABLE rows")
        oracle.insert("INSERT INTO rows", "JSONEachRow", ["".join(lines).encode()])
        for table, select in selects.items():
            # The order of arrival is gone with the sort of MergeTree; the start time is the nearest to it.
            time = "start_time" if table == "bench" else "Timestamp"
            block = oracle.query(f"SELECT * FROM ({select}) ORDER BY {time}", "Native")
            _, file, index = outs[table]
            index.write(f"{file.tell()} {len(block)} {len(lines)}\n")
            file.write(block)
        print(f"converted {len(lines)} recorded spans", file=sys.stderr, flush=True)

    lines = []
    for body in bodies(half):
        lines += [json.dumps(row) + "\n" for row in spans(body)]
        if len(lines) >= BATCH_SPANS:
            flush(lines)
            lines = []
    if lines:
        flush(lines)
    for path, file, index in outs.values():
        file.close()
        index.close()
        final = path.with_suffix("")
        pathlib.Path(f"{path}.batches").rename(f"{final}.batches")
        path.rename(final)
    os._exit(0)  # the oracle's threads do not survive Python's own way out


if __name__ == "__main__":
    convert(sys.argv[1])
