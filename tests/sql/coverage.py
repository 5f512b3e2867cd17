"""Every function, type, format and table function that a server lists occurs in a statement below tests/sql.

A function (or alias) must be called, `name(`; an aggregate may carry a combinator. A format must be written by a query
and, if it can be read, read by an INSERT. Called by run.py; what is missing is a failure.
"""
import pathlib, re

HERE = pathlib.Path(__file__).resolve().parent


def statements():
    """What the tests ask, without the answers."""
    for path in sorted(HERE.rglob("*.sql")):
        yield from path.read_text().splitlines()
    for path in sorted(HERE.rglob("*.test")):
        for block in re.split(r"\n\s*\n", path.read_text()):
            yield re.split(r"^----", block, flags=re.M)[0]


def check(server, counts):
    asked = list(statements())
    text = "\n".join(asked)
    called = set(re.findall(r"\b(\w+)\s*\(", text))
    words = set(re.findall(r"\w+", text)) | {name for names in re.findall(r"AS ([A-Z0-9 ]+)", text) for name in [names.strip()]}
    written = {name for s in asked if not s.startswith("INSERT") for name in re.findall(r"\bFORMAT (\w+)", s)}
    read = {name for s in asked if s.startswith("INSERT") for name in re.findall(r"\bFORMAT (\w+)", s)}

    def names(query):
        answer, code = server.query(query)
        counts.check(f"coverage: {query}", code, 0)
        return answer.split("\n")[:-1]

    for kind, query, known in [
        ("functions", "SELECT name FROM system.functions", called),
        ("table functions", "SELECT name FROM system.table_functions", called),
        ("types", "SELECT name FROM system.data_type_families", words),
        ("formats written", "SELECT name FROM system.formats WHERE is_output", written),
        ("formats read", "SELECT name FROM system.formats WHERE is_input", read),
    ]:
        counts.check(f"coverage: {kind} without a test", [name for name in names(query) if name not in known], [])
