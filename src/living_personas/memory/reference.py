"""The page that says all that a workspace remembers, made from the declarations: ``docs/reference/memory.md``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from living_personas.memory import (
    people_records,
    records,
    retired_records,
    search_records,
    split_records,
    table_records,
    tables,
    worth_records,
)
from living_personas.memory.record import Holds, Record, Records
from living_personas.memory.table import Table, TableFamily

__all__ = ["KEPT_BY_STORES", "declared_records", "declared_tables", "memory_page"]


_MODULES = (
    records,
    table_records,
    retired_records,
    worth_records,
    split_records,
    people_records,
    search_records,
)
_SEEN = ("seen", "seen_run", "seen_page")
KEPT_BY_STORES: tuple[tuple[str, tuple[str, ...], str, Holds], ...] = (
    ("seen message ids", _SEEN, "16 bytes of the BLAKE2b hash of each, for ever: none counts twice.", "nobody"),
    ("how many events", ("counted",), "How many events were ever recorded: each has a number.", "nobody"),
    ("waiting events", ("waiting", "waiting_exposure"), "What is recorded, and not yet cut into days.", "customers"),
    ("links", ("link",), "Which ids an event named as one customer.", "customers"),
    ("names", ("named",), "8 bytes of the BLAKE2b hash of each id that no browser alone named.", "customers' hashes"),
    ("consents", ("consent",), "The last word of an id on a consent on each day.", "customers"),
    ("quarantined rows", ("quarantined",), "Rows as they came that could not be recorded, and why.", "customers"),
    ("versions and snapshots", ("document", "head"), "All that were ever published, in chains of hashes.", "staff"),
    ("refinements", ("refinement",), "Every proposed change, its verdict, and who decided.", "staff"),
    ("lease", ("lease",), "Which worker runs the workspace now, and until when.", "nobody"),
    (
        "folders of objects",
        ("object_folder",),
        "The folders of this store in object storage, and which database each belongs to.",
        "nobody",
    ),
)
"""What a store keeps beside tables and records: what it is, its names in the embedded store, and whom it is about."""

_BESIDE = (
    ("`days/…`", "The rows of the tables; the size and SHA-256 of each file stand in the database.", "see the tables"),
    ("`heads.json`, `key`", "Where the chains of versions and snapshots ended, and the key that signs it.", "nobody"),
    (
        "`withdrawn.jsonl`",
        (
            "What was taken back: keys by their digests, people by name, consents of customers by a keyed hash of "
            "the id, ids that were erased by their marks. No backup holds it; `personas restore` reads it."
        ),
        "staff, and customers' hashes",
    ),
    (
        "`spill/…`",
        (
            "Rows that do not fit into the engine's memory, and what a server knows of customers, in files without "
            "names: gone when the process ends, or when the next begins."
        ),
        "customers",
    ),
)

_CUTS = {"day": "each day", "newest": "the newest day", "ever": "one state"}


def declared_tables() -> tuple[Table | TableFamily, ...]:
    """Every table and family of tables, in the order of the loop."""
    return tuple(each for each in vars(tables).values() if isinstance(each, Table | TableFamily))


def declared_records() -> tuple[Record[object] | Records[object], ...]:
    """Every record, in the order of its declaration."""
    return tuple(each for module in _MODULES for each in vars(module).values() if isinstance(each, Record | Records))


def memory_page() -> str:
    """The page, in Markdown."""
    return "\n".join(
        [
            "# What a workspace remembers",
            "",
            "Written by `living_personas.memory.reference` from the declarations in `memory/tables.py` and",
            "`memory/records.py`, which all code reads and writes by; nothing else is kept anywhere. Stores receive it",
            "through `ports.py`: the embedded one keeps `.living/`, one SQLite file and Parquet files by day;",
            "PostgreSQL the same tables, and the files too, in one schema.",
            "",
            "## Tables",
            "Rows in columns, kept by day.",
            "",
            *_rows(
                ("table", "holds", "a row is told by", "kept", "customers in", "if lost, made from", "columns"),
                map(_table, declared_tables()),
            ),
            "",
            "## Records",
            "One value by its name.",
            "",
            *_rows(("record", "holds", "about"), map(_record, declared_records())),
            "",
            "## What a store keeps of its own",
            *_rows(("what", "holds", "about"), ((what, text, holds) for what, _, text, holds in KEPT_BY_STORES)),
            "",
            "## Files beside the database",
            *_rows(("file", "holds", "about"), _BESIDE),
            "",
        ]
    )


def _table(each: Table | TableFamily) -> tuple[str, ...]:
    name, like = (
        (f"`{each.prefix}…` by {each.named_by}", each.like)
        if isinstance(each, TableFamily)
        else (f"`{each.name}`", each)
    )
    columns = ", ".join(like.schema.names) if like.schema is not None else "those of features and traits"
    made_of = like.made_of or "-"
    return name, like.about, _code(like.key), _CUTS[like.cut], _code(like.customers), made_of, columns


def _record(each: Record[object] | Records[object]) -> tuple[str, ...]:
    name = f"`{each.key}`" if isinstance(each, Record) else f"`{each.prefix}…` by {each.named_by}"
    return name, each.about, each.holds


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "-"


def _rows(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    yield from (f"| {' | '.join(row)} |" for row in rows)
