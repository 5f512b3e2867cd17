#!/usr/bin/env python3
"""Random tables (types, keys, partitions, skip indexes, engines) in several parts, and random filters on their columns.

    prune.py --server build/release/mangrove [--tables 50] [--filters 40] [--seed 1] [--only TABLE]

What an index, a key or a partition leaves out must never change an answer: every filter is asked of the table and of a
copy that has none of them, and ClickHouse is asked what the table holds (the filters' own meaning is what compare.py
asks it). compare.py has few tables and many queries, here it is the other way. A table is a function of (seed, number).
"""

import argparse
import pathlib
import random
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "sql")]

import run as sql_tests  # noqa: E402

REFUSED_MAX = 0.2  # of the tables, by one side or the other: float partitions, an index over what is indexed already


def text(r):
    return "'" + r.choice(["", "a", "b", "ab", "A", "é", "a b", "zzzz", "b\\0", "0", "\\xff", "a" * 70, "a" * 69 + "b", "2024-01-01"]) + "'"


def integer(low, high):
    return lambda r: str(r.choice([low, high, 0]) if r.random() < 0.1 else max(low, r.randint(-4, 12)))


def real(r):
    return r.choice(["nan", "inf", "-inf", "-0.0", "0.0"]) if r.random() < 0.3 else str(r.randint(-8, 8) / 4)


def date(r):
    return "'" + r.choice(["1970-01-01", "2149-06-06", "2024-02-29", "2024-01-31", "2023-12-31"] + [f"2024-01-{d:02}" for d in range(1, 9)]) + "'"


def second(r):
    return "'" + r.choice(["1970-01-01 00:00:00", "2106-02-07 06:28:15", "2024-03-31 01:59:59", "2024-03-31 03:00:00", "2024-10-27 02:30:00"]
                          + [f"2024-01-0{d} 0{d}:30:00" for d in range(1, 9)]) + "'"


def fraction(r):
    return r.choice(["'1900-01-01 00:00:00.000'", "'2200-01-01 00:00:00.001'", "'1969-12-31 12:00:00.500'", second(r), second(r)[:-1] + ".123'"])


def nullable(make):
    return lambda r: "NULL" if r.random() < 0.3 else make(r)


def array(make):
    return lambda r: "[" + ",".join(make(r) for _ in range(r.choice([0, 1, 1, 2, 3]))) + "]"


def mapping(make):
    return lambda r: "map(" + ",".join(f"'{key}',{make(r)}" for key in r.sample(["a", "b", "c", ""], r.randint(0, 3))) + ")"


