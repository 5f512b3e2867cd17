"""Whether two engines gave the same answer. Rows are compared as a set unless the query orders them; an approximate
aggregate may differ by the tolerance named here, everything else must be equal to the byte.
"""

import math

# id -> (column, relative tolerance) of what is approximate by definition or floating point.
TOLERANCES = {
    "Q3": ((4, 1e-9),),
    "Q3t": ((4, 0.1),),
    "Q6": ((0, 1e-9),),
    "Q6i": ((0, 1e-9),),
    "Q7u": ((1, 0.05),),
    "Q8": ((3, 1e-9),),
}
# Ties make the rest of the row arbitrary: only these columns are compared.
COLUMNS = {"Q5": (1,)}
ORDERED = {"Q1", "Q5", "Q11", "Q12"}


def differs(query_id, expected, actual):
    """None if the TabSeparated answers agree, else what differs first."""
    rows = [_rows(query_id, answer) for answer in (expected, actual)]
    if len(rows[0]) != len(rows[1]):
        return f"{len(rows[1])} rows instead of {len(rows[0])}"
    tolerances = dict(TOLERANCES.get(query_id, ()))
    for number, (want, got) in enumerate(zip(*rows)):
        if len(want) != len(got):
            return f"row {number} has {len(got)} columns instead of {len(want)}"
        for column, (a, b) in enumerate(zip(want, got)):
            if a != b and not (column in tolerances and _near(a, b, tolerances[column])):
                return f"row {number}, column {column}: {b[:80]} instead of {a[:80]}"
    return None


def _rows(query_id, answer):
    rows = [line.split("\t") for line in answer.decode(errors="replace").splitlines()]
    if query_id in COLUMNS:
        rows = [[row[column] for column in COLUMNS[query_id]] for row in rows]
    # Approximate columns last in the key, so that small differences do not change the order.
    return rows if query_id in ORDERED else sorted(rows)


def _near(a, b, tolerance):
    try:
        numbers = [[float(part) for part in text.strip("[]").split(",")] for text in (a, b)]
    except ValueError:
        return False
    return len(numbers[0]) == len(numbers[1]) and all(
        math.isclose(x, y, rel_tol=tolerance, abs_tol=1e-9) for x, y in zip(*numbers)
    )
