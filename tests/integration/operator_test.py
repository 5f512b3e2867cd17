#!/usr/bin/env python3
"""What an operator meets: configuration, the HTTP interface around queries, system tables, /metrics, stopping."""
import argparse, gzip, json, os, pathlib, re, signal, socket, subprocess, sys, tempfile, threading, time, zlib
from node import Checks, Failed, Node


def start_fails(binary, *arguments, **environment):
    """What a node that does not start says; "" if it starts."""
    with tempfile.TemporaryDirectory() as folder:
        command = [binary, "server", "--set", "http_port=0", "--set", "otlp_http_port=0", "--set", f"data_dir={folder}/data", *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment})
        started = any(line.startswith("http_port=") for line in process.stdout)
        process.send_signal(signal.SIGTERM)
        error = process.communicate(timeout=60)[1]
        return "" if started or process.returncode == 0 else error


def configuration(binary, check):
    for setting, word in [("bogus=1", "bogus"), ("http_port=99999", "http_port"), ("http_port=-1", "http_port"), ("cache_bytes_max=1x", "cache_bytes_max"),
                          ("memory_bytes_max=100", "memory_bytes_max"), ("data_dir=", "data_dir"), ("node_name=", "node_name"),
                          ("node_name=a/b", "node_name"), ("listen_host=example.com", "listen_host"), ("object_store=ftp://x", "ftp://x"),
                          ("keeper=nonsense", "nonsense"), ("users_file=/etc/users.yaml", "users_file")]:
        said = start_fails(binary, "--set", setting)
        check(f"--set {setting} is refused by name", word in said, said or "it started")
    said = start_fails(binary, MANGROVE_USERS_FILE="/etc/users.yaml")
    check("MANGROVE_USERS_FILE is refused: never open when asked to be closed", "users_file" in said, said or "it started")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "config.yaml")
        for text, word in [("bogus: 1", "bogus"), ("http_port: [1]", "http_port"), ("- 1", "key: value"), ("a: b: c", str(path)), ("users_file: x", "users_file")]:
            path.write_text(text)
            said = start_fails(binary, "--config", str(path))
            check(f"a file with {text!r} is refused", word in said, said or "it started")

        # The file, then the environment, then --set; what has no effect is said.
        path.write_text("node_name: of_file\ncache_bytes_max: 10000000\ntcp_port: 9001\notlp_grpc_port: 4400\ninterserver_port: 9100\nlisten_host: 127.0.0.1\n"
                        "memory_bytes_max: 1000000000\nkeeper: embedded\nobject_store:\nusers_file:\n")
        node = Node(binary)
        arguments = [binary, "server", "--config", str(path), *(a for key, value in node.settings.items() for a in ("--set", f"{key}={value}"))]
        for environment, override, want in [({}, (), "of_file"), ({"MANGROVE_NODE_NAME": "of_env"}, (), "of_env"),
                                            ({"MANGROVE_NODE_NAME": "of_env"}, ("--set", "node_name=of_set"), "of_set")]:
            process = subprocess.Popen([*arguments, *override], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                       env={**os.environ, "MANGROVE_SERVICE_HOST": "10.0.0.1", **environment})
            port = next((line for line in process.stdout if line.startswith("http_port=")), None)
            if not port:
                check("it starts", False, process.communicate()[1])
                continue
            node.port = int(port.split("=")[1])
            check.equal("the later setting wins", node.request("SELECT 1")[1]["X-ClickHouse-Server-Display-Name"], want)
            process.send_signal(signal.SIGTERM)
            said = process.communicate(timeout=60)[1]
            for word in ("tcp_port has no effect", "otlp_grpc_port has no effect", "interserver_port has no effect", "MANGROVE_SERVICE_HOST has no effect"):
                check(f"the log says: {word}", word in said, said)
        node.remove()
    node = Node(binary, listen_host="0.0.0.0").start()
    check("an open node says so loudly", "WITHOUT USERS" in node.log_text(), node.log_text())
    node.stop()
    node.remove()


