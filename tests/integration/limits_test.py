#!/usr/bin/env python3
"""Limits hold: the query ends with ClickHouse's code, the node lives and stays within its memory."""
import argparse, concurrent.futures, gzip, http.client, socket, subprocess, sys, threading, time, urllib.parse
from node import Checks, Node

MEMORY = 1000 << 20
ROWS = 1_000_000

KEPT = "an answer kept to its end"
HEAVY = {
    "a GROUP BY with many groups": "SELECT number % 50000000 AS k, count(), sum(number) FROM numbers(200000000) GROUP BY k FORMAT Null",
    "a GROUP BY of strings": "SELECT toString(number) AS k, uniqExact(number) FROM numbers(30000000) GROUP BY k FORMAT Null",
    "groupArray of everything": "SELECT length(groupArray(toString(number))) FROM numbers(200000000)",
    "uniqExact of everything": "SELECT uniqExact(number) FROM numbers(300000000)",
    "a sort": "SELECT number, toString(number) AS s FROM numbers(100000000) ORDER BY s DESC FORMAT Null",
    "a sort of a wide table": "SELECT a.*, b.* FROM wide AS a CROSS JOIN (SELECT number FROM numbers(20)) AS b ORDER BY s, a FORMAT Null",
    "a hash join": "SELECT count() FROM numbers(10) AS l JOIN (SELECT number, toString(number) AS s FROM numbers(100000000)) AS r ON l.number = r.number",
    "DISTINCT": "SELECT DISTINCT number FROM numbers(500000000) FORMAT Null",
    "IN of a big subquery": "SELECT count() FROM numbers(10) WHERE number IN (SELECT number FROM numbers(500000000))",
    "a window": "SELECT sum(number) OVER (PARTITION BY number % 3 ORDER BY number) FROM numbers(100000000) FORMAT Null",
    "one long string": "SELECT length(arrayStringConcat(groupArray(repeat('x', 1000)))) FROM numbers(10000000)",
    KEPT: "SELECT repeat('x', 1000) FROM numbers(10000000)",
    "arrays of arrays": "SELECT sum(length(arrayMap(x -> range(x % 1000), range(1000)))) FROM numbers(100000)",
}


def memory_of_queries(node, check):
    for name, query in HEAVY.items():
        began = time.monotonic()
        # Whether an answer waits is decided before the statement is read: in the URL, not in its SETTINGS.
        kept = {"wait_end_of_query": 1} if name == KEPT else {}
        code = node.error(query, max_memory_usage=200 << 20, query_id=name.replace(" ", "_"), **kept)
        check(f"{name}: 241", code == 241, f"{code} after {time.monotonic() - began:.1f} s")
        check(f"{name}: the node holds its limit", node.resident_bytes("VmHWM") < MEMORY * 1.1, node.resident_bytes("VmHWM"))
    check.equal("nothing is left charged", node.query("SELECT count() FROM system.processes WHERE memory_usage > 100000000"), "0")
    check.equal("a small query within a small limit", node.query("SELECT count() FROM numbers(1000000)", max_memory_usage=20 << 20), "1000000")
    peak = int(node.query("SELECT max(memory_usage) FROM system.query_log WHERE query_id = 'a_sort'"))
    check("query_log knows the peak", 150 << 20 < peak < 400 << 20, peak)


def memory_of_node(node, check):
    """64 at once, without limits of their own."""
    queries = [query for name, query in HEAVY.items() if name != KEPT]
    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        began = time.monotonic()
        codes = list(pool.map(lambda i: node.error(queries[i % len(queries)], max_execution_time=60, timeout=200), range(64)))
    counted = {code: codes.count(code) for code in sorted(set(codes))}
    print(f"64 heavy queries at once: {counted} in {time.monotonic() - began:.0f} s; resident at most {node.resident_bytes('VmHWM') >> 20} MiB of {MEMORY >> 20}")
    check("each is done, ends with 241 or by its time", set(codes) <= {0, 241, 159} and counted.get(241, 0) > 0, counted)
    check("resident memory stays near the limit", node.resident_bytes("VmHWM") < MEMORY * 1.1, node.resident_bytes("VmHWM"))
    check.equal("the node answers", node.query("SELECT 1"), "1")
    deadline = time.monotonic() + 30
    while node.resident_bytes() > MEMORY / 2 and time.monotonic() < deadline:
        time.sleep(0.5)
    check("memory comes back", node.resident_bytes() < MEMORY / 2, node.resident_bytes())