# type -> (a literal, expressions of it that can be keys or indexed)
PLAIN = {
    "Int8": (integer(-128, 127), ["{c} % 3", "-{c}", "abs({c})", "toString({c})"]),
    "Int64": (integer(-(1 << 63), (1 << 63) - 1), ["intDiv({c}, 3)", "toString({c})", "bitAnd({c}, 3)", "toInt8({c})", "{c} > 3"]),
    "UInt16": (integer(0, 65535), ["{c} % 3", "{c} + 1", "toUInt8({c})", "toInt16({c})"]),
    "UInt64": (integer(0, (1 << 64) - 1), ["{c} + 1", "toInt64({c})", "cityHash64({c}) % 4", "toFloat64({c})"]),
    "UInt128": (integer(0, (1 << 128) - 1), ["toUInt8({c})"]),
    "Float64": (real, ["-{c}", "toString({c})", "{c} * 0"]),
    "Float32": (real, ["toFloat64({c})", "{c} = 0"]),
    "Bool": (lambda r: r.choice(["true", "false"]), ["not({c})"]),
    "String": (text, ["length({c})", "lower({c})", "substring({c}, 1, 1)", "cityHash64({c}) % 4", "reverse({c})"]),
    "FixedString(4)": (lambda r: r.choice(["''", "'a'", "'ab\\0'", "'abcd'", "'zz'"]), ["toString({c})", "length({c})"]),
    "LowCardinality(String)": (text, ["length({c})", "upper({c})", "toString({c})"]),
    "Date": (date, ["toYYYYMM({c})", "toStartOfMonth({c})", "toDayOfWeek({c})", "toMonday({c})"]),
    "DateTime('UTC')": (second, ["toDate({c})", "toStartOfHour({c})", "toHour({c})", "toYYYYMM({c})"]),
    "DateTime('Europe/Berlin')": (second, ["toDate({c})", "toStartOfHour({c})", "toStartOfDay({c})"]),
    "DateTime64(3, 'UTC')": (fraction, ["toDate({c})", "toStartOfHour({c})", "toDateTime({c})", "toYYYYMM({c})", "toStartOfMonth({c})", "toStartOfDay({c})"]),
    "Enum8('x' = -1, 'y' = 2, '' = 5)": (lambda r: r.choice(["'x'", "'y'", "''"]), ["toString({c})", "toInt8({c})"]),
    "UUID": (lambda r: f"'{r.choice('0f8')}0000000-0000-4000-{r.choice('8f')}000-00000000000{r.randint(0, 2)}'", ["toString({c})"]),
}
TYPES = PLAIN | {f"Nullable({t})": (nullable(PLAIN[t][0]), PLAIN[t][1]) for t in PLAIN if not t.startswith("Low")} | {
    "LowCardinality(Nullable(String))": (nullable(text), PLAIN["String"][1]),
    "LowCardinality(FixedString(4))": PLAIN["FixedString(4)"],
} | {f"Array({t})": (array(make), []) for t, (make, _) in PLAIN.items()} | {
    "Array(Nullable(String))": (array(nullable(text)), []), "Array(Nullable(Float64))": (array(nullable(real)), []),
    "Array(LowCardinality(Nullable(String)))": (array(nullable(text)), []),
    "Map(String, String)": (mapping(text), []), "Map(LowCardinality(String), Int64)": (mapping(integer(-100, 100)), []),
    "Map(String, Float64)": (mapping(real), []),
}


