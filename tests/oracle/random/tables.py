"""The tables of the random comparison: every type of the dialect, edge values on purpose, several parts and partitions.

statements(seed) answers (SQL, body) pairs that give both engines the same rows. COLUMNS is what the query generator
knows: table -> column -> kind (see grammar.txt for the kinds). `id` is unique in every table.
"""

import json
import random

ROWS = {"t": 2000, "spans": 1500, "dim": 60, "versions": 300, "altered": 400, "ids": 500}
BATCHES = 4

_DDL = {
    "t": """CREATE TABLE t (id UInt32, i8 Int8, i16 Int16, i32 Int32, i64 Int64, u8 UInt8, u16 UInt16, u32 UInt32,
        u64 UInt64, u128 UInt128, f32 Float32, f64 Float64, b Bool, s String, fs FixedString(4), lc LowCardinality(String),
        d Date, dt DateTime('UTC'), dtz DateTime('Asia/Tokyo'), dt64 DateTime64(3, 'UTC'), dt9 DateTime64(9, 'Europe/Berlin'),
        e8 Enum8('red' = 1, 'green' = 2, 'blue' = -3), e16 Enum16('one' = 1, 'big' = 1000), u UUID,
        ni Nullable(Int32), nf Nullable(Float64), ns Nullable(String), nd Nullable(Date), nlc LowCardinality(Nullable(String)),
        ai Array(Int32), au Array(UInt8), af Array(Float64), as_ Array(String), ani Array(Nullable(Int64)), alc Array(LowCardinality(String)),
        aai Array(Array(Int16)), tu Tuple(Int32, String), tn Tuple(x UInt8, y String), m Map(String, String),
        mlc Map(LowCardinality(String), UInt32), nested Nested(k String, v Int32))
        ENGINE = MergeTree PARTITION BY toYYYYMM(d) ORDER BY (lc, i32) SETTINGS index_granularity = 64""",
    "spans": """CREATE TABLE spans (id UInt32, trace_id String, span_id String, parent_span_id String,
        service LowCardinality(String), name LowCardinality(String), kind Enum8('Internal' = 0, 'Server' = 1, 'Client' = 2),
        status Enum8('Unset' = 0, 'Ok' = 1, 'Error' = 2), startTime DateTime64(9, 'UTC'), duration UInt64,
        attributes Map(LowCardinality(String), String), INDEX t trace_id TYPE bloom_filter GRANULARITY 1,
        INDEX dur duration TYPE minmax GRANULARITY 1, INDEX n name TYPE set(100) GRANULARITY 2)
        ENGINE = MergeTree PARTITION BY toDate(startTime) ORDER BY (service, startTime) SETTINGS index_granularity = 128""",
    "dim": """CREATE TABLE dim (id UInt32, k Int32, label LowCardinality(String), w Float64, nk Nullable(Int32))
        ENGINE = MergeTree ORDER BY k""",
    "versions": """CREATE TABLE versions (id UInt32, key Int32, ver UInt32, val String)
        ENGINE = ReplacingMergeTree(ver) ORDER BY key SETTINGS index_granularity = 32""",
    "altered": """CREATE TABLE altered (id UInt32, i Int32, gone String, s LowCardinality(String)) ENGINE = MergeTree ORDER BY i SETTINGS index_granularity = 16""",
    "ids": """CREATE TABLE ids (id UInt32, u UUID, nu Nullable(UUID), v Int32, INDEX i nu TYPE set(20) GRANULARITY 1)
        ENGINE = MergeTree ORDER BY (u, v) SETTINGS index_granularity = 16""",
}

# After half of the batches: what parts of before do not have, and what they have in vain.
_ALTERS = {
    "altered": ["ALTER TABLE altered ADD COLUMN n Nullable(Int32), ADD COLUMN label LowCardinality(String) DEFAULT 'l'",
                "ALTER TABLE altered ADD COLUMN e Enum8('x' = 3, 'y' = -1), ADD COLUMN a Array(Int32), ADD COLUMN m Map(String, String) AFTER s",
                "ALTER TABLE altered DROP COLUMN gone", "ALTER TABLE altered ADD COLUMN f Float64 DEFAULT 0.25"],
}

