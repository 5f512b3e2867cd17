"""mangrove client and mangrove local as people and scripts use them: arguments, pipes, exit codes, and a conversation
at a pseudo-terminal. Starts its own node; run by `./dev test`."""
import argparse, os, pathlib, pty, re, select, signal, subprocess, sys, tempfile, time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import cluster

checks = 0
ANSWER_SECONDS = 20


def check(what, got, expected):
    global checks
    checks += 1
    if got != expected:
        sys.exit(f"apps: {what}: expected {expected!r}, got {got!r}")


def run(command, stdin=""):
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


class Conversation:
    """A client at a terminal."""

    def __init__(self, command):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "xterm"
            os.execv(command[0], command)
        self.seen = ""

    def send(self, text):
        self.seen = ""
        os.write(self.terminal, text.encode())

    def wait_for(self, pattern):
        """Reads until the pattern appears in what came since the last send()."""
        global checks
        end = time.monotonic() + ANSWER_SECONDS
        while not re.search(pattern, self.seen):
            ready = select.select([self.terminal], [], [], max(0, end - time.monotonic()))[0]
            try:
                bytes_read = os.read(self.terminal, 65536) if ready else b""
            except OSError:
                bytes_read = b""
            if not bytes_read:
                sys.exit(f"apps: waited for {pattern!r}, saw {self.seen!r}")
            self.seen += bytes_read.decode(errors="replace")
        checks += 1

    def end(self):
        os.waitpid(self.pid, 0)
        os.close(self.terminal)


def scripts(client):
    check("one query", run([*client, "-q", "SELECT 1 + 1"]), (0, "2\n", ""))
    check("several statements", run([*client, "--query=SELECT 'a;b' AS x; SELECT 2 -- ;\n; SELECT 3"]), (0, "a;b\n2\n3\n", ""))
    check("statements from stdin", run(client, "SELECT 1;\nSELECT 2;\n"), (0, "1\n2\n", ""))
    check("format", run([*client, "-q", "SELECT 1 AS x, 'y' AS s", "-f", "JSONEachRow"]), (0, '{"x":1,"s":"y"}\n', ""))
    check("parameter", run([*client, "-q", "SELECT {a:UInt8} + 1", "--param_a=41"]), (0, "42\n", ""))
    check("setting", run([*client, "-q", "SELECT value FROM system.settings WHERE name = 'max_threads'", "--max_threads", "3"]), (0, "3\n", ""))
    check("SET lasts", run([*client, "-q", "SET max_threads = 5; SELECT value FROM system.settings WHERE name = 'max_threads'"]), (0, "5\n", ""))
    code, out, error = run([*client, "-q", "SELECT 1; SELECT * FROM no_such_table; SELECT 2"])
    check("an error ends the script", (code, out), (60, "1\n"))
    check("the error's text", error.startswith("Code: 60. DB::Exception: "), True)
    code, out, error = run([*client, "-q", "SELECT throwIf(number = 3000000) FROM numbers(5000000)"])
    check("an exception in mid-stream", (code, set(out.splitlines()), error.startswith("Code: 395. "), "__exception__" in error), (395 & 0xFF, {"0"}, True, False))
    check("--ignore-error", run([*client, "--ignore-error", "-q", "SELECT * FROM no_such_table; SELECT 2"])[:2], (60, "2\n"))
    check("unknown argument", run([*client, "--no such"])[0], 1)

    run([*client, "-q", "CREATE TABLE events (id UInt64, text String) ENGINE = MergeTree ORDER BY id"])
    rows = "".join(f'{number},"row; {number}"\n' for number in range(100_000))
    check("INSERT streams stdin", run([*client, "-q", "INSERT INTO events FORMAT CSV"], rows), (0, "", ""))
    check("and all rows are there", run([*client, "-q", "SELECT count(), sum(id), uniqExact(text) FROM events"]), (0, "100000\t4999950000\t100000\n", ""))
    check("inline data", run(client, "INSERT INTO events FORMAT TSV\n200001\ta;b\n200002\t\n\nSELECT text FROM events WHERE id > 200000 ORDER BY id;"), (0, "a;b\n\n", ""))
    check("a bad row leaves nothing", run([*client, "-q", "INSERT INTO events FORMAT CSV"], "300001,a\nx,b\n")[0] != 0, True)
    check("nothing", run([*client, "-q", "SELECT count() FROM events WHERE id > 300000"]), (0, "0\n", ""))