def http_interface(node, check):
    for method, path in [("GET", "/"), ("HEAD", "/"), ("GET", "/ping"), ("HEAD", "/ping"), ("GET", "/replicas_status")]:
        status, _, body = node.request(method=method, path=path)
        check.equal(f"{method} {path}", (status, body), (200, b"" if method == "HEAD" else b"Ok.\n"))
    status, headers, _ = node.request(method="GET", path="/%3Cb%3Enothing")
    check.equal("another path", (status, headers["Content-Type"]), (404, "text/plain; charset=UTF-8"))
    for name, query_id in (("that ends a header", "a\r\nX-Injected: 1"), ("of 70 KB", "a" * 70_000)):
        status, headers, body = node.request("SELECT 1", query_id=query_id)
        check(f"a query_id {name} is refused", status == 400 and b"query_id" in body and "X-Injected" not in headers, (status, dict(headers), body))

    status, headers, body = node.request("SELECT 1 AS x FORMAT JSONEachRow", query_id="q-1")
    check.equal("body", body, b'{"x":1}\n')
    for name, want in [("X-ClickHouse-Query-Id", "q-1"), ("X-ClickHouse-Format", "JSONEachRow"), ("X-ClickHouse-Timezone", "Etc/UTC")]:
        check.equal(name, headers[name], want)
    summary = json.loads(headers["X-ClickHouse-Summary"])
    check("X-ClickHouse-Summary", {"read_rows", "read_bytes", "written_rows", "result_rows", "elapsed_ns"} <= summary.keys(), summary)
    status, headers, body = node.request("SELECT nothing")
    check.equal("X-ClickHouse-Exception-Code", (status, headers["X-ClickHouse-Exception-Code"]), (404, "47"))
    check("the text of an exception", body.startswith(b"Code: 47. DB::Exception: ") and b"(UNKNOWN_IDENTIFIER)" in body, body)

    check.equal("GET reads", node.request(method="GET", query="SELECT 1")[2], b"1\n")
    check.equal("HEAD of a query", node.request(method="HEAD", query="SELECT 1")[::2], (200, b""))
    for statement in ("INSERT INTO t VALUES (1)", "CREATE TABLE x (a UInt8) ENGINE = MergeTree ORDER BY a", "DROP TABLE t", "OPTIMIZE TABLE t",
                      "ALTER TABLE t DROP PARTITION ID 'all'", "KILL QUERY WHERE 1"):
        check.equal(f"GET of {statement}", node.error("", method="GET", query=statement), 164)
    check.equal("multipart is refused by name", node.error("--b\r\n\r\n--b--", query="SELECT 1", headers={"Content-Type": "multipart/form-data; boundary=b"}), 48)
    check.equal("param_x", node.query("SELECT {x:UInt8} + {y:Array(UInt8)}[2]", param_x=5, param_y="[1,2]"), "7")
    check.equal("a missing parameter", node.error("SELECT {x:UInt8}"), 456)

    check.equal("session_check of no session", node.error("SELECT 1", session_id="s", session_check=1), 372)
    node.query("SET max_block_size = 7", session_id="s", session_timeout=30)
    value = "SELECT value FROM system.settings WHERE name = 'max_block_size'"
    check.equal("a session keeps SET", node.query(value, session_id="s", session_check=1), "7")
    check.equal("a parameter does not stay", (node.query(value, session_id="s", max_block_size=9), node.query(value, session_id="s")), ("9", "7"))
    check.equal("session_timeout too long", node.error("SELECT 1", session_id="s", session_timeout=3601), 374)
    check.equal("session_timeout no number", node.error("SELECT 1", session_id="s", session_timeout="x"), 374)
    node.query("SELECT 1", session_id="short", session_timeout=0)
    time.sleep(0.1)
    check.equal("a session ends", node.error("SELECT 1", session_id="short", session_check=1), 372)
    slow = threading.Thread(target=lambda: node.request("SELECT count() FROM numbers(3000000000)", session_id="busy", max_execution_time=2))
    slow.start()
    time.sleep(0.7)
    check.equal("a session is of one query at a time", node.error("SELECT 1", session_id="busy"), 373)
    slow.join()