class Table:
    def __init__(self, r, number):
        self.name, self.r = f"t{number}", r
        names = r.sample(sorted(TYPES), r.randint(3, 6))
        self.columns = {f"c{i}": type for i, type in enumerate(names)}
        simple = [c for c, type in self.columns.items() if TYPES[type][1]]
        keyed = r.sample(simple, min(len(simple), r.randint(0, 3)))
        expression = lambda c: r.choice(TYPES[self.columns[c]][1]).format(c=c) if r.random() < 0.4 else c
        key = [expression(c) for c in keyed]
        self.key = ", ".join(key)
        self.final = bool(key) and r.random() < 0.3
        whole = [c for c in simple if "Float" not in self.columns[c]]  # 0 and -0 are one key in two partitions
        partition = expression(r.choice(whole)) if whole and r.random() < 0.4 else ""
        self.indexes = []
        for i in range(r.randint(0, 4)):
            c = r.choice(list(self.columns))
            type, over = self.columns[c], c
            kinds = ["minmax", "set(0)", "set(3)"] + ([] if type.startswith("Array") and "Nullable" in type else ["bloom_filter", "bloom_filter(0.3)"])
            if type.startswith("Map"):
                over = r.choice(["mapKeys({})", "mapValues({})"]).format(c)
            elif TYPES[type][1]:
                over = expression(c)
            self.indexes.append(f"INDEX i{i} {over} TYPE {r.choice(kinds)} GRANULARITY {r.randint(1, 3)}")
        self.shape = (f"ENGINE = {'ReplacingMergeTree(version)' if self.final else 'MergeTree'}" + (f" PARTITION BY {partition}" if partition else "")
                      + f" ORDER BY ({self.key})" + (f" PRIMARY KEY ({key[0]})" if len(key) > 1 and r.random() < 0.3 else "")
                      + f" SETTINGS index_granularity = {r.choice([1, 2, 3, 8192])}, allow_nullable_key = 1")

    def create(self, name, indexes, shape):
        columns = ["id UInt32", "version UInt32"] + [f"{c} {type}" for c, type in self.columns.items()]
        return f"CREATE TABLE {name} ({', '.join(columns + indexes)}) {shape}"

    def rows(self, begin, count):
        row = lambda i: ", ".join([str(i), str(i % 7 + i)] + [TYPES[type][0](self.r) for type in self.columns.values()])
        return ", ".join(f"({row(i)})" for i in range(begin, begin + count))

    def alter(self):
        """A column more, with a default, in the filters too."""
        type = self.r.choice(sorted(t for t in TYPES if TYPES[t][1]))
        self.columns["added"] = type
        return f"ALTER TABLE {{}} ADD COLUMN added {type}" + (f" DEFAULT {TYPES[type][0](self.r)}" if self.r.random() < 0.5 and "LowCardinality" not in type else "")

    def again(self, statement):
        """An INSERT from before alter(): the new column gets its default in all rows."""
        names = ", ".join(["id", "version"] + [c for c in self.columns if c != "added"])
        return statement.replace("INSERT INTO {}", f"INSERT INTO {{}} ({names})")

    def filter(self, depth=0):
        r = self.r
        if depth < 2 and r.random() < 0.35:
            how = r.choice(["{} AND {}", "{} OR {}", "NOT ({})", "{} AND {}"])
            return how.format(*(f"({self.filter(depth + 1)})" for _ in range(2)))
        c = r.choice(list(self.columns))
        make, expressions = TYPES[self.columns[c]]
        if not expressions:
            literal = make(r)
            if self.columns[c].startswith("Map"):
                value = make(r)
                while value == "map()":
                    value = make(r)
                key, value = value[4:].split(",")[0].rstrip(")"), value[4:-1].split(",")[1]
                return r.choice([f"{c}[{key}] = {value}", f"mapContains({c}, {key})", f"{c}[{key}] IN ({value})", f"{c}[{key}] != {value}",
                                 f"has(mapValues({c}), {value})", f"has(mapKeys({c}), {key})", f"{c} = {literal}", f"{c}[{key}] > {value}"])
            element = literal.strip("[]").split(",")[0] or "''"
            return r.choice([f"has({c}, {element})", f"hasAny({c}, {literal})", f"hasAll({c}, {literal})", f"{c} = {literal}", f"empty({c})",
                             f"{c}[1] = {element}", f"length({c}) > 1", f"has({literal}, {c}[1])", f"arrayExists(x -> x = {element}, {c})"])
        value, other = make(r), make(r)
        if r.random() < 0.2:
            e = r.choice(expressions).format(c=c)
            return f"{e} = (SELECT any({e}) FROM (SELECT {value}::{self.columns[c]} AS {c}))" if r.random() < 0.3 else r.choice(
                [f"{e} = {e.replace(c, f'({value}::{self.columns[c]})')}", f"{e} >= {e.replace(c, f'({value}::{self.columns[c]})')}",
                 f"{e} < {e.replace(c, f'({value}::{self.columns[c]})')}", f"{e} IN ({e.replace(c, f'({value}::{self.columns[c]})')})"])
        return r.choice([f"{c} {op} {value}" for op in ("=", "!=", "<", "<=", ">", ">=", "=")]
                        + [f"{value} < {c}", f"{c} IN ({value}, {other})", f"{c} NOT IN ({value}, {other})", f"{c} BETWEEN {value} AND {other}",
                           f"{c} IS NULL", f"{c} IS NOT NULL", f"{c} = {value} OR {c} = {other}", f"has([{value}, {other}], {c})", f"isNotDistinctFrom({c}, {value})",
                           f"{c} IN (SELECT {c} FROM {self.name} WHERE id % 5 = 0)", f"{c} <=> {value}",
                           f"startsWith(toString({c}), {text(r)})", f"toString({c}) LIKE {text(r)[:-1]}%'", f"toString({c}) = {value if value[0] == chr(39) else chr(39) + value + chr(39)}",
                           f"({c}, id) IN (({value}, 3), ({other}, 7))", f"({c}, id) > ({value}, 7)", f"coalesce({c}, {value}) = {other}"])


