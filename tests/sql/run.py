#!/usr/bin/env python3
"""Runs the SQL tests against a server that it starts on a free port and stops at the end.

Two kinds of files below tests/sql:
  x.sql + x.tsv    one statement a line that answers one row; line N of the .tsv is the answer (TabSeparated) to
                   statement N. Made with ClickHouse, see tests/oracle.
  x.test           a script: statements, each followed by a line "----" and the expected answer, then a blank line;
                   "---- error CODE" expects that error code. "~" is a blank line of an answer. "---- hex" expects the
                   bytes of the answer in hexadecimal, and a line "hex 01ff…" behind an INSERT stands for those bytes: for
                   binary formats. A block with a comment "# not ClickHouse: why" is not asked of ClickHouse. Files are
                   independent: each has its own database.
Answers are compared byte by byte. `--complete FILE` writes the server's answers into FILE instead of comparing;
`--oracle` asks ClickHouse (chdb) instead of a server, which shows that the answers are its own.
Without files, every function, type and format that the server lists must occur in one of them (coverage.py).
"""
import argparse, contextlib, os, pathlib, re, shutil, signal, subprocess, sys, tempfile, urllib.error, urllib.parse, urllib.request

import coverage

HERE = pathlib.Path(__file__).resolve().parent
SHARED = HERE.parent.parent.parent / "shared" / "data" / "onlineboutique"