COLUMNS = {
    "t": {
        "id": "I", "i8": "I", "i16": "I", "i32": "I", "i64": "I", "u8": "I", "u16": "I", "u32": "I", "u64": "I", "u128": "BIG",
        "f32": "F", "f64": "F", "b": "C", "s": "S", "fs": "FS", "lc": "S", "d": "D", "dt": "T", "dtz": "T", "dt64": "X",
        "dt9": "X", "e8": "E", "e16": "E", "u": "U", "ni": "NI", "nf": "NF", "ns": "NS", "nd": "ND", "nlc": "NS", "ai": "AI",
        "au": "AI", "af": "AF", "as_": "AS", "ani": "ANI", "alc": "ALC", "aai": "AAI", "tu": "TU", "tn": "TU", "m": "M",
        "mlc": "MI", "nested.k": "AS", "nested.v": "AI",
    },
    "spans": {
        "id": "I", "trace_id": "S", "span_id": "S", "parent_span_id": "S", "service": "S", "name": "S", "kind": "E",
        "status": "E", "startTime": "X", "duration": "I", "attributes": "M",
    },
    "dim": {"id": "I", "k": "I", "label": "S", "w": "F", "nk": "NI"},
    "versions": {"id": "I", "key": "I", "ver": "I", "val": "S"},
    "altered": {"id": "I", "i": "I", "s": "S", "n": "NI", "label": "S", "e": "E", "a": "AI", "m": "M", "f": "F"},
    "ids": {"id": "I", "u": "U", "v": "I"},
}

_WORDS = ["", "a", "b", "foo", "bar", "Foo Bar", "foo.bar/baz", "x=1;y=2", "123", "-7", "3.5", "äöü", "日本語", "tab\there",
          "quote'd", "%_%", "zzzzzzzzzzzzzzzzzzzzzzzz", "GET /api/orders/17?q=1", "nul\0byte", "line\nbreak", "2024-02-29"]
_LABELS = ["", "alpha", "beta", "gamma", "delta", "epsilon"]
_KEYS = ["http.method", "http.route", "http.status_code", "db.system", "k", ""]


def _integer(r, bits, signed):
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    return r.choice([low, high, 0, 1]) if r.random() < 0.08 else max(low, min(high, r.randint(-5, 20)))


def _float(r):
    return r.choice(["nan", "inf", "-inf", -0.0, 0.0]) if r.random() < 0.05 else r.choice([r.randint(-9, 9) / 2, round(r.uniform(-100, 100), 3)])


def _date(r):
    return f"2024-{r.choice([1, 2, 2, 3, 12]):02}-{r.randint(1, 29):02}"


def _time(r):
    return f"{r.randint(0, 23):02}:{r.choice([0, 15, 59]):02}:{r.choice([0, 1, 59]):02}"


def _list(r, make):
    return [make() for _ in range(r.choice([0, 0, 1, 2, 3, 5]))]