def bodies(node, check):
    node.query("CREATE TABLE sink (a UInt64, s String) ENGINE = MergeTree ORDER BY a")

    def chunks(piece, count):
        for _ in range(count):
            yield piece

    def send(query, data, **headers):
        """The code of the error, 0 if there is none, or what the log says if the connection was cut before the answer."""
        connection = node.connect(timeout=120)
        try:
            connection.request("POST", "/?" + urllib.parse.urlencode({"query": query}), data, headers, encode_chunked=not isinstance(data, bytes))
            response = connection.getresponse()
            response.read()
            return int(response.headers.get("X-ClickHouse-Exception-Code") or 0)
        except (ConnectionError, http.client.HTTPException):
            return "cut, " + node.query("SELECT exception FROM system.query_log WHERE exception_code != 0 ORDER BY event_time_microseconds DESC LIMIT 1")[:300]
        finally:
            connection.close()

    row = b"1\t" + b"x" * 1000 + b"\n"
    chunked = {"Transfer-Encoding": "chunked"}
    check.equal("an INSERT of 1.5 GB streams", send("INSERT INTO sink FORMAT TSV", chunks(row * 1000, 1500), **chunked), 0)
    check.equal("all of it", node.query("SELECT count(), sum(length(s)) FROM sink"), "1500000\t1500000000")
    node.query("TRUNCATE TABLE sink")
    check("one endless row is refused", send("INSERT INTO sink FORMAT TSV", chunks(b"x" * 1_000_000, 3000), **chunked) != 0)
    check("one endless JSON string is refused", send("INSERT INTO sink FORMAT JSONEachRow", chunks(b'{"s":"' + b"x" * 1_000_000, 3000), **chunked) != 0)
    check("an endless statement is refused", send("", chunks(b"SELECT 1 + " * 100_000, 3000), **chunked) != 0)
    deep = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    check("deep JSON is refused", send("INSERT INTO sink FORMAT JSONEachRow", deep) != 0)
    bomb = gzip.compress(bytes(1 << 20) * 400)
    check("a gzip bomb is refused", send("INSERT INTO sink FORMAT TSV", bomb, **{"Content-Encoding": "gzip"}) != 0)
    try:
        bomb = subprocess.run("head -c 3000000000 /dev/zero | zstd -19 -c", shell=True, check=True, capture_output=True).stdout
        check("a zstd bomb is refused", send("INSERT INTO sink FORMAT TSV", bomb, **{"Content-Encoding": "zstd"}) != 0)
    except subprocess.CalledProcessError:
        pass
    check.equal("nothing of these came in", node.query("SELECT count() FROM sink"), "0")
    check("resident memory stays near the limit", node.resident_bytes("VmHWM") < MEMORY * 1.1, node.resident_bytes("VmHWM"))