class Server:
    def __init__(self, binary, settings=()):
        self.dir = tempfile.mkdtemp(prefix="mangrove-sql-")
        arguments = [binary, "server", "--set", "http_port=0", "--set", "otlp_http_port=0", "--set", f"data_dir={self.dir}"]
        for setting in settings:
            arguments += ["--set", setting]
        self.log = open(os.path.join(self.dir, "log"), "w")
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.port = None
        for line in self.process.stdout:
            if line.startswith("http_port="):
                self.port = int(line.split("=")[1])
                break
        if not self.port:
            raise SystemExit("the server did not start:\n" + open(self.log.name).read())

    def query(self, text, body=None, database="default"):
        """(answer, error code or 0)"""
        parameters = {"database": database}
        data = text.encode()
        if body is not None:
            parameters["query"], data = text, body
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/?{urllib.parse.urlencode(parameters)}", data=data)
        try:
            return urllib.request.urlopen(request, timeout=120).read().decode("utf-8", "surrogateescape"), 0
        except urllib.error.HTTPError as error:
            return error.read().decode("utf-8", "replace"), int(error.headers.get("X-ClickHouse-Exception-Code") or -1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.code = self.stop()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = "killed after 30 s"
        self.log.close()
        shutil.rmtree(self.dir, ignore_errors=True)
        return code


class Oracle:
    """ClickHouse in this process, asked in the way of Server."""

    def __init__(self):
        sys.path.insert(0, str(HERE.parent / "oracle"))
        import chdb
        self.error, self.connection = chdb.OracleError, chdb.Connection()
        self.connection.query("SET implicit_select = 0")  # as a server has it
        self.code = 0

    def query(self, text, body=None, database="default"):
        try:
            self.connection.query(f"USE {database}")
            if body is not None:
                statement, format = text.rsplit(" FORMAT ", 1)
                self.connection.insert(statement, format, [body])
                return "", 0
            return self.connection.query(text).decode("utf-8", "surrogateescape"), 0
        except self.error as error:
            with contextlib.suppress(self.error):
                self.connection.query("SELECT 1")  # takes what the failed query has printed already
            return str(error), error.code or -1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()


class Counts:
    passed = failed = skipped = 0

    def check(self, name, got, want):
        if got == want:
            self.passed += 1
            return
        self.failed += 1
        print(f"FAILED {name}\n  got:  {str(got)[:600]!r}\n  want: {str(want)[:600]!r}")


def run_pair(server, path, counts, complete):
    statements = [l.strip().rstrip(";") for l in path.read_text().splitlines() if l.strip() and not l.startswith("--")]
    answers = [server.query(statement) for statement in statements]
    answers = [f"error {code}: {answer}" if code else answer for answer, code in answers]
    if complete:
        path.with_suffix(".tsv").write_text("".join(answers))
        return
    expected = path.with_suffix(".tsv").read_bytes().decode("utf-8", "surrogateescape").split("\n")[:-1]
    counts.check(f"{path.name}: number of answers", len(expected), len(statements))
    for statement, got, want in zip(statements, answers, expected):
        counts.check(f"{path.name}: {statement}", got, want + "\n")


def run_script(server, path, counts, complete):
    database = "test_" + re.sub(r"\W", "_", path.stem)
    server.query(f"CREATE DATABASE {database}")
    out = []
    for block in re.split(r"\n\s*\n", path.read_text()):
        block = block.strip("\n")
        if not block.strip():
            continue
        match = re.search(r"^----(.*)$", block, flags=re.M)
        head = block[: match.start()].strip() if match else block.strip()
        statement = "\n".join(l for l in head.splitlines() if not l.startswith("#"))
        if not statement or (isinstance(server, Oracle) and "# not ClickHouse: " in head):
            out.append(block)
            continue
        data = re.search(r"^hex ([0-9a-f ]*)$", statement, flags=re.M)
        answer, code = (server.query(statement[: data.start()].strip(), bytes.fromhex(data.group(1)), database) if data
                        else server.query(statement, database=database))
        expectation = match.group(1).strip() if match else ""
        want = re.sub(r"^~(?=\s*$)", "", block[match.end():].lstrip("\n"), flags=re.M) if match else ""
        got = answer.encode("utf-8", "surrogateescape").hex() if expectation == "hex" and not code else answer.rstrip("\n")
        name = f"{path.name}: {statement[:100]}"
        if complete:
            got = re.sub(r"^(?=[^\S\n]*$)", "~", got, flags=re.M) if got else got
            header = f"---- error {code}" if code else "---- hex" if expectation == "hex" else "----"
            out.append(f"{head}\n{header}" + (f"\n{got}" if got and not code else "") if match or code or got else head)
        elif expectation.startswith("error"):
            counts.check(name, f"error {code}", expectation)
        else:
            counts.check(name, f"error {code}: {got}" if code else got, want)
    server.query(f"DROP DATABASE {database}")
    if complete:
        path.write_text("\n\n".join(out) + "\n")


BOUTIQUE = """CREATE TABLE boutique
(
    TraceID String, SpanID String, ParentID String,
    PodName LowCardinality(String), OperationName LowCardinality(String),
    StartTimeUnixNano UInt64, EndTimeUnixNano UInt64, Duration UInt64,
    service LowCardinality(String) MATERIALIZED replaceRegexpOne(PodName, '-[0-9a-z]+-[0-9a-z]+$', ''),
    startTime DateTime64(9, 'UTC') MATERIALIZED fromUnixTimestamp64Nano(toInt64(StartTimeUnixNano), 'UTC')
)
ENGINE = MergeTree PARTITION BY toStartOfHour(startTime) ORDER BY (service, startTime)"""


def run_boutique(server, counts):
    if not SHARED.is_dir():
        counts.skipped += 1
        print(f"skipped: the recorded spans are not beside the repository ({SHARED.name})")
        return
    answer, code = server.query(BOUTIQUE)
    counts.check("boutique: CREATE TABLE", answer, "")
    for path in sorted(SHARED.glob("*.csv.zst")):
        data = subprocess.run(["zstdcat", str(path)], check=True, capture_output=True).stdout
        answer, code = server.query("INSERT INTO boutique FORMAT CSVWithNames", body=data)
        counts.check(f"boutique: load {path.name}", answer, "")
    queries = [q for q in re.split(r";\n", (SHARED / "queries.sql").read_text()) if q.strip()]
    expected = re.split(r"^-- Q\d+\n", (SHARED / "expected.tsv").read_text(), flags=re.M)[1:]
    for repeat in ("as inserted", "after OPTIMIZE FINAL"):
        for number, (query, want) in enumerate(zip(queries, expected), 1):
            counts.check(f"boutique: Q{number} {repeat}", server.query(query)[0], want)
        server.query("OPTIMIZE TABLE boutique FINAL")


def main():
    parser = argparse.ArgumentParser()
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("--server", help="the mangrove binary")
    asked.add_argument("--oracle", action="store_true", help="ask ClickHouse")
    parser.add_argument("--complete", action="store_true")
    parser.add_argument("files", nargs="*")
    arguments = parser.parse_args()
    counts = Counts()
    with Oracle() if arguments.oracle else Server(arguments.server) as server:
        files = [pathlib.Path(f) for f in arguments.files] or sorted(HERE.rglob("*.sql")) + sorted(HERE.rglob("*.test"))
        for path in files:
            if path.suffix == ".test":
                run_script(server, path, counts, arguments.complete)
            elif path.with_suffix(".tsv").exists() or arguments.complete:
                run_pair(server, path, counts, arguments.complete)
        if not arguments.files and not arguments.oracle:
            run_boutique(server, counts)
            coverage.check(server, counts)
    if server.code != 0:
        counts.failed += 1
        print(f"FAILED the server ended with {server.code}")
    print(f"{counts.passed} passed, {counts.failed} failed" + (f", {counts.skipped} skipped" if counts.skipped else ""))
    return 1 if counts.failed else 0


if __name__ == "__main__":
    sys.exit(main())
