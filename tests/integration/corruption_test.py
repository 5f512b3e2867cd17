#!/usr/bin/env python3
"""Flips bytes of what a node has stored and asks: the right answer, or an error that names the object; never another answer.

Part objects: everywhere, and more often in the head, the root, the commit section and the tail. Metadata: checkpoints and
the log copies they lean on. What the caches hold is dropped before each look.
"""
import argparse, collections, os, pathlib, random, struct, sys, time
from node import Checks, Failed, Node

TAIL_BYTES = 52
QUERIES = [
    "SELECT count(), sum(cityHash64(*)) FROM t",  # reads every stored column
    "SELECT count() FROM t WHERE a BETWEEN 100 AND 200",
    "SELECT sum(n), uniqExact(tag) FROM t WHERE tag = 'tag7'",
    "SELECT id, n FROM t WHERE id = lower(hex(MD5('777'))) ORDER BY n",
    "SELECT sum(length(text)) FROM t WHERE n > 990000",
    "SELECT attributes['k3'], count() FROM t GROUP BY 1 ORDER BY 1",
    "SELECT count() FROM t WHERE has(list, 5) AND maybe IS NULL",
    "SELECT a, text FROM t ORDER BY a LIMIT 5",
    "SELECT min(a), max(a), count() FROM t",
]


def make(node):
    node.query("""CREATE TABLE t (a UInt64, n UInt32, id String, tag LowCardinality(String), text String, list Array(UInt16), maybe Nullable(Float64),
        attributes Map(LowCardinality(String), String), at DateTime64(9), INDEX by_n n TYPE minmax, INDEX by_id id TYPE bloom_filter)
        ENGINE = MergeTree ORDER BY (a, id) PARTITION BY a % 2""")
    for i in range(2):
        node.query(f"""INSERT INTO t SELECT number AS a, cityHash64(number, {i}) % 1000000 AS n, lower(hex(MD5(toString(number)))) AS id,
            concat('tag', toString(number % 20)) AS tag, repeat(toString(cityHash64(number, 9)), 3) AS text, range(toUInt16(number % 9)) AS list,
            number % 3 = 0 ? NULL : number / 7 AS maybe, map('k1', toString(number % 5), concat('k', toString(number % 50)), toString(number)) AS attributes,
            toDateTime64('2024-01-01 00:00:00', 9) + number AS at FROM numbers(20000)""")
    node.query("OPTIMIZE TABLE t PARTITION ID '0' FINAL")
    # More commits than the Keeper keeps behind a checkpoint, so that a start needs the checkpoint.
    node.query("CREATE TABLE filler (a UInt8) ENGINE = MergeTree ORDER BY a")
    for _ in range(150):
        node.query("TRUNCATE TABLE filler")


def ask(node):
    answers = []
    for query in QUERIES:
        try:
            answers.append(node.query(query))
        except Failed as error:
            answers.append(error)
    return answers


def region_of(path, offset):
    data = path.read_bytes()
    root, root_bytes, _, commit_bytes = struct.unpack("<QQQQ", data[-TAIL_BYTES:-TAIL_BYTES + 32])
    if offset < 8:
        return "head"
    if offset >= len(data) - TAIL_BYTES:
        return "tail"
    if offset >= root + root_bytes:
        return "commit section"
    return "root" if offset >= root else "pages and directories"


def flip(path, offset, bit):
    with open(path, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 1 << bit]))


def parts(node, check, seconds, generator):
    want = ask(node)
    check("all is well before", not any(isinstance(answer, Failed) for answer in want), want)
    objects = sorted(pathlib.Path(node.dir, "objects", "parts").rglob("*.part"))
    objects = [path for path in objects if path.read_bytes()[-8:] == b"MGRVPART" and path.name in node.query("SELECT path FROM system.parts WHERE table = 't'")]
    flips, noticed = collections.Counter(), collections.Counter()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and flips.total() < 1000:
        path = generator.choice(objects)
        size = path.stat().st_size
        root = struct.unpack("<Q", path.read_bytes()[-TAIL_BYTES:-TAIL_BYTES + 8])[0]
        offset = generator.choice([lambda: generator.randrange(size), lambda: generator.randrange(size), lambda: generator.randrange(root, size - TAIL_BYTES),
                                   lambda: generator.randrange(size - TAIL_BYTES, size), lambda: generator.randrange(8)])()
        bit, region = generator.randrange(8), region_of(path, offset)
        where = f"bit {bit} of byte {offset} of {size} of {path.name} ({region})"
        flip(path, offset, bit)
        try:
            node.query("SYSTEM DROP UNCOMPRESSED CACHE")
            got = ask(node)
        finally:
            flip(path, offset, bit)
        flips[region] += 1
        errors = [answer for answer in got if isinstance(answer, Failed)]
        noticed[region] += bool(errors)
        for query, answer, right in zip(QUERIES, got, want):
            check(f"{where}: {query}", isinstance(answer, Failed) or answer == right, f"got {answer}\n  want {right}")
        for error in errors:
            check(f"{where}: the error names the part", path.name in error.text, error)
    node.query("SYSTEM DROP UNCOMPRESSED CACHE")
    check.equal("all is well after", ask(node), want)
    print("flips noticed: " + ", ".join(f"{region} {noticed[region]} of {flips[region]}" for region in flips))
    check.equal("every flip in a root is noticed", noticed["root"], flips["root"])
    check("nearly every flip among pages is noticed", noticed["pages and directories"] >= 0.95 * flips["pages and directories"], noticed)


def metadata(node, check, seconds, generator):
    """A node that starts from a damaged checkpoint says so, or is not touched by it; it never shows other data."""
    want = ask(node)
    node.stop()
    objects = [path for path in pathlib.Path(node.dir, "objects", "meta").rglob("*") if path.is_file()]
    refused, flips = collections.Counter(), collections.Counter()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        wanted = generator.choice(["root", "root", "manifest", "manifest", "log"])
        path = generator.choice([path for path in objects if path.parent.name == wanted])
        if not path.exists():
            continue  # a sweep took it, as it may
        kind = path.parent.name
        before, offset, bit = path.read_bytes(), generator.randrange(path.stat().st_size), generator.randrange(8)
        flip(path, offset, bit)
        flips[kind] += 1
        where = f"bit {bit} of byte {offset} of {path.relative_to(node.dir)}"
        size = os.path.getsize(node.log_path)
        try:
            node.start()
            for query, answer, right in zip(QUERIES, ask(node), want):
                check(f"{where}: {query}", answer == right, f"got {answer}\n  want {right}")
            node.stop()
        except RuntimeError as error:  # it did not start
            refused[kind] += 1
            node.process.wait(30)
            check(f"{where}: the error names the object", path.name in node.log_text()[size:], str(error)[-500:])
        finally:
            path.write_bytes(before)
    node.start()
    check.equal("all is well after", ask(node), want)
    check("a damaged checkpoint is refused", refused["root"] > 0, refused)
    print("refused to start: " + ", ".join(f"{kind} {refused[kind]} of {flips[kind]}" for kind in flips))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    parser.add_argument("--seconds", type=float, default=50)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    check, generator = Checks(), random.Random(arguments.seed)
    node = Node(arguments.server, checkpoint_entries=5, gc_grace_ms=3_600_000)
    try:
        node.start()
        make(node)
        time.sleep(3)  # a checkpoint, and the removal of what it covers
        parts(node, check, arguments.seconds * 0.7, generator)
        metadata(node, check, arguments.seconds * 0.3, generator)
        check.equal("it stops when asked", node.stop(), 0)
    finally:
        node.remove()
    return check.end("corruption")


sys.exit(main())
