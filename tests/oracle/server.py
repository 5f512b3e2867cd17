"""The oracle behind a small part of ClickHouse's HTTP interface, so that a test can ask both engines in the same way.

    python3 tests/oracle/server.py [--port 0] [--path DIR]      prints `http_port=N`, runs until SIGTERM

POST (or GET ?query=) a statement; `?query=INSERT ... FORMAT X` with a body streams the body as data. Understood
parameters: query, database, default_format, session_id; every other parameter is a setting. An error answers 500 with
ClickHouse's text and X-ClickHouse-Exception-Code. Requests without session_id each have a session of their own;
requests of one session_id must not overlap, as in ClickHouse.
"""

import argparse
import http.server
import re
import sys
import threading
import urllib.parse

import chdb

_BODY_BYTES_MAX = 1 << 32
_INSERT_DATA = re.compile(r"^\s*(INSERT\s+INTO\s.+?)\s+FORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE | re.DOTALL)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path in ("/", "/ping"):
            return self._answer(200, b"Ok.\n")
        return self._run(b"")

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        if length > _BODY_BYTES_MAX:
            return self._answer(413, b"the body is too long")
        return self._run(self.rfile.read(length))

    def _run(self, body):
        parameters = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query, keep_blank_values=True))
        sql = parameters.pop("query", "")
        format = parameters.pop("default_format", "TabSeparated")
        session_id = parameters.pop("session_id", None)
        connection = self.server.session(session_id)
        try:
            if "database" in parameters:
                connection.query(f"USE {_quote(parameters.pop('database'), '`')}")
            for name, value in parameters.items():
                connection.query(f"SET {_quote(name, '`')} = {_quote(value, chr(39))}")
            with_data = _INSERT_DATA.match(sql)
            if body and with_data:
                connection.insert(with_data.group(1), with_data.group(2), [body])
                self._answer(200, b"")
            else:
                separator = b"\n" if sql and body else b""
                self._answer(200, connection.query(sql.encode() + separator + body, format))
        except chdb.OracleError as error:
            self._answer(500, f"{error}\n".encode(), {"X-ClickHouse-Exception-Code": str(error.code)})
        finally:
            if session_id is None:
                connection.close()

    def _answer(self, status, body, headers=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port, path):
        super().__init__(("127.0.0.1", port), Handler)
        self._path = path
        self._root = chdb.Connection(path)  # holds the engine alive
        self._sessions = {}
        self._lock = threading.Lock()

    def session(self, session_id):
        """The connection of a named session, made at first use, or a fresh one that the caller closes."""
        if session_id is None:
            return chdb.Connection(self._path)
        with self._lock:
            if session_id not in self._sessions:
                self._sessions[session_id] = chdb.Connection(self._path)
            return self._sessions[session_id]


def _quote(text, quote):
    return quote + text.replace("\\", "\\\\").replace(quote, "\\" + quote) + quote


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0, help="0 = any free port")
    parser.add_argument("--path", help="folder for the data; in memory without it")
    arguments = parser.parse_args()
    server = Server(arguments.port, arguments.path)
    print(f"http_port={server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
