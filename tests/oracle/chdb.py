"""ClickHouse in this process, through the C API of libchdb: the oracle of the tests and the peer of the bench.

Connection.query() answers bytes or raises OracleError with ClickHouse's text and code. One engine per process: the
first connection's path (none = memory) is everybody's. A Connection is a session (settings, temporary tables) and
serves one thread at a time; several connections may run at once. Calls release Python's interpreter lock.
"""

import ctypes
import os
import pathlib
import re

_ROOT = pathlib.Path(__file__).resolve().parents[2]


def library_path():
    """The library that install.sh put there; MANGROVE_ORACLE_LIBRARY overrides."""
    if "MANGROVE_ORACLE_LIBRARY" in os.environ:
        return os.environ["MANGROVE_ORACLE_LIBRARY"]
    found = sorted((_ROOT / "build" / "oracle").glob("node_modules/@chdb/lib-*/libchdb.so"))
    if not found:
        raise FileNotFoundError("the oracle is not installed: run tests/oracle/install.sh")
    return str(found[0])


class OracleError(Exception):
    """An exception of the reference engine; `code` is ClickHouse's number, 0 if the text carries none."""

    def __init__(self, text):
        super().__init__(text)
        match = re.search(r"Code: (\d+)", text)
        self.code = int(match.group(1)) if match else 0


_lib = None


def _library():
    global _lib
    if _lib is None:
        lib = ctypes.CDLL(library_path())
        pointer, size, text = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p
        signatures = {
            "chdb_connect": (pointer, [ctypes.c_int, ctypes.POINTER(text)]),
            "chdb_close_conn": (None, [pointer]),
            "chdb_query_n": (pointer, [pointer, text, size, text, size]),
            "chdb_result_buffer": (pointer, [pointer]),
            "chdb_result_length": (size, [pointer]),
            "chdb_result_error": (text, [pointer]),
            "chdb_destroy_query_result": (None, [pointer]),
            "chdb_stream_insert_n": (pointer, [pointer, text, size, text, size]),
            "chdb_stream_append": (ctypes.c_int, [pointer, pointer, size]),
            "chdb_stream_done": (pointer, [pointer]),
            "chdb_stream_insert_error": (text, [pointer]),
            "chdb_destroy_insert_stream": (None, [pointer]),
            "chdb_set_signal_handlers_enabled": (None, [ctypes.c_int]),
        }
        for name, (result, arguments) in signatures.items():
            function = getattr(lib, name)
            function.restype, function.argtypes = result, arguments
        lib.chdb_set_signal_handlers_enabled(0)
        _lib = lib
    return _lib


class Connection:
    def __init__(self, path=None):
        self._lib = _library()
        arguments = [b"clickhouse"] + ([b"--path=" + os.fsencode(path)] if path else [])
        self._handle = self._lib.chdb_connect(len(arguments), (ctypes.c_char_p * len(arguments))(*arguments))
        if not self._handle:
            raise OracleError("the oracle does not start")
        self._connection = ctypes.cast(self._handle, ctypes.POINTER(ctypes.c_void_p))[0]

    def close(self):
        if self._handle:
            self._lib.chdb_close_conn(self._handle)
            self._handle = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def query(self, sql, format="TabSeparated"):
        """Runs one statement or several; answers the bytes of all results, in `format` unless the SQL names one."""
        sql = sql.encode() if isinstance(sql, str) else sql
        format = format.encode()
        return self._take(self._lib.chdb_query_n(self._connection, sql, len(sql), format, len(format)))

    def insert(self, statement, format, chunks):
        """Runs `INSERT INTO t (...)` with the bytes-like `chunks` (bytes, mmap, memoryview) as data in `format`."""
        statement, format = statement.encode(), format.encode()
        lib = self._lib
        stream = lib.chdb_stream_insert_n(self._connection, statement, len(statement), format, len(format))
        try:
            self._raise_stream_error(stream)
            for chunk in chunks:
                address, size, keep = _address(chunk)
                status = lib.chdb_stream_append(stream, address, size)
                del keep
                self._raise_stream_error(stream, status)
            self._take(lib.chdb_stream_done(stream))
        finally:
            lib.chdb_destroy_insert_stream(stream)

    def _raise_stream_error(self, stream, status=0):
        error = self._lib.chdb_stream_insert_error(stream)
        if error or status:
            raise OracleError((error or b"the oracle refused the data").decode(errors="replace"))

    def _take(self, result):
        try:
            error = self._lib.chdb_result_error(result)
            if error:
                raise OracleError(error.decode(errors="replace"))
            size = self._lib.chdb_result_length(result)
            return ctypes.string_at(self._lib.chdb_result_buffer(result), size) if size else b""
        finally:
            self._lib.chdb_destroy_query_result(result)


def _address(chunk):
    """Address and size of a bytes object or writable buffer without copying it, and what keeps that memory alive."""
    if isinstance(chunk, bytes):
        return ctypes.cast(ctypes.c_char_p(chunk), ctypes.c_void_p).value, len(chunk), chunk
    first = ctypes.c_char.from_buffer(chunk)
    return ctypes.addressof(first), len(chunk), first
