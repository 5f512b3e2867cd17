"""Random SELECTs over the tables of tables.py, from the productions of grammar.txt: query(seed, number) is one of them.

The answers are determined by the SQL: LIMIT comes only under an ORDER BY that ends in a unique column, aggregates do
not depend on the order of rows. ordered says whether the rows must also come in the same order.
"""

import collections
import dataclasses
import pathlib
import random
import re

import tables

_DEPTH_MAX = 3


def _load():
    productions = collections.defaultdict(list)
    for line in (pathlib.Path(__file__).parent / "grammar.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            kind, text = line.split(": ", 1)
            productions[kind].append(text)
    return productions


_PRODUCTIONS = _load()
_CONSTANTS = {
    "I": ["0", "1", "2", "-1", "3", "7", "10", "100", "255", "256", "-128", "65535", "2147483648", "NULL::Nullable(Int8)"][:-1],
    "P": ["1", "2", "3", "5", "7", "10"],
    "W": ["0", "1", "2", "3", "4", "6"],
    "F": ["0.5", "1.5", "-2.25", "1e3", "0.1", "3."],
    "S": ["''", "'a'", "'foo'", "'bar'", "'alpha'", "'k'", "'http.method'", "'GET'", "'äöü'", "'zz'", "'123'"],
    "Q": ["'a'", "'o'", "'foo'", "'/'", "'ö'"],
    "R": ["'[a-z]+'", "'o+'", "'(\\\\d+)'", "'^f'", "'[^/]+$'"],
    "L": ["'%a%'", "'f_o%'", "'%/%'", "''", "'%'", "'foo'", "'%\\\\%%'", "'_'", "'GET%'"],
    "BIG": ["toUInt128(7)"], "FS": ["toFixedString('ab', 4)"], "C": ["1", "0", "true", "false"],
    "D": ["toDate('2024-02-10')", "'2024-02-10'::Date"], "T": ["toDateTime('2024-02-10 11:22:33', 'UTC')"],
    "X": ["toDateTime64('2024-02-10 11:22:33.456', 3, 'UTC')"], "E": ["CAST('red', 'Enum8(\\'red\\' = 1, \\'blue\\' = -3)')"],
    "U": ["toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0')"], "NI": ["NULL::Nullable(Int32)", "toNullable(3)"],
    "NF": ["toNullable(1.5)"], "NS": ["NULL::Nullable(String)", "toNullable('a')"], "ND": ["NULL::Nullable(Date)"],
    "AI": ["[1, 2, 3]", "[]::Array(Int32)", "[-1]"], "AF": ["[1.5, -2.5]"], "ANI": ["[1, NULL]"], "AS": ["['a', 'b']", "['']"],
    "ALC": ["[toLowCardinality('alpha')]"], "AAI": ["[[1, 2], [3]]"], "TU": ["(1, 'a')"], "M": ["map('a', 'b')", "map('k', 'v', 'a', 'x')"], "MI": ["map('alpha', 1)"],
}
_UNITS = ["second", "minute", "hour", "day", "week", "month", "quarter", "year"]


def final(table):
    """What a Replacing table shows without FINAL depends on the merges that happened."""
    return f"{table} FINAL" if table.startswith("versions") else table


@dataclasses.dataclass
class Query:
    sql: str
    ordered: bool


class Expressions:
    """Makes expressions over columns: kind -> [text]; `id` is unique in the rows."""

    def __init__(self, r, columns, id):
        self.r, self.columns, self.id, self._variables = r, columns, id, 0

    def constant(self, kind):
        return self.r.choice(_CONSTANTS[kind])

    def column(self, kind):
        return self.r.choice(self.columns[kind])

    def make(self, kind, depth=None):
        depth = self.r.choice([1, 1, 2, _DEPTH_MAX]) if depth is None else depth
        if depth > 0 and _PRODUCTIONS.get(kind) and self.r.random() < 0.8:
            return self.expand(self.r.choice(_PRODUCTIONS[kind]), depth - 1)
        if self.columns.get(kind) and self.r.random() < 0.85:
            return self.column(kind)
        return self.constant(kind)

    def expand(self, text, depth):
        variable = None
        if "@" in text:
            self._variables += 1
            variable = f"x{self._variables}"
        filled = re.sub(r"\{(\w+)(!|@\w+)?\}", lambda hole: self._fill(hole, depth, variable), text)
        return re.sub(r"\bu_\b", self.id, filled.replace("@", variable) if variable else filled)

    def _fill(self, hole, depth, variable):
        kind, suffix = hole.group(1), hole.group(2) or ""
        if kind == "ID":
            return self.id
        if kind == "unit":
            return self.r.choice(_UNITS)
        if suffix == "!":
            return self.constant(kind)
        if not suffix:
            return self.make(kind, depth)
        bound = suffix[1:]
        saved = self.columns.get(bound, [])
        self.columns[bound] = saved + [variable] * (len(saved) + 1)
        try:
            return self.make(kind, depth)
        finally:
            self.columns[bound] = saved


class Queries:
    def __init__(self, r):
        self.r = r

    def chance(self, probability):
        return self.r.random() < probability

    def over(self, table, prefix=""):
        columns = collections.defaultdict(list)
        for name, kind in tables.COLUMNS[table].items():
            columns[kind].append(prefix + name)
        return Expressions(self.r, columns, prefix + "id")

    def table(self):
        return self.r.choice(["t", "t", "t", "t", "spans", "spans", "spans", "dim", "versions", "altered", "altered", "ids"])

    def kinds(self, count):
        return [self.r.choice(["I", "I", "I", "S", "S", "F", "C", "D", "T", "X", "NI", "NS", "NF", "ND", "AI", "AS", "AF", "ANI", "AAI", "TU", "M", "MI", "U", "E", "FS", "BIG"]) for _ in range(count)]

    def filter(self, e, prewhere=True):
        clauses = ""
        if self.chance(0.12) and prewhere:
            clauses += f" PREWHERE {e.make('C')}"
        if self.chance(0.6):
            clauses += f" WHERE {self.condition(e)}"
        return clauses

    def condition(self, e):
        roll = self.r.random()
        if roll < 0.06:
            return f"{e.make('I', 1)} IN (SELECT {self.over('dim').make('I', 1)} FROM dim)"
        if roll < 0.10:
            return f"{e.make('S', 1)} NOT IN (SELECT label FROM dim WHERE {self.over('dim').make('C', 1)})"
        if roll < 0.12:
            return f"({e.make('I', 1)}, {e.make('S', 1)}) IN (SELECT k, label FROM dim WHERE {self.over('dim').make('C', 0)})"
        if roll < 0.15:
            return f"{e.make('I', 1)} > (SELECT {self.r.choice(['min', 'max', 'avg'])}(k) FROM dim)"
        if roll < 0.35 and e.columns.get("S"):
            return f"{e.column('S')} = {e.constant('S')} AND {e.make('C')}"
        if roll < 0.5:
            return f"{e.make('C', 1)} AND {e.make('C', 1)}"
        return e.make("C")

    def source(self):
        """FROM clause and expressions over it."""
        roll = self.r.random()
        if roll < 0.62:
            table = self.table()
            return final(table), self.over(table)
        if roll < 0.85:
            return self.join()
        return self.from_subquery()

    def join(self):
        left = self.r.choice(["t", "spans", "versions"])
        right = self.r.choice(["dim", "dim", "versions", "spans", "t"])
        a, b = self.over(left, "a."), self.over(right, "b.")
        kind = self.r.choice(["INNER JOIN", "LEFT JOIN", "LEFT JOIN", "ANY LEFT JOIN", "SEMI LEFT JOIN", "ANTI LEFT JOIN", "JOIN"])
        keys = self.r.choice([("I", "I"), ("I", "I"), ("S", "S")])
        on = f"{a.column(keys[0])} = {b.column(keys[1])}"
        if self.chance(0.3):
            on += self.r.choice([f" AND {a.column('I')} = {b.column('I')}", f" AND {a.column('I')} % 2 = {b.column('I')} % 3",
                                 f" AND {a.column('I')} > 3", f" AND {b.column('S')} != 'alpha'", f" AND {b.column('I')} > {b.constant('I')}"])
        if self.chance(0.5) and kind in ("ANY LEFT JOIN", "SEMI LEFT JOIN"):
            kind = kind.replace("SEMI LEFT", "LEFT SEMI").replace("ANY LEFT", "LEFT ANY")
        columns = collections.defaultdict(list, {k: list(v) for k, v in a.columns.items()})
        unique = "a.id"
        if kind in ("INNER JOIN", "LEFT JOIN", "JOIN"):  # the others choose any of several rows on the right
            for k, v in b.columns.items():
                columns[k] = columns[k] + v
            unique = "(a.id, b.id)"
        return f"{final(left + ' AS a')} {kind} {final(right + ' AS b')} ON {on}", Expressions(self.r, columns, unique)

    def names(self):
        """Columns without aliases: what they are called, in the result and outside of a subquery."""
        left, right = self.r.choice(["t", "spans", "versions", "altered"]), self.r.choice(["dim", "versions", "altered", "ids"])
        a, b = self.over(left, "a."), self.over(right, "b.")
        columns = [self.r.choice(["a.id", "b.id", a.column("I"), b.column("I"), f"{a.column('I')} + 1", f"max({b.column('I')}) OVER ()", f"toString({a.column('I')})"]) for _ in range(3)]
        on = self.r.choice(["ON a.id = b.id", "USING (id)", f"ON {a.column('I')} = b.id"])
        third = self.r.choice(["", "", " JOIN dim AS c ON c.id = a.id"]) if on != "USING (id)" else ""
        select = self.r.choice([", ".join(columns), ", ".join(columns), "*", "b.*, a.id", "a.*, b.*"])
        sql = f"SELECT {select} FROM {final(left + ' AS a')} {self.r.choice(['INNER', 'LEFT'])} JOIN {final(right + ' AS b')} {on}{third}"
        return Query(sql, False) if self.chance(0.6) or len(set(columns)) < 3 else Query(f"SELECT * FROM ({sql}) WHERE 1", False)

    def other_joins(self):
        """USING, RIGHT, CROSS and comma joins."""
        left, right = self.r.choice(["dim", "versions", "altered"]), self.r.choice(["dim", "versions", "ids"])
        a, b = self.over(left, "a."), self.over(right, "b.")
        columns = collections.defaultdict(list, {k: list(v) for k, v in a.columns.items()})
        for k, v in b.columns.items():
            columns[k] = columns[k] + v
        e = Expressions(self.r, columns, "(a.id, b.id)")
        a_from, b_from = final(left + " AS a"), final(right + " AS b")
        source = self.r.choice([
            f"{a_from} RIGHT JOIN {b_from} ON {a.column('I')} = {b.column('I')}", f"{a_from} RIGHT JOIN {b_from} USING (id)", f"{a_from} LEFT JOIN {b_from} USING id",
            f"{a_from} INNER JOIN {b_from} USING (id)", f"{a_from} CROSS JOIN {b_from}", f"{a_from}, {b_from}",
            f"{a_from} INNER JOIN {b_from} ON {a.column('I')} = {b.column('I')} AND {a.column('I')} < {b.column('I')}",
            f"{a_from} LEFT JOIN (SELECT id, count() AS n FROM {final(right)} GROUP BY id) AS b ON a.id = b.id"])
        if "AS n FROM" in source:
            e = Expressions(self.r, collections.defaultdict(list, {**a.columns, "I": a.columns["I"] + ["b.n", "b.id"]}), "a.id")
        items = ", ".join(f"{e.make(kind, 1)} AS c{i}" for i, kind in enumerate(["I", "S", "I"]))
        small = "a.id < 30 AND b.id < 40" if "b.n" not in e.columns["I"] else "a.id < 200"
        if self.chance(0.4):
            return Query(f"SELECT {e.make('I', 1)} AS k, count() AS c, {e.expand(self.r.choice(['min({I})', 'sum({I})', 'max({S})', 'uniqExact({I})', 'countIf({C})', 'sumOrNull({NI})', 'avgOrDefault({I})']), 1)} AS d FROM {source} WHERE {small} GROUP BY k", False)
        return Query(f"SELECT {items} FROM {source} WHERE {small} AND {e.make('C', 1)}", False)

    def scalars(self):
        table = self.table()
        e, d = self.over(table), self.over("dim")
        scalar = f"(SELECT {self.r.choice(['max', 'min', 'sum', 'count'])}({d.column('I')}) FROM dim WHERE {d.make('C', 1)})"
        order = self.r.choice(["u", "nu", "v"]) if table == "ids" else e.id
        return Query(f"SELECT id, {scalar} AS s, {e.make('I', 1)} + s AS c1, {e.make('I', 0)} IN (SELECT k FROM dim) AS c2 FROM {final(table)} WHERE {e.make('I', 1)} >= {scalar} OR {e.make('C', 0)} ORDER BY {order}, id LIMIT {self.r.randint(0, 9)}, {self.r.randint(1, 50)}", True)

    def uuids(self):
        low, high = sorted(tables._uuid(self.r) for _ in range(2))
        condition = self.r.choice([f"u < '{low}'", f"u >= '{low}' AND u <= '{high}'", f"u = '{high}'", f"u IN ('{low}', '{high}')", f"nu > '{low}'", f"nu = '{low}'", f"u BETWEEN '{low}' AND '{high}'", f"(u, v) > ('{low}'::UUID, 3)"])
        return self.r.choice([
            Query(f"SELECT u, nu, id FROM ids WHERE {condition} ORDER BY u{self.r.choice(['', ' DESC'])}, id LIMIT 20", True),
            Query(f"SELECT min(u), max(u), min(nu), max(nu), count(), uniqExact(u), argMin(u, (u, id)), arraySort(groupUniqArray(u)) FROM ids WHERE {condition}", False),
            Query(f"SELECT u, count() AS c, min(nu) AS m FROM ids WHERE {condition} GROUP BY u ORDER BY u", True),
            Query(f"SELECT nu, id FROM ids WHERE {condition} ORDER BY nu DESC, id LIMIT 5 BY nu", True)])

    def from_subquery(self):
        table = self.table()
        e = self.over(table)
        kinds = self.kinds(3)
        inner = ", ".join(f"{e.make(kind)} AS q{kind.lower()}{i}" for i, kind in enumerate(kinds))
        columns = collections.defaultdict(list)
        for i, kind in enumerate(kinds):
            columns[kind].append(f"q{kind.lower()}{i}")
        columns["I"].append("id")
        limit = f" ORDER BY id LIMIT {self.r.randint(1, 500)}" if self.chance(0.3) else ""
        return f"(SELECT {inner}, id FROM {final(table)}{self.filter(e, table != 'versions')}{limit})", Expressions(self.r, columns, "id")

    def plain(self):
        source, e = self.source()
        items = [e.make(kind) for kind in self.kinds(self.r.randint(1, 4))]
        where = self.filter(e, "FINAL" not in source and "JOIN" not in source)
        select = ", ".join(f"{item} AS c{i}" for i, item in enumerate(items))
        if self.chance(0.12):
            return Query(f"SELECT DISTINCT {select} FROM {source}{where}", False)
        if self.chance(0.5):
            return Query(f"SELECT {select} FROM {source}{where}", False)
        order = ", ".join([self.order_item(e) for _ in range(self.r.randint(0, 2))] + [e.id])
        limit = self.r.choice(["", f" LIMIT {self.r.randint(0, 50)}", f" LIMIT {self.r.randint(0, 30)}, {self.r.randint(1, 30)}",
                               f" LIMIT {self.r.randint(1, 9)} OFFSET {self.r.randint(0, 9)}", f" LIMIT {self.r.randint(1, 2)} BY {e.column('I')}",
                               f" LIMIT 2 BY {e.column('I')} % 7 LIMIT 20"])
        return Query(f"SELECT {select} FROM {source}{where} ORDER BY {order}{limit}", True)

    def order_item(self, e):
        kind = self.r.choice(["I", "I", "S", "F", "D", "T", "X", "NI", "NS", "NF", "E", "TU", "AI", "C", "BIG", "FS"])
        item = e.make(kind, self.r.choice([0, 0, 1])) if e.columns.get(kind) else e.make("I", 1)
        if re.fullmatch(r"-?[\d.]+|NULL.*|true|false", item):
            item = e.id  # a number would mean a position
        return item + self.r.choice(["", "", " DESC", " ASC", " DESC NULLS FIRST", " NULLS FIRST", " ASC NULLS LAST"])

    def grouped(self):
        source, e = self.source()
        kinds = [self.r.choice(["I", "S", "S", "E", "D", "NI", "NS", "C", "F", "T", "AI", "TU", "U", "FS"]) for _ in range(self.r.choice([0, 1, 1, 2, 3]))]
        keys = [e.make(kind, self.r.choice([0, 0, 1, 2])) for kind in kinds]
        aggregates = [e.expand(self.r.choice(_PRODUCTIONS["G"]), self.r.choice([0, 0, 1, 2])) for _ in range(self.r.randint(1, 4))]
        if "JOIN" in source:  # from 8192 values on quantile() takes a sample
            aggregates = [item if "quantile" not in item and "median" not in item else "count()" for item in aggregates]
        select = ", ".join([f"{key} AS k{i}" for i, key in enumerate(keys)] + [f"{item} AS c{i}" for i, item in enumerate(aggregates)])
        where = self.filter(e, "FINAL" not in source and "JOIN" not in source)
        sql = f"SELECT {select} FROM {source}{where}"
        plain_keys = all(re.fullmatch(r"[a-z0-9_.]+", key) and "." not in key[2:] for key in keys)
        if keys:
            sql += " GROUP BY " + ", ".join(f"k{i}" for i in range(len(keys)))
            if plain_keys and self.chance(0.3):  # of others ClickHouse folds some, and totals show it
                sql += " WITH TOTALS"
            if self.chance(0.3):
                sql += " HAVING " + self.r.choice(["count() > 2", "max(c0) = min(c0)" if False else "count() % 2 = 0", "c0 IS NOT NULL"])
            if self.chance(0.4) and not {"F", "U"} & set(kinds):  # 0 and -0 are two groups, equal in order
                sql += " ORDER BY " + ", ".join(f"k{i}{self.r.choice(['', ' DESC'])}" for i in range(len(keys)))
                if self.chance(0.6):
                    sql += f" LIMIT {self.r.randint(1, 20)}"
                return Query(sql, True)
        return Query(sql, False)

    def states(self):
        table = self.table()
        e = self.over(table)
        name, argument = self.r.choice([("sum", "I"), ("count", "NI"), ("avg", "I"), ("min", "S"), ("max", "X"), ("uniq", "S"), ("uniqExact", "I"), ("quantile(0.9)", "I"), ("max", "NI"), ("groupBitOr", "I"), ("sum", "NI")])
        value = e.make(argument, 1) if name != "groupBitOr" else f"toUInt16({e.make('I', 1)})"
        base = name.split("(")[0]
        parameters = name[len(base):]
        state = f"{base}State{parameters}({value})"
        return Query(f"SELECT {base}Merge{parameters}(st) AS c0 FROM (SELECT {e.make('I', 1)} AS g, {state} AS st FROM {final(table)}{self.filter(e, table != 'versions')} GROUP BY g) GROUP BY g % 3", False)

    def array_join(self):
        table = self.r.choice(["t", "spans"])
        e = self.over(table)
        kind, element = self.r.choice([("AI", "I"), ("AS", "S"), ("AF", "F"), ("ANI", "NI")])
        array = e.make(kind, 1)
        left = "LEFT " if self.chance(0.3) else ""
        if self.chance(0.3):
            return Query(f"SELECT arrayJoin({array}) AS c0, id FROM {final(table)}{self.filter(e, table != 'versions')}", False)
        columns = collections.defaultdict(list, {k: list(v) for k, v in e.columns.items()})
        columns[element] = columns[element] + ["elem"] * 5
        joined = Expressions(self.r, columns, "id")
        items = ", ".join(f"{joined.make(k, 2)} AS c{i}" for i, k in enumerate([element, "I", "S"]))
        return Query(f"SELECT {items} FROM {table} {left}ARRAY JOIN {array} AS elem WHERE {joined.make('C', 1)}", False)

    def window(self):
        table = self.r.choice(["t", "spans", "dim"])
        e = self.over(table)
        partition = f"PARTITION BY {e.make(self.r.choice(['S', 'I', 'C']), 1)} " if self.chance(0.7) else ""
        order = f"ORDER BY {e.make('I', 0) if self.chance(0.5) else e.make('NI', 0)}{self.r.choice(['', ' DESC'])}, id"
        function = self.r.choice(["row_number()", "rank()", "dense_rank()", f"sum({e.column('I')})", f"count({e.make('I', 0)})", f"min({e.make('I', 0)})",
                                  f"max({e.make('S', 0)})", f"lagInFrame({e.make('I', 0)})", f"leadInFrame({e.make('S', 0)})", f"first_value({e.make('I', 0)})", f"last_value({e.make('S', 0)})", f"avg({e.make('I', 0)})"])
        frame = self.r.choice(["", "", " ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW", " ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING", " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"])
        return Query(f"SELECT id, {function} OVER ({partition}{order}{frame}) AS c0 FROM {final(table)}{self.filter(e, table != 'versions')}", False)

    def union(self):
        kinds = self.kinds(2)
        parts = []
        for _ in range(self.r.randint(2, 3)):
            table = self.table()
            e = self.over(table)
            parts.append(f"SELECT {', '.join(f'{e.make(kind)} AS c{i}' for i, kind in enumerate(kinds))} FROM {final(table)}{self.filter(e, table != 'versions')}")
        union = f" UNION {self.r.choice(['ALL', 'ALL', 'DISTINCT'])} ".join(parts[:2])
        union = " UNION ALL ".join([union] if len(parts) == 2 else parts)
        return Query(union if self.chance(0.5) else f"SELECT c0, count() FROM ({union}) GROUP BY c0", False)

    def with_clause(self):
        table = self.table()
        e = self.over(table)
        if self.chance(0.5):
            return Query(f"WITH {e.make('I')} AS w SELECT w, w + 1 AS c1, {e.make('S')} AS c2 FROM {final(table)} WHERE w > 0", False)
        return Query(f"WITH q AS (SELECT {e.make('I')} AS x, {e.make('S')} AS y FROM {final(table)}{self.filter(e, table != 'versions')}) SELECT y, sum(x) AS c1, count() AS c2 FROM q GROUP BY y", False)

    def frames(self):
        """Windows with names, offsets, defaults and NULLs, and over groups. The order is unique, so are the answers."""
        table = self.r.choice(["t", "spans", "dim"])
        e = self.over(table)
        direction = self.r.choice(["", " DESC"])
        function, order = self.r.choice([
            (f"lagInFrame(toInt64({e.make('I', 0)}), {self.r.randint(1, 3)}, -1)", "id"), (f"lead({e.make('S', 0)}, 2, 'none')", "id"),
            (f"first_value({e.make('NI', 0)}){self.r.choice(['', ' RESPECT NULLS'])}", "id"), (f"last_value({e.make('NS', 0)})", "id"),
            (f"nth_value({e.make('I', 0)}, {self.r.randint(1, 4)})", "id"), ("count()", "id"), (f"sum({e.column('I')})", "id")])
        frame = self.r.choice(["", " ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING", " ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING", " ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING",
                               f" RANGE BETWEEN {self.r.randint(0, 9)} PRECEDING AND {self.r.randint(0, 9)} FOLLOWING", " RANGE BETWEEN 5 PRECEDING AND CURRENT ROW"])
        if "lead" in function:
            frame = ""
        key = e.make(self.r.choice(["S", "I"]), 1)
        return self.r.choice([
            Query(f"SELECT id, {function} OVER (PARTITION BY {key} ORDER BY {order}{direction}{frame}) AS c0 FROM {table}{self.filter(e)}", False),
            Query(f"SELECT id, {function} OVER w2 AS c0 FROM {table}{self.filter(e)} WINDOW w1 AS (PARTITION BY {key}), w2 AS (w1 ORDER BY {order}{direction}{frame})", False),
            Query(f"SELECT id, ntile({self.r.randint(1, 9)}) OVER (ORDER BY id) AS c0, cume_dist() OVER (ORDER BY {e.column('I')}) AS c1, percent_rank() OVER (ORDER BY {e.column('I')}) AS c2 FROM {table}{self.filter(e)}", False),
            Query(f"SELECT {key} AS k, count() AS c, sum(c) OVER (ORDER BY k) AS c1, c / sum(c) OVER () AS c2 FROM {table}{self.filter(e)} GROUP BY k", False)])

    def places(self):
        """Columns by position, GROUP BY ALL, ORDER BY ALL, QUALIFY, aliases of each other's columns."""
        table = self.table()
        e = self.over(table)
        first, second = e.make("I", 1), e.make("S", 1)
        direction = self.r.choice(["", " DESC"])
        return self.r.choice([
            Query(f"SELECT * FROM {final(table)} ORDER BY 1{direction}", False),
            Query(f"SELECT {first} AS c0, {second} AS c1, id FROM {final(table)} ORDER BY -2{direction}, {self.r.randint(1, 2)}, 3 LIMIT 20", True),
            Query(f"SELECT {first} AS c0, {second} AS c1, id FROM {final(table)} ORDER BY ALL{direction} LIMIT 20", True),
            Query(f"SELECT {second} AS c0, count() + length({second}) AS c1, max({first}) AS c2 FROM {final(table)} GROUP BY ALL", False),
            Query(f"SELECT {first} AS c0, count() AS c1 FROM {final(table)} GROUP BY 1 ORDER BY 1{direction}", True),
            Query(f"SELECT id, row_number() OVER (ORDER BY id{direction}) AS rn FROM {final(table)} QUALIFY rn <= {self.r.randint(1, 9)} AND {e.make('C', 0)}", False),
            Query(f"SELECT id, {first} AS c0 FROM {final(table)} QUALIFY {e.make('C', 1)}", False)])

    def scopes(self):
        """What WITH names is seen in subqueries and in every SELECT of a UNION."""
        table, other = self.table(), self.table()
        e, o = self.over(table), self.over(other)
        number, text = e.constant("I"), e.constant("S")
        return self.r.choice([
            Query(f"WITH {number} AS w_ SELECT * FROM (SELECT id, {e.make('I', 1)} + w_ AS c0 FROM {final(table)} WHERE {e.make('I', 0)} >= w_)", False),
            Query(f"WITH (SELECT max(id) FROM {final(other)}) AS w_, w_ - 2 AS v_ SELECT id, {e.make('S', 1)} AS c0 FROM {final(table)} WHERE id IN (SELECT id FROM {final(other)} WHERE id BETWEEN v_ AND w_)", False),
            Query(f"WITH {text} AS w_, q_ AS (SELECT id FROM {final(other)} WHERE {o.make('C', 1)}) SELECT count() AS c0, w_ AS c1 FROM q_ UNION ALL SELECT id, w_ || {e.make('S', 1)} FROM {final(table)} WHERE id IN (SELECT id FROM q_)", False),
            Query(f"WITH x_ -> {e.constant('P')} + x_ AS f_ SELECT f_({e.make('I', 1)}) AS c0, arrayMap(f_, {e.make('AI', 1)}) AS c1 FROM {final(table)}", False),
            Query(f"WITH {final(table).split()[0]} AS (SELECT id, {e.make('I', 1)} AS c0 FROM {final(table)}) SELECT * FROM {final(table).split()[0]}", False),
            Query(f"SELECT (toUInt32({e.make('I', 0)}), id) IN (SELECT (id, id) FROM {final(other)} WHERE {o.make('C', 0)}) AS c0, id FROM {final(table)}", False),
            Query(f"SELECT k, arrayJoin([k, {number}]) AS j FROM (SELECT toInt64({e.make('I', 1)}) AS k FROM {final(table)}) GROUP BY k", False)])

    def any(self):
        shapes = [(self.plain, 40), (self.grouped, 30), (self.states, 4), (self.array_join, 7), (self.window, 7), (self.union, 5), (self.with_clause, 5),
                  (self.names, 3), (self.other_joins, 6), (self.scalars, 4), (self.uuids, 3), (self.frames, 5), (self.places, 4), (self.scopes, 4)]
        return self.r.choices([shape for shape, _ in shapes], [weight for _, weight in shapes])[0]()


def query(seed, number):
    return Queries(random.Random(f"{seed}/{number}")).any()
