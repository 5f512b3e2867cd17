"""The process in which the bench runs ClickHouse: `peer.py FOLDER`, driven by engines.ClickHouse.

One JSON line in per request ({"sql"} or {"insert", "format", "path", "offset", "size"}), one JSON line out with the
seconds that the engine took and the count of the bytes of the answer, which follow. Data of an insert is mapped and
read once before the clock starts, so that disk and Python are not on it.
"""

import json
import mmap
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "oracle"))
import chdb  # noqa: E402


class Data:
    """The mapped input files; a private writable mapping, because the C API wants an address."""

    def __init__(self):
        self._maps = {}

    def slice(self, path, offset, size):
        if path not in self._maps:
            with open(path, "rb") as file:
                self._maps[path] = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
        data = memoryview(self._maps[path])[offset : offset + size]
        sum(data[:: mmap.PAGESIZE])  # touches every page
        return data


def serve(connection, request, data):
    if "sql" in request:
        begin = time.perf_counter()
        answer = connection.query(request["sql"])
    else:
        chunk = data.slice(request["path"], request["offset"], request["size"])
        begin = time.perf_counter()
        connection.insert(request["insert"], request["format"], [chunk])
        answer = b""
    return answer, time.perf_counter() - begin


def main():
    connection, data = chdb.Connection(sys.argv[1]), Data()
    # Each insert is a part at once, and no query is answered from the cache of an earlier run's predicate.
    connection.query("SET async_insert = 0, use_query_condition_cache = 0")
    for line in sys.stdin.buffer:
        try:
            answer, seconds = serve(connection, json.loads(line), data)
            error = False
        except chdb.OracleError as failure:
            answer, seconds, error = str(failure).encode(), 0, True
        head = {"seconds": seconds, "bytes": len(answer), "error": error}
        sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + answer)
        sys.stdout.buffer.flush()
    connection.close()
    os._exit(0)


if __name__ == "__main__":
    main()