def compression(node, check):
    text = b"1\n" * 100_000
    node.query("CREATE TABLE zipped (a UInt64) ENGINE = MergeTree ORDER BY a")
    tools = {"gzip": gzip.compress}
    for name in ("zstd", "lz4"):
        tools[name] = lambda data, name=name: subprocess.run([name, "-c"], input=data, check=True, capture_output=True).stdout
    deflate = lambda data: zlib.compress(data)
    tools["deflate"] = deflate
    sent = 0
    for encoding, compress in tools.items():
        try:
            data = compress(text)
        except FileNotFoundError:
            continue  # the command line tool is not here
        code = node.error("INSERT INTO zipped FORMAT TSV", data, headers={"Content-Encoding": encoding})
        if code == 0:
            sent += 1
        check(f"Content-Encoding {encoding} is read or refused", code == 0 or encoding == "deflate", code)
        if encoding != "gzip":
            check.equal(f"cut {encoding}", node.error("INSERT INTO zipped FORMAT TSV", data[:len(data) // 2], headers={"Content-Encoding": encoding}) != 0, True)
    check.equal("every row came once", node.query("SELECT count() FROM zipped"), str(100_000 * sent))
    check("cut gzip is refused", node.error("INSERT INTO zipped FORMAT TSV", gzip.compress(text)[:100], headers={"Content-Encoding": "gzip"}) != 0)
    check("garbage is refused", node.error("INSERT INTO zipped FORMAT TSV", b"nothing of the kind", headers={"Content-Encoding": "gzip"}) != 0)
    check.equal("br is refused by name", node.error("INSERT INTO zipped FORMAT TSV", b"x", headers={"Content-Encoding": "br"}), 89)
    check.equal("nothing more came", node.query("SELECT count() FROM zipped"), str(100_000 * sent))
    query = "SELECT number FROM numbers(100000) ORDER BY number"
    want = node.request(query)[2]
    for encoding in ("gzip", "zstd", "lz4", "deflate", "br", "identity", "gzip;q=0", "gzip, deflate, br"):
        status, headers, body = node.request(query, enable_http_compression=1, headers={"Accept-Encoding": encoding})
        got = headers.get("Content-Encoding", "")
        if got == "gzip":
            body = gzip.decompress(body)
        elif got == "deflate":
            body = zlib.decompress(body)
        elif got in ("zstd", "lz4"):
            try:
                body = subprocess.run([got, "-dc"], input=body, check=True, capture_output=True).stdout
            except FileNotFoundError:
                continue
        check(f"Accept-Encoding {encoding} ({got or 'plain'})", status == 200 and body == want and (got in encoding), (status, len(body)))
    check.equal("not compressed unless asked", node.request(query, headers={"Accept-Encoding": "gzip"})[1].get("Content-Encoding"), None)


def streams(node, check):
    with socket.create_connection(("127.0.0.1", node.port), timeout=60) as raw:
        request = lambda text: f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode()
        raw.sendall(b"".join(request(f"SELECT {i}") for i in range(5)))
        got = b""
        while got.count(b"0\r\n\r\n") < 5:
            piece = raw.recv(65536)
            if not piece:
                break
            got += piece
        check.equal("five pipelined requests", re.findall(rb"\r\n\r\n1?2?\r?\n?2\r\n(\d)\n", got), [b"0", b"1", b"2", b"3", b"4"])
    connection = node.connect()
    for i in range(3):
        connection.request("POST", "/", f"SELECT {i}")
        check.equal("keep-alive", connection.getresponse().read(), f"{i}\n".encode())
    connection.close()

    late = "SELECT number, throwIf(number = 2000000) FROM numbers(3000000)"
    with socket.create_connection(("127.0.0.1", node.port), timeout=60) as raw:
        raw.sendall(f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {len(late)}\r\n\r\n{late}".encode())
        got = b""
        while piece := raw.recv(1 << 20):
            got += piece
    check("an exception in the middle of the answer", got.startswith(b"HTTP/1.1 200") and b"Code: 395. DB::Exception" in got[-1000:] and not got.endswith(b"0\r\n\r\n"), got[-300:])
    status, headers, body = node.request(late, wait_end_of_query=1)
    check.equal("wait_end_of_query", (status, headers["X-ClickHouse-Exception-Code"]), (500, "395"))
    check.equal("the setting of the same meaning", node.request(late, http_wait_end_of_query=1)[0], 500)
    check.equal("wait_end_of_query is no setting", node.request("SELECT 1 SETTINGS wait_end_of_query = 1")[1]["X-ClickHouse-Exception-Code"], "115")
    check.equal("nor anything but yes or no", node.request("SELECT 1", wait_end_of_query="x")[1]["X-ClickHouse-Exception-Code"], "467")
    check.equal("the row that SELECT 1 reads", json.loads(node.request("SELECT 1 FORMAT JSON")[2])["statistics"]["rows_read"], 1)

    status, headers, body = node.request("SELECT count() FROM numbers(300000000)", send_progress_in_http_headers=1, http_headers_progress_interval_ms=50)
    progress = [json.loads(value) for value in headers.get_all("X-ClickHouse-Progress", [])]
    rows = [int(line["read_rows"]) for line in progress]
    check("X-ClickHouse-Progress", len(rows) > 1 and rows == sorted(rows) and rows[-1] <= 300_000_000, rows)
    check.equal("the answer after progress", (status, body, "X-ClickHouse-Summary" in headers), (200, b"300000000\n", True))


# Columns of ClickHouse 26 that ours have, with the types; tests/oracle compares them where it is installed.
TABLES = ("databases tables columns parts functions settings processes merges query_log part_log metrics events errors one numbers").split()


def system_tables(node, check, oracle):
    for table in TABLES:
        check.equal(f"system.{table} answers", node.error(f"SELECT * FROM system.{table} LIMIT 3"), 0)
        check.equal(f"system.{table} is listed", node.query(f"SELECT count() FROM system.tables WHERE database = 'system' AND name = '{table}'"), "1")
        check(f"its columns are listed", int(node.query(f"SELECT count() FROM system.columns WHERE database = 'system' AND table = '{table}'")) > 0)
    if oracle:
        for table in TABLES:
            theirs = oracle(f"DESCRIBE system.{table}")
            ours = dict(line.split("\t")[:2] for line in node.query(f"DESCRIBE TABLE system.{table}").splitlines())
            unknown = [name for name in ours if theirs and name not in theirs]
            check(f"system.{table} has only names of ClickHouse", not unknown, unknown)
            other = {name: (type, theirs[name]) for name, type in ours.items() if name in theirs and theirs[name] != type and "Enum" not in type}
            check(f"system.{table} has the types of ClickHouse", not other, other)

    node.query("CREATE TABLE t (a UInt64, s String) ENGINE = MergeTree ORDER BY a PARTITION BY a % 2")
    before = dict(line.split("\t") for line in node.query("SELECT event, value FROM system.events").splitlines())
    for i in range(3):
        node.query("INSERT INTO t SELECT number, toString(number) FROM numbers(100000)", query_id=f"insert-{i}")
    node.error("SELECT nope", query_id="failing")
    after = dict(line.split("\t") for line in node.query("SELECT event, value FROM system.events").splitlines())
    moved = {name: int(after[name]) - int(before.get(name, 0)) for name in after}
    for name, least in [("Query", 4), ("InsertQuery", 3), ("InsertedRows", 300_000), ("FailedQuery", 1), ("QueryTimeMicroseconds", 1)]:
        check(f"system.events counts {name}", moved[name] >= least, moved)
    check.equal("system.errors", node.query("SELECT value > 0, last_error_message LIKE '%nope%', query_id FROM system.errors WHERE name = 'UNKNOWN_IDENTIFIER'"), "1\t1\tfailing")
    check.equal("system.query_log", node.query("SELECT type, query_kind, written_rows, exception_code FROM system.query_log WHERE query_id = 'insert-1' ORDER BY event_time_microseconds"),
                "QueryStart\tInsert\t0\t0\nQueryFinish\tInsert\t100000\t0")
    check.equal("a failure is logged", node.query("SELECT type, exception_code, exception != '' FROM system.query_log WHERE query_id = 'failing' AND type > 1"),
                "ExceptionWhileProcessing\t47\t1")
    check.equal("system.part_log: NewPart", node.query("SELECT count(), sum(rows), countIf(part_name LIKE concat(partition_id, '\\_%')) FROM system.part_log WHERE table = 't' AND event_type = 'NewPart'"),
                "6\t300000\t6")
    node.query("OPTIMIZE TABLE t FINAL")
    check("system.part_log: MergeParts", int(node.query("SELECT countIf(rows = 150000 AND length(merged_from) > 1) FROM system.part_log WHERE table = 't' AND event_type = 'MergeParts' AND merge_reason = 'RegularMerge' AND error = 0")) >= 2,
          node.query("SELECT * FROM system.part_log"))
    deadline = time.monotonic() + 30
    removed = "SELECT count() FROM system.part_log WHERE table = 't' AND event_type = 'RemovePart'"
    while node.query(removed) == "0" and time.monotonic() < deadline:
        time.sleep(0.2)
    check("system.part_log: RemovePart", int(node.query(removed)) >= 1)

    # A merge as it runs.
    node.query("CREATE TABLE wide (a UInt64, s String) ENGINE = MergeTree ORDER BY a")
    for i in range(2):
        node.query("INSERT INTO wide SELECT number, repeat(toString(cityHash64(number)), 5) FROM numbers(600000)")
    merging = threading.Thread(target=lambda: node.query("OPTIMIZE TABLE wide FINAL"))
    merging.start()
    seen = ""
    while merging.is_alive() and not seen:
        seen = node.query("SELECT num_parts, length(source_part_names) = num_parts, progress BETWEEN 0 AND 1, partition_id, result_part_name FROM system.merges WHERE table = 'wide'")
    merging.join()
    check("system.merges shows a running merge", re.fullmatch(r"\d+\t1\t1\tall\tall_\d+_\d+_\d+", seen.splitlines()[0] if seen else "") is not None, seen)
    check.equal("and none after it", node.query("SELECT count() FROM system.merges WHERE table = 'wide'"), "0")

    # A query as it runs, and its end.
    def end_by(query_id, end):
        failure = []
        running = threading.Thread(target=lambda: failure.append(node.error("SELECT count() FROM numbers(100000000000)", query_id=query_id, max_execution_time=60)))
        running.start()
        while node.query(f"SELECT count() FROM system.processes WHERE query_id = '{query_id}'") == "0":
            time.sleep(0.02)
        began = time.monotonic()
        end()
        running.join()
        return failure[0], time.monotonic() - began

    code, seconds = end_by("to-kill", lambda: node.query("KILL QUERY WHERE query_id = 'to-kill'"))
    check("KILL QUERY", code == 394 and seconds < 5, (code, seconds))
    connection = node.connect()
    connection.request("POST", "/?query_id=left", "SELECT count() FROM numbers(100000000000)")
    left = "SELECT count() FROM system.processes WHERE query_id = 'left'"
    while node.query(left) == "0":
        time.sleep(0.02)
    connection.close()
    began = time.monotonic()
    while node.query(left) == "1" and time.monotonic() - began < 20:
        time.sleep(0.05)
    check("a query ends when its client goes", time.monotonic() - began < 5, time.monotonic() - began)
    check.equal("and is logged as cancelled", node.query("SELECT exception_code FROM system.query_log WHERE query_id = 'left' AND type > 1"), "394")

    status, headers, body = node.request(method="GET", path="/metrics")
    lines = body.decode().splitlines()
    check("/metrics is Prometheus' text", status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4")
          and all(re.fullmatch(r"# (HELP|TYPE) \w+ .+|\w+ -?\d+", line) for line in lines), body[:300])
    for name in ("ClickHouseProfileEvents_Query", "ClickHouseMetrics_MemoryTracking", "ClickHouseErrorMetric_ALL", "ClickHouseProfileEvents_BackgroundMergeRuns",
                 "ClickHouseProfileEvents_BackgroundGarbageCollectionRuns", "ClickHouseProfileEvents_BackgroundCheckpointFailures"):
        check(f"/metrics has {name}", any(line.startswith(name + " ") for line in lines))


def malformed_requests(node, check):
    """One request, one answer: what follows a head that does not say where its body ends is no request."""
    head, query = b"POST / HTTP/1.1\r\nHost: x\r\n", b"SELECT 1"
    chunked = b"8\r\nSELECT 1\r\n0\r\n\r\n"
    for name, request, status in [
            ("both lengths", head + b"Content-Length: 8\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked, 400),
            ("two lengths", head + b"Content-Length: 8\r\nContent-Length: 3\r\n\r\n" + query, 400),
            ("a signed length", head + b"Content-Length: +8\r\n\r\n" + query, 400),
            ("an unknown Transfer-Encoding", head + b"Transfer-Encoding: xchunked\r\n\r\n" + chunked, 501),
            ("chunked, but not last", head + b"Transfer-Encoding: chunked, identity\r\n\r\nGET /ping HTTP/1.1\r\nHost: x\r\n\r\n", 501),
            ("a space before a colon", head + b"Content-Length : 8\r\n\r\n" + query, 400),
            ("a head of 2 MB", head + b"A: " + b"b" * 2_000_000 + b"\r\nContent-Length: 8\r\n\r\n" + query, 431)]:
        with socket.create_connection(("127.0.0.1", node.port), timeout=30) as raw:
            raw.sendall(request)
            answer = b""
            while piece := raw.recv(1 << 16):
                answer += piece
        statuses = re.findall(rb"HTTP/1.1 (\d+)", answer)
        check.equal(f"{name}: one answer, then the end", statuses, [str(status).encode()])


def changed_ttl(node, check):
    """What an ALTER says of the TTL holds for the rows that are there."""
    for name, alter in (("removed", "REMOVE TTL"), ("longer", "MODIFY TTL d + INTERVAL 1 DAY"), ("added", "MODIFY TTL d + INTERVAL 1 SECOND"), ("kept", "ADD COLUMN y UInt8")):
        ttl = "" if name == "added" else "TTL d + INTERVAL 3 SECOND"
        node.query(f"CREATE TABLE ttl_{name} (d DateTime, x UInt8) ENGINE = MergeTree ORDER BY x {ttl} SETTINGS ttl_only_drop_parts = 1")
        node.query(f"INSERT INTO ttl_{name} SELECT now(), number FROM numbers(3)")
        node.query(f"ALTER TABLE ttl_{name} {alter}")
    end = time.time() + 30
    while node.query("SELECT (SELECT count() FROM ttl_added) + (SELECT count() FROM ttl_kept)") != "0" and time.time() < end:
        time.sleep(0.5)
    check.equal("rows of a TTL that an ALTER added, left alone, removed, made longer", node.query(
        "SELECT (SELECT count() FROM ttl_added), (SELECT count() FROM ttl_kept), (SELECT count() FROM ttl_removed), (SELECT count() FROM ttl_longer)"), "0\t0\t3\t3")


def stopping(node, check):
    """SIGTERM lets what runs end, takes nothing new, and is over soon."""
    answer = []
    running = threading.Thread(target=lambda: answer.append(node.request("SELECT sleep(2)")[2]))
    running.start()
    idle = node.connect()
    idle.request("POST", "/", "SELECT 1")
    idle.getresponse().read()
    time.sleep(0.1)
    began = time.monotonic()
    code = node.stop()
    running.join()
    check.equal("exit code", code, 0)
    check.equal("the query in flight was answered", answer, [b"0\n"])
    check("an idle connection does not hold it up", time.monotonic() - began < 15, time.monotonic() - began)
    node.start()
    endless = threading.Thread(target=lambda: answer.append(node.error("SELECT count() FROM numbers(1000000000000)")))
    endless.start()
    time.sleep(0.5)
    began = time.monotonic()
    check.equal("exit code with a long query", node.stop(), 0)
    check("a long query is cancelled after the drain", time.monotonic() - began < 20, time.monotonic() - began)
    endless.join()
    check.equal("and its client is told", answer[1:], [394])


def find_oracle():
    folder = pathlib.Path(__file__).resolve().parents[1] / "oracle"
    if not (folder.parents[1] / "build/oracle/installed-lock.json").exists():
        print("not compared with ClickHouse's DESCRIBE: tests/oracle/install.sh was not run")
        return None

    def ask(text):
        done = subprocess.run([str(folder / "ask"), text], capture_output=True, text=True)
        return dict(line.split("\t")[:2] for line in done.stdout.splitlines())

    return ask


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    arguments = parser.parse_args()
    check = Checks()
    node = Node(arguments.server, gc_grace_ms=1, gc_period_ms=200)
    try:
        configuration(arguments.server, check)
        node.start()
        for part in (http_interface, malformed_requests, compression, streams, changed_ttl):
            part(node, check)
        system_tables(node, check, find_oracle())
        stopping(node, check)
    finally:
        if check.failed and os.path.exists(node.log_path):
            print("the end of the log:\n" + node.log_text()[-2000:])
        node.remove()
    return check.end("operator")


sys.exit(main())
