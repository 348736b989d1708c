"""The order in which rows arrive, in how many files and how often, changes nothing: not a byte of any version."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.shop import Typed, customer_rows, shuffled, write_rows, write_shop
from living_personas.stores.canonical_json import VERSION
from living_personas.wiring import open_context


def bodies(workspace: Path) -> list[bytes]:
    _, context = open_context(workspace)
    latest = context.store.versions.latest()
    found = [VERSION.dump(version) for each in latest for version in context.store.versions.history(each.id)]
    context.store.close()
    return found


@pytest.mark.long
def test_shuffled_split_and_delivered_twice(personas: Typed, learned: Path, tmp_path: Path) -> None:
    rows = shuffled(customer_rows(), seed=3)
    files = [write_rows(tmp_path / f"part{n}.csv", rows[n::3]) for n in range(3)]
    shop = write_shop(tmp_path / "other")
    first = personas("ingest", *files, "--workspace", shop)
    again = personas("ingest", *reversed(files), "--workspace", shop)
    assert first.out.splitlines()[-1].startswith("all files: ")
    assert " 0 stored" in again.out.splitlines()[-1]
    assert personas("run", "--workspace", shop).code == 3
    assert len(bodies(shop)) == 3  # two baselines and one correction
    assert bodies(shop) == bodies(learned)
