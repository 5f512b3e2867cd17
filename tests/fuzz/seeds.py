#!/usr/bin/env python3
"""Writes the seeds of a fuzz target into a folder: seeds.py NAME FUZZER FOLDER. Golden files, SQL tests and recorded
spans become inputs; formats, encodings and frames are written by the target itself (--seeds). Deterministic."""
import hashlib, json, pathlib, re, struct, subprocess, sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
ATTRIBUTES = [{"key": k, "value": v} for k, v in {
    "s": {"stringValue": "x"}, "b": {"boolValue": True}, "i": {"intValue": "-9223372036854775808"}, "d": {"doubleValue": "NaN"}, "by": {"bytesValue": "AAH/"},
    "a": {"arrayValue": {"values": [{"intValue": 1}, {}]}}, "kv": {"kvlistValue": {"values": [{"key": "k", "value": {"stringValue": "v"}}]}}}.items()]
SPAN = {"traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "b7ad6b7169203331", "parentSpanId": "b7ad6b7169203332", "traceState": "a=b", "flags": 257,
        "name": "GET /", "kind": 2, "startTimeUnixNano": "1700000000000000001", "endTimeUnixNano": "1700000000000000003", "attributes": ATTRIBUTES,
        "events": [{"timeUnixNano": "1700000000000000002", "name": "e", "attributes": ATTRIBUTES, "droppedAttributesCount": 1}],
        "links": [{"traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "b7ad6b7169203331", "traceState": "", "attributes": ATTRIBUTES}],
        "status": {"code": 2, "message": "m"}, "droppedAttributesCount": 1, "droppedEventsCount": 2, "droppedLinksCount": 3}
REQUEST = {"resourceSpans": [{"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}] + ATTRIBUTES},
                              "scopeSpans": [{"scope": {"name": "n", "version": "1", "attributes": ATTRIBUTES}, "spans": [SPAN, {**SPAN, "spanId": "00"}]}]}]}


def parser():
    for path in sorted(TESTS.glob("sql/**/*.sql")):
        yield from (line.encode() for line in path.read_text().splitlines() if line)
    for path in sorted(TESTS.glob("sql/**/*.test")):
        for block in re.split(r"\n\s*\n", path.read_text()):
            yield re.split(r"^----", block, flags=re.M)[0].encode()


def part():
    part = (TESTS / "golden/parts/v1.part").read_bytes()
    for kind in range(8):  # see part_fuzz.cpp: a decoder or the whole part; the second byte is a count
        yield bytes([kind, 4]) + part[: 4096 if kind < 7 else len(part)]
    yield bytes([6, 0]) + part[-4096:]


def catalog():
    kinds = {"pointer": 1, "manifest": 2, "root": 3, "spilled": 4}
    for path in sorted((TESTS / "golden/log").glob("*.bin")):
        yield bytes([kinds.get(path.name.split(".")[0], 0)]) + path.read_bytes()[:-8]  # the target adds the checksum


def otlp():
    yield b"\1" + json.dumps(REQUEST).encode()
    yield b"\1" + json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [SPAN]}]}]}, separators=(",", ":")).encode()
    frames = subprocess.run(["zstd", "-dcq", "--long=27", TESTS / "corpus/design/000.otlp.zst"], check=True, capture_output=True).stdout
    position = 0
    while position < len(frames):
        (size,) = struct.unpack_from("<I", frames, position)
        if size <= 4096:
            yield b"\0" + frames[position + 4 : position + 4 + size]
        position += 4 + size


def main():
    name, fuzzer, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    if name in ("formats", "encodings", "frames"):
        subprocess.run([fuzzer, f"--seeds={folder}"], check=True)
    else:
        for seed in {"parser": parser, "part": part, "catalog": catalog, "otlp": otlp}[name]():
            (folder / hashlib.sha1(seed).hexdigest()).write_bytes(seed)
    count = len(list(folder.iterdir()))
    print(f"{count} seeds")
    return 0 if count else 1


sys.exit(main())