def of_settings(node, check):
    for query, setting, code in [
        ("SELECT count() FROM numbers(100000000000)", {"max_execution_time": 1}, 159),
        ("SELECT count() FROM numbers(100000000000)", {"max_execution_time": 0.2}, 159),
        ("SELECT sum(a) FROM wide", {"max_rows_to_read": 1000}, 158),
        ("SELECT sum(a) FROM wide", {"max_bytes_to_read": 1000}, 307),
        ("SELECT a FROM wide", {"max_result_rows": 10}, 396),
        ("SELECT a FROM wide", {"max_result_bytes": 10}, 396),
        ("SELECT a, count() FROM wide GROUP BY a", {"max_rows_to_group_by": 10}, 158),
        ("SELECT a FROM wide WHERE a IN (SELECT a FROM wide)", {"max_rows_in_set": 10}, 191),
        ("SELECT a FROM wide AS l JOIN wide AS r USING a", {"max_rows_in_join": 10}, 191),
        ("SELECT '" + "x" * (256 << 10) + "'", {}, 62),
        ("SELECT " + "(" * 2000 + "1" + ")" * 2000, {}, 306),
        ("SELECT " + "[" * 2000 + "]" * 2000, {}, 306),
        ("SELECT " + ",".join(["1"] * 60000), {}, 168),
        ("SELECT " + "-(" * 20 + "number" + ")" * 20 + " FROM numbers(1)", {"max_ast_depth": 10}, 167),
        ("SELECT " + "+".join(["1"] * 60000), {}, 167),
        ("SELECT 1 SETTINGS max_memory_usage = 'lots'", {}, 27),
        ("SELECT repeat('x', 10000000000)", {}, 131),
        ("SELECT range(10000000000)", {}, 69),
    ]:
        began = time.monotonic()
        got = node.error(query, **setting)
        check(f"{query[:60]} with {setting}", (got == code if code else got != 0) and time.monotonic() - began < 5, f"{got}, not {code}, after {time.monotonic() - began:.1f} s")
    big = "SELECT count() FROM wide WHERE a IN (" + ",".join(map(str, range(0, 2_000_000, 2))) + ")"
    began = time.monotonic()
    check.equal("IN with a million elements", node.query(big, max_query_size=0, max_ast_elements=10_000_000), str(ROWS // 2))
    check("in bounded time", time.monotonic() - began < 60, time.monotonic() - began)
    check.equal("and is refused by the limit on statements otherwise", node.error(big), 62)

    chain = ", ".join(f"a{i + 1} + 1 AS a{i}" for i in range(8000))
    check.equal("aliases of aliases have a depth", node.error(f"SELECT {chain}, a AS a8000 FROM wide"), 306)
    doubled = ", ".join(f"a{i} + a{i} AS a{i + 1}" for i in range(40))
    began = time.monotonic()
    check("and a size", node.error(f"SELECT a + 1 AS a0, {doubled} FROM wide") in (168, 241) and time.monotonic() - began < 20, time.monotonic() - began)

    results = []
    slow = "SELECT count() FROM numbers(100000000000)"
    threads = [threading.Thread(target=lambda: results.append(node.error(slow, max_execution_time=4))) for _ in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    check.equal("max_concurrent_queries_for_all_users", node.error("SELECT 1", max_concurrent_queries_for_all_users=3), 202)
    check.equal("the status says to come again", node.request("SELECT 1", max_concurrent_queries_for_all_users=3)[0], 503)
    killed = node.query("KILL QUERY WHERE query LIKE '%numbers(100000000000)%' AND query NOT LIKE '%KILL%'", max_concurrent_queries_for_all_users=3)
    check.equal("KILL is let in", killed.count("waiting"), 3)
    for thread in threads:
        thread.join()
    check.equal("and ends them", results, [394] * 3)


def connections(node, check):
    held = []
    for _ in range(1100):
        try:
            held.append(socket.create_connection(("127.0.0.1", node.port), timeout=10))
        except OSError:
            break
    time.sleep(0.5)
    held[-1].settimeout(5)
    try:
        refused = held[-1].recv(1000)
    except OSError:
        refused = b"reset"
    check("a connection too many is ended", refused in (b"", b"reset") or b" 503 " in refused, refused)
    for one in held:
        one.close()
    deadline = time.monotonic() + 10
    answer = None
    while answer is None and time.monotonic() < deadline:
        try:
            answer = node.query("SELECT 1")
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
    check.equal("and others are served when they have gone", answer, "1")
    with socket.create_connection(("127.0.0.1", node.port), timeout=60) as slow:
        slow.sendall(b"POST / HTTP/1.1\r\nHost")
        began = time.monotonic()
        check.equal("a slow head is answered by the end of the connection", slow.recv(1000)[:12] in (b"", b"HTTP/1.1 408", b"HTTP/1.1 400"), True)
        check("after half a minute", 20 < time.monotonic() - began < 45, time.monotonic() - began)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    arguments = parser.parse_args()
    check = Checks()
    node = Node(arguments.server, memory_bytes_max=MEMORY, cache_bytes_max=100 << 20)
    try:
        node.start()
        node.query(f"CREATE TABLE wide (a UInt64, s String, {', '.join(f'c{i} String' for i in range(20))}) ENGINE = MergeTree ORDER BY a")
        node.query("SYSTEM STOP MERGES wide")  # they take a third of the node's memory at one time or another
        columns = ", ".join(f"toString(cityHash64(number, {i}))" for i in range(20))
        node.query(f"INSERT INTO wide SELECT number, toString(cityHash64(number)), {columns} FROM numbers({ROWS})", min_insert_block_size_rows=100_000)
        for part in (of_settings, memory_of_queries, memory_of_node, bodies, connections):
            began = time.monotonic()
            part(node, check)
            print(f"{part.__name__}: {time.monotonic() - began:.0f} s", flush=True)
        check.equal("it stops when asked", node.stop(), 0)
    finally:
        if check.failed:
            print("the end of the log:\n" + node.log_text()[-2000:])
        node.remove()
    return check.end("limits")


sys.exit(main())