def conversation(client, node, folder):
    command = [*client, "--history_file", os.path.join(folder, "history")]
    person = Conversation(command)
    person.wait_for(r":\) ")
    person.send("SELECT 40 +\n")
    person.wait_for(r":-\] ")
    person.send("2 AS x;\n")
    person.wait_for(r"│ 42 │[\s\S]*1 row in set\. Elapsed: [\s\S]*:\) ")
    person.send("SELECT 1 AS a, 2 AS b\\G\n")
    person.wait_for(r"a: 1\s+b: 2[\s\S]*:\) ")
    person.send("SELECT nothing;\n")
    person.wait_for(r"Code: 47[\s\S]*:\) ")

    person.send("SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number));\n")
    person.wait_for(r"Progress: .* rows")
    person.send("\x03")
    person.wait_for(r"cancelled[\s\S]*:\) ")
    end = time.monotonic() + ANSWER_SECONDS
    while int(node.query("SELECT count() FROM system.processes WHERE query LIKE '%1000000000000%' AND query NOT LIKE '%processes%'")):
        if time.monotonic() > end:
            sys.exit("apps: the cancelled query still runs on the node")
        time.sleep(0.05)
    person.send("SELECT 7 * \x03")
    person.wait_for(r":\) ")
    person.send("SELECT 'still here' AS s;\n")
    person.wait_for(r"│ still here │[\s\S]*:\) ")
    person.send("exit\n")
    person.wait_for(r"Bye\.")
    person.end()

    again = Conversation(command)
    again.wait_for(r":\) ")
    again.send("\x10")  # Ctrl-P: the statement before
    again.wait_for(r"SELECT 'still here' AS s;")
    again.send("\n")
    again.wait_for(r"│ still here │[\s\S]*:\) ")
    again.send("\x04")
    again.wait_for(r"Bye\.")
    again.end()


def local(binary, folder):
    base = [binary, "local"]
    check("local query", run([*base, "-q", "SELECT sum(number) FROM numbers(1000)"]), (0, "499500\n", ""))
    check("local rows from stdin", run([*base, "-S", "s String, n UInt32", "--input-format", "CSV", "-q", "SELECT s, sum(n) FROM table GROUP BY s ORDER BY s"],
                                       "a,1\nb,2\na,3\n"), (0, "a\t4\nb\t2\n", ""))
    rows = os.path.join(folder, "rows.tsv")
    pathlib.Path(rows).write_text("1\n2\n")
    check("local rows from a file", run([*base, "-S", "n UInt32", "--file", rows, "-N", "t", "-q", "SELECT sum(n) FROM t"]), (0, "3\n", ""))
    kept = [*base, "--path", os.path.join(folder, "kept")]
    check("local keeps", run([*kept, "-q", "CREATE TABLE t (x UInt8) ENGINE = MergeTree ORDER BY x; INSERT INTO t VALUES (1), (2)"]), (0, "", ""))
    check("local finds again", run([*kept, "-q", "SELECT count() FROM t"]), (0, "2\n", ""))
    check("local error", run([*base, "-q", "SELECT throwIf(1)"])[0], 395 & 0xFF)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True, help="the mangrove binary")
    binary = os.path.abspath(parser.parse_args().server)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mangrove-apps-") as folder:
        process = subprocess.Popen([binary, "server", "--set", f"data_dir={folder}/node", "--set", "http_port=0", "--set", "otlp_http_port=0"],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            node = cluster.Node.__new__(cluster.Node)
            node.port = next(int(line.split("=")[1]) for line in process.stdout if line.startswith("http_port="))
            client = [binary, "client", "--port", str(node.port)]
            scripts(client)
            conversation(client, node, folder)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
        local(binary, folder)
        check("no node anywhere", run([binary, "client", "--port", str(node.port), "-q", "SELECT 1"])[0], 210)
    print(f"apps: {checks} checks passed in {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main()
