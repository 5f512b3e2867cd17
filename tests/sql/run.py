#!/usr/bin/env python3
"""Runs the SQL tests against a server that it starts on a free port and stops at the end.

Two kinds of files below tests/sql:
  x.sql + x.tsv    one statement a line that answers one row; line N of the .tsv is the answer (TabSeparated) to
                   statement N. Made with ClickHouse, see tests/oracle.
  x.test           a script: statements, each followed by a line "----" and the expected answer, then a blank line;
                   "---- error CODE" expects that error code. Files are independent: each runs in a database of its own.
Answers are compared byte by byte. `--complete FILE` writes the server's answers into FILE instead of comparing.
"""
import argparse, os, pathlib, re, shutil, signal, subprocess, sys, tempfile, urllib.error, urllib.parse, urllib.request

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
        statement = block[: match.start()].strip() if match else block.strip()
        statement = "\n".join(l for l in statement.splitlines() if not l.startswith("#"))
        if not statement:
            out.append(block)
            continue
        answer, code = server.query(statement, database=database)
        expects_error = match and match.group(1).strip().startswith("error")
        want = block[match.end():].lstrip("\n") if match else ""
        got = answer.rstrip("\n")
        name = f"{path.name}: {statement[:100]}"
        if complete:
            header = f"---- error {code}" if code else "----"
            out.append(f"{statement}\n{header}" + (f"\n{got}" if got and not code else "") if match or code or got else statement)
        elif expects_error:
            counts.check(name, f"error {code}", match.group(1).strip())
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
    parser.add_argument("--server", required=True)
    parser.add_argument("--complete", action="store_true")
    parser.add_argument("files", nargs="*")
    arguments = parser.parse_args()
    counts = Counts()
    server = Server(arguments.server)
    try:
        files = [pathlib.Path(f) for f in arguments.files] or sorted(HERE.rglob("*.sql")) + sorted(HERE.rglob("*.test"))
        for path in files:
            if path.suffix == ".test":
                run_script(server, path, counts, arguments.complete)
            elif path.with_suffix(".tsv").exists() or arguments.complete:
                run_pair(server, path, counts, arguments.complete)
        if not arguments.files:
            run_boutique(server, counts)
    finally:
        code = server.stop()
    if code != 0:
        counts.failed += 1
        print(f"FAILED the server ended with {code}")
    print(f"{counts.passed} passed, {counts.failed} failed" + (f", {counts.skipped} skipped" if counts.skipped else ""))
    return 1 if counts.failed else 0


if __name__ == "__main__":
    sys.exit(main())
