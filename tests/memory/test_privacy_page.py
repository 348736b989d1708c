"""The page for whoever answers for personal data names all that is kept of people, and of whom it is."""

from __future__ import annotations

import re
from pathlib import Path

from living_personas.memory.record import Record
from living_personas.memory.reference import KEPT_BY_STORES, declared_records, declared_tables
from living_personas.memory.table import Table

PAGE = Path(__file__).parents[2] / "docs/explanation/privacy.md"
OF_THE_STORE = {"links": "link"}
"""What a store calls as a table is called that is made of it."""


def declared() -> dict[str, str]:
    """All that is declared to be kept of people: what it is called, and about whom it is."""
    tables = {
        each.name if isinstance(each, Table) else each.prefix: "customers"
        for each in declared_tables()
        if (each.customers if isinstance(each, Table) else each.like.customers)
    }
    records = {each.key if isinstance(each, Record) else each.prefix: str(each.holds) for each in declared_records()}
    own = {OF_THE_STORE.get(what, what): str(holds) for what, _, _, holds in KEPT_BY_STORES}
    return tables | {name: holds for name, holds in (records | own).items() if holds != "nobody"}


def test_the_page_names_all_that_is_kept_of_people_and_nothing_else() -> None:
    section = PAGE.read_text(encoding="utf-8").partition("## What is kept\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([^`]+)` \| [^|]+ \| ([^|]+) \| [^|]+ \| [^|]+ \|$", section, re.MULTILINE)
    assert dict(rows) == declared()
    assert len(rows) == len(dict(rows))
