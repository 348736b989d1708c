"""Files that were written anew without a customer have their sums, and an erasure that died leaves a whole folder."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from living_personas.domain.damage import Damage
from living_personas.stores.sqlite.examination import examine, opened_parts

from .conftest import NOON

Run = Callable[..., tuple[int, str, str]]

ID = "customer-11"
DYING = """
import os, sys
from pathlib import Path
from living_personas.cli import main
from living_personas.stores.sql import partition_files
from living_personas.stores.sqlite.connection import Connection
left = int(sys.argv[1])
def dying(call):
    def counted(*words, **said):
        global left
        left -= 1
        if left < 0:
            os._exit(9)
        return call(*words, **said)
    return counted
for where, name in ((os, "fsync"), (Path, "replace"), (Connection, "run"), (Connection, "run_many"),
                    (Connection, "empty_log"), (partition_files, "remove")):
    setattr(where, name, dying(getattr(where, name)))
main(["erase", sys.argv[2], "--workspace", sys.argv[3]])
"""
"""Erases, and is gone, as by kill -9, at the n-th step on the disk or in the database."""


def test_files_without_a_customer_are_whole_and_damage_in_them_is_found(shop: Path, personas: Run) -> None:
    before = _files(shop)
    assert personas("erase", ID, "--workspace", shop)[0] == 0
    anew = sorted(_files(shop).keys() - before.keys())
    assert {path.parts[-3] for path in anew} >= {"events", "exposures", "units", "customers", "memberships"}
    assert all(_files(shop)[path] for path in anew)  # each has its sum
    assert _damages(shop) == ()
    rng = Random(1)  # noqa: S311 - the same every time
    for path in anew:
        whole = path.read_bytes()
        bit = rng.randrange(len(whole) * 8)
        path.write_bytes(whole[: bit // 8] + bytes([whole[bit // 8] ^ 1 << bit % 8]) + whole[bit // 8 + 1 :])
        assert [each.place.rpartition("/")[2] for each in _damages(shop)] == [path.name]
        path.write_bytes(whole)
    assert personas("run", "--workspace", shop)[0] == 0
    assert _damages(shop) == ()


# Of 168 steps in all: files are written, then the transaction, then files are removed and the log is emptied.
@pytest.mark.long
@pytest.mark.parametrize("steps", [40, 143, 155, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 165, 9))])
def test_an_erasure_that_died_anywhere_leaves_a_whole_folder_and_is_finished(
    shop: Path, personas: Run, steps: int
) -> None:
    words = [sys.executable, "-c", DYING, str(steps), ID, str(shop)]
    died = subprocess.run(words, capture_output=True, text=True, check=False)
    assert died.returncode == 9, died.stderr
    assert _damages(shop) == ()
    code, out, err = personas("doctor", "--deep", "--workspace", shop)
    assert code == 0, (out, err)
    code, out, err = personas("erase", ID, "--workspace", shop)
    assert code == 0, (out, err)
    assert _damages(shop) == ()
    assert [path.name for path in shop.rglob("*") if path.is_file() and ID.encode() in path.read_bytes()] == []


def _damages(root: Path) -> tuple[Damage, ...]:
    return examine(root / ".living", clock=lambda: NOON, deep=True).damages


def _files(root: Path) -> dict[Path, bool]:
    """The files that are read, and whether each has a sum."""
    with opened_parts(root / ".living", clock=lambda: NOON) as parts:
        return {parts.path(part): part.sum is not None for part in parts.needed()}