def statements_of(table):
    """INSERTs that make several parts, an OPTIMIZE and an ALTER between them at times."""
    r = table.r
    statements = [f"INSERT INTO {{}} VALUES {table.rows(part * 30, r.choice([1, 5, 30]))}" for part in range(r.randint(1, 4))]
    if r.random() < 0.4:
        statements.insert(r.randint(1, len(statements)), "OPTIMIZE TABLE {} FINAL")
    if r.random() < 0.4:
        at = r.randint(1, len(statements))
        statements[at:] = [table.alter()] + [table.again(statement) for statement in statements[at:]]
    return statements


def make(table, server, oracle):
    """The table in both engines, its copy in one; what failed, or None."""
    copy = table.shape.split(" PARTITION BY ")[0].split(" ORDER BY ")[0]
    order = "(" + table.key + ")" if table.final else "tuple()"
    creates = [(server, table.name, table.create(table.name, table.indexes, table.shape)), (oracle, table.name, table.create(table.name, table.indexes, table.shape)),
               (server, "plain", table.create("plain", [], f"{copy} ORDER BY {order} SETTINGS allow_nullable_key = 1"))]
    for one, _, create in creates:
        answer, code = one.query(create)
        if code:
            return answer
    for statement in statements_of(table):
        for one, name, _ in creates:
            answer, code = one.query(statement.format(name)) if name != "plain" or not statement.startswith("OPTIMIZE") else ("", 0)
            if code:
                return answer
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True)
    parser.add_argument("--tables", type=int, default=50)
    parser.add_argument("--filters", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="one table")
    options = parser.parse_args()
    differences = asked = errors = refused = 0
    numbers = [options.only] if options.only is not None else range(options.tables)
    with sql_tests.Server(options.server) as server, sql_tests.Oracle() as oracle:
        for number in numbers:
            table = Table(random.Random(f"{options.seed}/{number}"), number)
            failure = make(table, server, oracle)
            if failure:
                refused += 1
                if options.only is not None:
                    print(table.create(table.name, table.indexes, table.shape), failure, sep="\n")
            for condition in [] if failure else ["1"] + [table.filter() for _ in range(options.filters)]:
                what = "*" if condition == "1" else table.r.choice(["id", "id", "id", "*", "count()"])
                query = f"SELECT {what} FROM {{}}{' FINAL' if table.final else ''} WHERE {condition}" + (" ORDER BY id" if what != "count()" else "")
                ours = server.query(query.format(table.name))
                other = oracle.query(query.format(table.name)) if condition == "1" else server.query(query.format("plain"))
                asked += 1
                if ours[1] and other[1]:
                    errors += 1
                elif ours != other:
                    differences += 1
                    print(f"\nDIFFERENT --seed {options.seed} --only {number}\n{table.create(table.name, table.indexes, table.shape)}\n{query.format(table.name)}\n"
                          f"-- Mangrove: {ours[0][:300]!r}\n-- {'ClickHouse' if condition == '1' else 'its copy'}: {other[0][:300]!r}", flush=True)
            for one, name in ((server, table.name), (oracle, table.name), (server, "plain")):
                one.query(f"DROP TABLE IF EXISTS {name}")
    print(f"prune: {len(numbers)} tables, {refused} of them refused, {asked} queries, {errors} errors on both sides, {differences} differences")
    return differences > 0 or refused > REFUSED_MAX * max(len(numbers), 20)


if __name__ == "__main__":
    sys.exit(main())
