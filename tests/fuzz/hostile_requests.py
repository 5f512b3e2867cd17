#!/usr/bin/env python3
"""Hostile requests to a running node, best a sanitized one (build/debug): statements of the SQL tests with pieces cut,
doubled, swapped and exchanged, and INSERT bodies of every format damaged in the same way. What must hold: an answer or
an error with one of ClickHouse's codes, never LOGICAL_ERROR, never a dead or hanging node; a failed INSERT leaves nothing.
One seed decides everything; it is printed. Ends after --requests or --seconds, what comes first."""
import argparse, http.client, os, pathlib, random, re, shutil, signal, subprocess, sys, tempfile, time, urllib.parse

TESTS = pathlib.Path(__file__).resolve().parent.parent
TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'|\w+|\s+|[^\w\s]")
HARMLESS = re.compile(r"\b(sleep|sleepEachRow|SYSTEM)\b", re.I)  # waits and stops are not what is looked for
ODD = ["NULL", "-1", "0", "18446744073709551615", "1e400", "''", "[]", "()", "map()", "'\\0'", "*", "toDate('1970-01-01')", "number", "NaN", "(SELECT 1)", "x -> x"]
BUGS = {49: "LOGICAL_ERROR", 1001: "STD_EXCEPTION", -1: "no code"}
FORMATS = ["TSV", "CSV", "JSONEachRow", "JSONCompactEachRow", "Values", "Native", "RowBinary", "RowBinaryWithNamesAndTypes", "TSVWithNamesAndTypes", "CSVWithNames"]
TABLE = """CREATE TABLE hostile (a UInt64, s String, m Map(LowCardinality(String), String), t DateTime64(9, 'UTC'), n Nullable(Float64),
    l Array(LowCardinality(String)), p Tuple(x Int8, y String), u UUID, f FixedString(4)) ENGINE = MergeTree ORDER BY (s, a)"""
ROWS = """SELECT number AS a, toString(number % 7) AS s, map('k', toString(number), 'z', '') AS m, toDateTime64(number, 9, 'UTC') AS t,
    if(number % 3 = 0, NULL, number / 7) AS n, [toString(number), 'x'] AS l, (toInt8(number), 'y') AS p, toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0') AS u,
    toFixedString('ab', 4) AS f FROM numbers(50)"""


class Node:
    def __init__(self, binary):
        self.dir = tempfile.mkdtemp(prefix="mangrove-hostile-")
        self.log = open(f"{self.dir}/log", "w")
        settings = {"http_port": 0, "otlp_http_port": 0, "data_dir": self.dir, "memory_bytes_max": 2 << 30}
        self.process = subprocess.Popen([binary, "server", *[a for k, v in settings.items() for a in ("--set", f"{k}={v}")]],
                                        stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        env=dict(os.environ, UBSAN_OPTIONS="print_stacktrace=1", ASAN_SYMBOLIZER_PATH=shutil.which("llvm-symbolizer-16") or ""))
        for line in self.process.stdout:
            if line.startswith("http_port="):
                self.port = int(line.split("=")[1])
                break
        self.connection = None

    def query(self, text, body=None):
        """(answer, error code or 0)"""
        self.last = text if body is None else (text, body)
        if not self.connection:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        parameters = {"max_execution_time": 5, "max_memory_usage": 500 << 20, "max_result_rows": 10000, "max_rows_to_read": 10_000_000}
        if body is None:
            body = text
        else:
            parameters["query"] = text
        if isinstance(body, str):
            body = body.encode("utf-8", "surrogateescape")
        try:
            self.connection.request("POST", "/?" + urllib.parse.urlencode(parameters, errors="surrogateescape"), body)
            response = self.connection.getresponse()
            answer = response.read()
        except BaseException:
            self.connection = None
            raise
        if response.status == 200:
            return answer, 0
        return answer, int(response.getheader("X-ClickHouse-Exception-Code") or -1)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = "killed after 60 s"
        self.log.close()
        log = open(f"{self.dir}/log", errors="replace").read()
        shutil.rmtree(self.dir, ignore_errors=True)
        return code, log


def statements():
    for path in sorted(TESTS.glob("sql/**/*.sql")):
        yield from (line.rstrip(";") for line in path.read_text().splitlines() if line)
    for path in sorted(TESTS.glob("sql/**/*.test")):
        for block in re.split(r"\n\s*\n", path.read_text()):
            yield re.split(r"^----", block, flags=re.M)[0].strip()


