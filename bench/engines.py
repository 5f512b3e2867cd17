"""What the bench needs of an engine, and the two that it has: ClickHouse (a child process, peer.py) and Mangrove (over
HTTP). Times of ClickHouse are taken inside its process, without any network; times of Mangrove include HTTP, so every
ratio is to Mangrove's disadvantage. CPU is that of the whole engine process, background threads included.
"""

import copy
import http.client
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[1]
CPUCLOCK_SCHED = 2
IDLE_SECONDS_MAX = 2


class EngineError(Exception):
    """The engine refused a statement; the text is its own."""


class Engine:
    """query() answers (bytes, seconds); insert() answers seconds; both raise EngineError. The rest is shared."""

    name = ""
    pid = 0

    def cpu_seconds(self):
        """CPU time of all threads, in nanoseconds' resolution: the clock id is what clock_getcpuclockid() makes."""
        return time.clock_gettime(~self.pid << 3 | CPUCLOCK_SCHED)

    def memory_peak_bytes(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))

    def value(self, sql):
        return self.query(sql)[0].decode().strip()

    def attempt(self, sql):
        """Runs what only one of the engines may know; answers whether it was accepted."""
        try:
            self.query(sql)
            return True
        except EngineError:
            return False

    def bytes_per_row(self, table):
        parts = f"system.parts WHERE active AND table = '{table}'"
        return float(self.value(f"SELECT sum(bytes_on_disk) / sum(rows) FROM {parts}"))


class ClickHouse(Engine):
    name = "ClickHouse"

    def __init__(self, folder):
        command = [sys.executable, str(ROOT / "bench" / "peer.py"), str(folder)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.pid = self._process.pid
        self.version = self.value("SELECT version()")

    def _ask(self, **request):
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        head = self._process.stdout.readline()
        if not head:
            raise EngineError(f"the peer died with status {self._process.wait()}")
        answer = json.loads(head)
        body = self._process.stdout.read(answer["bytes"])
        if answer["error"]:
            raise EngineError(body.decode(errors="replace"))
        return body, answer["seconds"]

    def query(self, sql):
        return self._ask(sql=sql)

    def insert(self, table, format, path, offset, size):
        return self._ask(insert=f"INSERT INTO {table}", format=format, path=str(path), offset=offset, size=size)[1]

    def clear_caches(self):
        for cache in ("MARK", "UNCOMPRESSED", "PRIMARY INDEX", "INDEX MARK", "INDEX UNCOMPRESSED", "TEXT INDEX"):
            self.attempt(f"SYSTEM CLEAR {cache} CACHE")
        drop_page_cache()

    def stop(self):
        self._process.stdin.close()
        self._process.wait()


class Mangrove(Engine):
    name = "Mangrove"

    def __init__(self, folder, binary, **settings):
        self._binary, self._folder, self._settings = binary, folder, settings
        self._start()

    def _start(self):
        names = ("http_port", "tcp_port", "otlp_grpc_port", "otlp_http_port", "interserver_port")
        self.ports = dict(zip(names, free_ports(len(names))))
        command = [str(self._binary), "server", "--set", f"data_dir={self._folder}"]
        for name, value in {**self.ports, **self._settings}.items():
            command += ["--set", f"{name}={value}"]
        self._log = open(f"{self._folder}.log", "ab")
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log)
        self.pid = self._process.pid
        self._connect()
        deadline = time.monotonic() + 60
        while True:
            try:
                self.version = self.value("SELECT version()")
                return
            except OSError:
                self._connection.close()
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise EngineError(f"the server did not start: see {self._folder}.log") from None
                time.sleep(0.05)

    def _connect(self):
        self._connection = http.client.HTTPConnection("127.0.0.1", self.ports["http_port"], timeout=3600)
        self._last_used = time.monotonic()

    def another(self):
        """The same server over a connection of its own: for one more thread."""
        other = copy.copy(self)
        other._connect()
        return other

    def _post(self, path, body, **headers):
        if time.monotonic() - self._last_used > IDLE_SECONDS_MAX:
            self._connection.close()  # the server may have closed it; the next request opens another
        try:
            return self._exchange(path, body, headers)
        finally:
            self._last_used = time.monotonic()

    def _exchange(self, path, body, headers):
        begin = time.perf_counter()
        self._connection.request("POST", path, body=body, headers=headers)
        response = self._connection.getresponse()
        answer = response.read()
        seconds = time.perf_counter() - begin
        if response.status != 200:
            raise EngineError(answer.decode(errors="replace").strip())
        return answer, seconds

    def query(self, sql):
        return self._post("/", sql.encode())

    def insert(self, table, format, path, offset, size):
        statement = urllib.parse.quote(f"INSERT INTO {table} FORMAT {format}")
        with open(path, "rb") as file:
            file.seek(offset)
            body = file.read(size)
        return self._post(f"/?query={statement}", body, **{"Content-Length": str(size)})[1]

    def restart(self, **settings):
        """A fresh process with nothing cached."""
        self.stop()
        self._settings |= settings
        self._start()

    def clear_caches(self):
        self.query("SYSTEM DROP MARK CACHE")  # the one cache of parts: marks, indexes and pages
        drop_page_cache()

    def stop(self):
        self._connection.close()
        self._process.terminate()
        self._process.wait()
        self._log.close()


def free_ports(count):
    """Ports that were free a moment ago: all are held open until the last one is known."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def drop_page_cache():
    os.sync()
    with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as drop:
        drop.write("1\n")


def empty_folder(path):
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path