def _t(r, i):
    word, label = (lambda: r.choice(_WORDS)), (lambda: r.choice(_LABELS))
    small = lambda: _integer(r, 32, True)
    keys = [word() for _ in range(r.choice([0, 1, 2, 3]))]
    pairs = _list(r, lambda: (word(), r.randint(-3, 9)))
    return {
        "id": i, "i8": _integer(r, 8, True), "i16": _integer(r, 16, True), "i32": small(), "i64": _integer(r, 64, True),
        "u8": _integer(r, 8, False), "u16": _integer(r, 16, False), "u32": _integer(r, 32, False), "u64": _integer(r, 64, False),
        "u128": str(_integer(r, 128, False)), "f32": _float(r), "f64": _float(r), "b": r.random() < 0.5, "s": word(),
        "fs": r.choice(["", "ab", "abcd", "AB\0C", "wxyz"]), "lc": label(), "d": _date(r), "dt": f"{_date(r)} {_time(r)}",
        "dtz": f"{_date(r)} {_time(r)}", "dt64": f"{_date(r)} {_time(r)}.{r.randint(0, 999):03}",
        "dt9": f"{_date(r)} {_time(r)}.{r.randint(0, 999999999):09}", "e8": r.choice(["red", "green", "blue"]),
        "e16": r.choice(["one", "big"]), "u": f"{r.randrange(1 << 32):08x}-0000-4000-8{r.randrange(8):03x}-{r.randrange(1 << 48):012x}",
        "ni": r.choice([None, small()]), "nf": r.choice([None, _float(r)]), "ns": r.choice([None, word()]),
        "nd": r.choice([None, _date(r)]), "nlc": r.choice([None, label()]), "ai": _list(r, small),
        "au": _list(r, lambda: r.randint(0, 5)), "af": _list(r, lambda: r.randint(-9, 9) / 4), "as_": _list(r, word),
        "ani": _list(r, lambda: r.choice([None, 1, 2, -5])), "alc": _list(r, label),
        "aai": _list(r, lambda: _list(r, lambda: r.randint(-3, 3))), "tu": [small(), word()], "tn": {"x": r.randint(0, 255), "y": word()},
        "m": {key: word() for key in keys}, "mlc": {label(): r.randint(0, 9) for _ in range(r.randint(0, 3))},
        "nested.k": [p[0] for p in pairs], "nested.v": [p[1] for p in pairs],
    }


def _span(r, i):
    trace = r.randint(0, 120)
    return {
        "id": i, "trace_id": f"{trace * 2654435761 % (1 << 128):032x}", "span_id": f"{i:016x}",
        "parent_span_id": "" if r.random() < 0.2 else f"{max(0, i - r.randint(1, 9)):016x}", "service": r.choice(_LABELS[1:]),
        "name": r.choice(["GET /", "POST /cart", "SELECT", "publish", "checkout"]), "kind": r.choice(["Internal", "Server", "Client"]),
        "status": r.choice(["Unset", "Ok", "Ok", "Error"]), "startTime": f"2024-11-2{r.randint(2, 4)} {_time(r)}.{r.randint(0, 999999999):09}",
        "duration": r.randint(0, 5000) ** 2,
        "attributes": {key: r.choice(["GET", "POST", "200", "500", "/api/orders", "postgresql", ""]) for key in r.sample(_KEYS, r.randint(0, 5))},
    }


def _dim(r, i):
    return {"id": i, "k": i // 3 - 5, "label": r.choice(_LABELS), "w": r.randint(-20, 20) / 4, "nk": r.choice([None, i // 2 - 5])}


def _version(r, i):
    return {"id": i, "key": r.randint(0, 40), "ver": i, "val": r.choice(_WORDS)}


def _altered(r, i):
    row = {"id": i, "i": _integer(r, 32, True), "s": r.choice(_LABELS)}
    if i < ROWS["altered"] // 2:
        return row | {"gone": r.choice(_WORDS)}
    return row | r.choice([{}, {"n": r.randint(-5, 20), "label": r.choice(_LABELS), "e": r.choice("xy"), "a": _list(r, lambda: r.randint(0, 9)), "m": {"a": r.choice(_WORDS)}, "f": _float(r)}])


def _uuid(r):
    return f"{r.randrange(4) * 0x55555555:08x}-0000-4000-{r.choice([0x8000, 0x9000, 0xffff, 0]):04x}-{r.randrange(5):012x}"


def _ids(r, i):
    return {"id": i, "u": _uuid(r), "nu": r.choice([None, _uuid(r)]), "v": r.randint(-5, 20)}


def statements(seed):
    r = random.Random(seed)
    rows = {"t": _t, "spans": _span, "dim": _dim, "versions": _version, "altered": _altered, "ids": _ids}
    for table, make in rows.items():
        yield _DDL[table], None
        data = [json.dumps(make(r, i), ensure_ascii=False).encode() for i in range(ROWS[table])]
        step = -(-len(data) // BATCHES)
        for begin in range(0, len(data), step):
            if begin == len(data) // 2:
                for alter in _ALTERS.get(table, []):
                    yield alter, None
            yield f"INSERT INTO {table} FORMAT JSONEachRow", b"\n".join(data[begin : begin + step])
