"""SQL in the making: names, texts and selections, whatever is in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = [
    "canonical_sql",
    "identifier",
    "is_address_sql",
    "literal",
    "order_sql",
    "ordered_sql",
    "pointed_at",
    "pointer",
    "select_sql",
    "steady_sql",
    "values_sql",
]


def identifier(name: str) -> str:
    """A name as SQL.

    >>> identifier('a "b" c')
    '"a ""b"" c"'
    """
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def literal(text: str) -> str:
    """A text as SQL.

    >>> print(literal("it's"))
    'it''s'
    """
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def pointer(name: str) -> str:
    """A field as a JSON pointer, which takes every name literally but for ``~`` and ``/``.

    >>> pointer("a/b.c")
    '/a~1b.c'
    """
    return "/" + name.replace("~", "~0").replace("/", "~1")


def pointed_at(pointer: str) -> str:
    """The field of a ``pointer``.

    >>> pointed_at(pointer("a/~b"))
    'a/~b'
    """
    return pointer.removeprefix("/").replace("~1", "/").replace("~0", "~")


def select_sql(columns: Iterable[str], *, source: str, ending: str = "") -> str:
    """A selection of finished expressions from a table, or from another selection in parentheses.

    >>> select_sql(["a", "b + 1 AS b"], source="rows", ending="ORDER BY a")
    'SELECT a, b + 1 AS b FROM rows ORDER BY a'
    """
    # Callers pass what `identifier`, `literal` and `rules.sql` made, never what people wrote.
    return f"SELECT {', '.join(columns)} FROM {source} {ending}".rstrip()  # noqa: S608  (see above)


def order_sql(names: Iterable[str]) -> str:
    """How rows are ordered by some columns; nothing if by none.

    >>> order_sql(["customer", "day"])
    'ORDER BY "customer", "day"'
    """
    ordered = ", ".join(map(identifier, names))
    return f"ORDER BY {ordered}" if ordered else ""


def ordered_sql(statement: str, names: Iterable[str]) -> str:
    """The rows of a statement in order of some columns, whose names are plain: so it stands in any dialect.

    >>> ordered_sql("SELECT a, b FROM rows", ["a", "b"])
    'SELECT * FROM (SELECT a, b FROM rows) AS answered ORDER BY a, b'
    """
    return select_sql(["*"], source=f"({statement}) AS answered", ending=f"ORDER BY {', '.join(names)}")


def steady_sql(number: str) -> str:
    """A sum of doubles to 14 digits: parallel scans add in another order every time, and the last digits follow it."""
    digits = f"14 - CAST(CEIL(LOG10(ABS({number}))) AS INTEGER)"
    return f"CASE WHEN {number} = 0e0 THEN 0e0 ELSE ROUND({number}, {digits}) END"


def values_sql(names: Sequence[str], rows: Iterable[tuple[str, ...]]) -> str:
    """A small table, spelled out.

    >>> values_sql(("a", "b"), [("1", "'x'"), ("2", "'y'")])
    "SELECT * FROM (VALUES (1, 'x'), (2, 'y')) AS spelled(a, b)"
    """
    values = ", ".join(f"({', '.join(row)})" for row in rows)
    return select_sql(["*"], source=f"(VALUES {values}) AS spelled({', '.join(names)})")


def canonical_sql(id_: str) -> str:
    """``canonical_id`` of an expression in SQL, where all of an address is ASCII."""
    return f"CASE WHEN {is_address_sql(id_)} THEN LOWER({id_}) ELSE {id_} END"


def is_address_sql(id_: str) -> str:
    """Whether an expression in SQL is an address of e-mail, as ``canonical_id`` has it."""
    return f"{id_} LIKE '%_@_%._%' AND {id_} NOT LIKE '%@%@%'"
