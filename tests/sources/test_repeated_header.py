"""A file that was put together of several exports: the header of each is no row, and is counted."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.shop import Typed, hand
from laws import law
from living_personas.domain.settings import Source, SourceTime
from living_personas.sources.frames import open_rows
from living_personas.sources.read import read

HEADER = "who,at,what"
SETTINGS = """\
name: w
salt: a-salt-for-tests-only
sources:
  rows: {customer: who, time: at, event: what}
"""


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str]) -> Typed:
    """A hand that types commands."""
    return hand(capsys)


def exports(folder: Path, *, header: str = HEADER, many: int = 3, quoted: bool = False) -> Path:
    """Some exports, one behind the other, of two rows each."""
    mark = '"' if quoted else ""
    parts = [
        f"{header}\nu{n},2026-11-0{n + 1}T10:00:00Z,{mark}a{mark}\nv{n},2026-11-0{n + 1}T11:00:00Z,b\n"
        for n in range(many)
    ]
    file = folder / "all.csv"
    file.write_text("".join(parts), encoding="utf-8")
    return file


@pytest.mark.parametrize("header", [HEADER, " who , at,what", "\ufeffwho,at,what", '"who","at","what"'])
@pytest.mark.parametrize("quoted", [False, True])
def test_both_readers_pass_it_over_and_count_it(header: str, quoted: bool, tmp_path: Path) -> None:  # noqa: FBT001
    rows = open_rows(exports(tmp_path, header=header, quoted=quoted))
    source = Source(name="rows", customer="who", time=SourceTime(column="at"), event="what")
    for row_by_row in (True, False):
        (loaded,) = read(rows, source, zone=ZoneInfo("UTC"), row_by_row=row_by_row)
        assert (loaded.rows, len(loaded.batch), loaded.quarantined, rows.repeated) == (6, 6, (), 2)


def test_the_commands_say_how_many(tmp_path: Path, typed: Typed) -> None:
    (tmp_path / "workspace.yaml").write_text(SETTINGS)
    file = exports(tmp_path)
    assert "2 lines repeat the header and are no rows" in typed("check", file, "--workspace", tmp_path).out
    said = typed("ingest", file, "--workspace", tmp_path).out
    assert "6 received = 6 stored + 0 duplicate + 0 quarantined (2 lines that repeat the header passed over)" in said


def test_a_row_that_only_looks_like_it_stays(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("who,at,what\nwho,2026-11-01,what\nwho,at,\n")
    rows = open_rows(file)
    assert [len(found) for _, found in rows] == [2]
    (tmp_path / "one.csv").write_text("word\nword\n")
    assert [len(found) for _, found in open_rows(tmp_path / "one.csv")] == [1]


@law(40)
@given(st.lists(st.sampled_from([HEADER, "u1,2026-11-01,a", "who,at,b", "x,y,what"]), max_size=12))
def test_columns_and_rows_are_the_same(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    file = tmp_path_factory.mktemp("rows") / "rows.csv"
    file.write_text("\n".join([HEADER, *lines]) + "\n")
    rows = open_rows(file)
    by_row = [row for _, found in rows for row in found]
    assert rows.repeated == lines.count(HEADER)
    by_column = [row for block in rows.blocks() for row in block.take(range(block.size))]
    assert by_row == by_column
    assert rows.repeated == lines.count(HEADER)