def mutate(chance, pieces, odd):
    pieces = list(pieces)
    for _ in range(chance.choice([1, 1, 1, 2, 3, 6])):
        if not pieces:
            break
        i, j = chance.randrange(len(pieces)), chance.randrange(len(pieces))
        kind = chance.randrange(6)
        if kind == 0:
            del pieces[i : i + chance.choice([1, 1, 2, 8])]
        elif kind == 1:
            pieces[i:i] = pieces[j : j + chance.choice([1, 3, 10])]
        elif kind == 2:
            pieces[i], pieces[j] = pieces[j], pieces[i]
        elif kind == 3:
            pieces[i] = odd(pieces[i])
        elif kind == 4:
            pieces[i:i] = [odd(pieces[i])]
        else:
            pieces = pieces[: i + 1]
    return pieces


def kind_of(piece, following):
    if piece[0] == "'":
        return "string"
    if piece[0].isdigit():
        return "number"
    if piece[0].isalpha():
        return "function" if following == "(" else "word"
    return "other"


class Statements:
    """The statements of the tests in pieces, and all pieces by kind."""

    def __init__(self):
        self.all, self.by_kind = [], {}
        for statement in statements():
            pieces = TOKEN.findall(statement)
            if not pieces or HARMLESS.search(statement):
                continue
            self.all.append(pieces)
            for piece, following in zip(pieces, pieces[1:] + [""]):
                self.by_kind.setdefault(kind_of(piece, following), []).append(piece)

    def hostile(self, chance):
        """Often a statement that still parses: a function or value replaced by another of the tests."""
        pieces = list(chance.choice(self.all))
        for _ in range(chance.choice([0, 1, 1, 2, 3])):
            i = chance.randrange(len(pieces))
            kind = kind_of(pieces[i], pieces[i + 1] if i + 1 < len(pieces) else "")
            if kind != "other":
                pieces[i] = chance.choice(ODD) if kind != "function" and chance.random() < 0.3 else chance.choice(self.by_kind[kind])
        if chance.random() < 0.5:
            pieces = mutate(chance, pieces, lambda piece: chance.choice(ODD))
        return "".join(pieces)


def hostile_body(chance, body):
    values = [0, 1, 0x7f, 0x80, 0xff, ord("'"), ord('"'), ord("{"), ord("\n"), ord("\t")]
    return bytes(mutate(chance, body, lambda piece: chance.choice(values) if chance.random() < 0.7 else piece ^ 1 << chance.randrange(8)))


def requests(node, chance, corpus):
    """Sends one after another; yields (request, answer, code, rows that a refused body left)."""
    node.query(TABLE)
    bodies = {format: node.query(f"{ROWS} FORMAT {format}")[0] for format in FORMATS}
    rows = 0
    while True:
        if chance.random() < 0.7:
            request = corpus.hostile(chance)
            if HARMLESS.search(request):
                continue
            yield request, *node.query(request), 0
            continue
        format = chance.choice(FORMATS)
        request = (format, hostile_body(chance, bodies[format]))
        answer, code = node.query(f"INSERT INTO hostile FORMAT {format}", body=request[1])
        now = int(node.query("SELECT count() FROM hostile")[0])
        yield request, answer, code, now - rows if code else 0
        rows = now


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--requests", type=int, default=1 << 40)
    parser.add_argument("--seed", type=int, default=0, help="0: from the clock")
    arguments = parser.parse_args()
    arguments.seed = arguments.seed or int(time.time())
    print(f"seed {arguments.seed}")
    chance, corpus = random.Random(arguments.seed), Statements()
    failures, counts = [], {"answers": 0, "errors": 0, "bodies refused": 0, "bodies taken": 0}

    def failed(what, request, answer):
        failures.append(what)
        print(f"FAILED {what}\n  request: {request!r}\n  answer:  {answer[:600]!r}", flush=True)

    deadline = time.monotonic() + arguments.seconds

    def over():
        return time.monotonic() > deadline or len(failures) >= 20 or sum(counts.values()) >= arguments.requests

    while not over():
        node = Node(arguments.server)
        try:
            for request, answer, code, left in requests(node, chance, corpus):
                kinds = ("answers", "errors") if isinstance(request, str) else ("bodies taken", "bodies refused")
                counts[kinds[code != 0]] += 1
                if left:
                    failed(f"a refused body left {left} rows", request, answer)
                if code in BUGS:
                    failed(BUGS[code], request, answer)
                if over():
                    break
        except (OSError, http.client.HTTPException) as error:
            failed(f"no answer: {error!r}; the node {'lives' if node.process.poll() is None else 'is dead'}", node.last, b"")
        finally:
            code, log = node.stop()
        if code != 0:
            failed(f"the node ended with {code}", node.last, log[-6000:].encode())
            print(log[-6000:])
    print(", ".join(f"{count} {name}" for name, count in counts.items()) + f": {len(failures)} failed")
    return 1 if failures else 0


sys.exit(main())
