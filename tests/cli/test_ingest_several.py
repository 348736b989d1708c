"""Several files at once: those of use are recorded, each other one is named with its remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.shop import Typed
from gzipped import gzipped_bytes
from living_personas.cli import events

HEADER = "customer_id,orders,framing,bought\n"


def _files(folder: Path) -> list[Path]:
    first, packed, book, last = (folder / name for name in ("a.csv", "b.csv.gz", "c.xlsx", "d.csv"))
    first.write_text(f"{HEADER}c1,0,quality,1\n")
    packed.write_bytes(gzipped_bytes(f"{HEADER}c2,0,quality,1\n".encode())[:-12])
    book.write_bytes(b"PK\x03\x04")
    last.write_text(f"{HEADER}c3,0,discount,0\n")
    return [first, packed, book, folder / "away.csv", last]


def test_files_of_no_use_stop_no_others(personas: Typed, shop: Path, tmp_path: Path) -> None:
    answer = personas("ingest", *_files(tmp_path), "--workspace", shop)
    assert answer.code == 1
    said = [line.split(" received")[0] for line in answer.out.splitlines()]
    assert said == ["a.csv: 3", "d.csv: 2", "all files: 5"]
    for name in ("b.csv.gz", "c.xlsx", "away.csv"):
        assert sum(name in line for line in answer.err.splitlines() if line.startswith("error: ")) == 1
    assert answer.err.count("hint: ") == 3
    assert answer.err.splitlines()[-1] == "3 of 5 files could not be used; when mended, ingest them again"


def test_whoever_interrupts_stops_all(
    personas: Typed, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def interrupted(_: object, file: Path, **__: object) -> None:
        asked.append(file.name)
        raise KeyboardInterrupt

    monkeypatch.setattr(events, "record_file", interrupted)
    assert personas("ingest", *_files(tmp_path), "--workspace", shop).code == 130
    assert asked == ["a.csv"]


def test_a_source_that_is_not_there_is_said_once(personas: Typed, shop: Path, tmp_path: Path) -> None:
    answer = personas("ingest", *_files(tmp_path), "--source", "order", "--workspace", shop)
    assert (answer.code, answer.out, answer.err.count("error: ")) == (1, "", 1)


def test_the_quarantine_of_a_source_is_told_apart_from_that_of_a_file(
    personas: Typed, shop: Path, tmp_path: Path
) -> None:
    for name, row in (("a.csv", ",0,quality,1"), ("b.csv", ",0,discount,1"), ("c.csv", "c9,0")):
        (tmp_path / name).write_text(f"{HEADER}{row}\n")
    first, second = (personas("ingest", tmp_path / name, "--workspace", shop).out for name in ("a.csv", "b.csv"))
    assert "1 quarantined" in first
    assert "in quarantine of source orders, from all loads so far: 1\n" in first
    assert "1 quarantined" in second
    assert "from all loads so far: 2\n  2 x " in second
    assert "quarantine replay" in second
    assert "quarantine drop" not in second
    personas("quarantine", "drop", "--all", "--workspace", shop)
    third = personas("ingest", tmp_path / "c.csv", "--workspace", shop).out
    assert "quarantine drop --source orders" in third
    assert "quarantine replay" not in third


def _two_sources(shop: Path, columns: str) -> None:
    settings = shop / "workspace.yaml"
    source = f"sources:\n  visits:\n    customer: visitor\n    time: {columns}\n    event: {{fixed: Visited}}\n"
    settings.write_text(settings.read_text().replace("sources:\n", source, 1))


def test_each_file_is_the_source_whose_columns_it_has(personas: Typed, shop: Path, tmp_path: Path) -> None:
    _two_sources(shop, "seen_at")
    orders, visits, neither = (tmp_path / name for name in ("a.csv", "b.csv", "c.csv"))
    orders.write_text(f"{HEADER}c1,0,quality,1\n")
    visits.write_text("visitor,seen_at\nc1,2026-03-02T10:00:00Z\n,2026-03-02T10:00:00Z\n")
    neither.write_text("who,what\nc1,1\n")
    answer = personas("ingest", orders, visits, neither, "--workspace", shop)
    assert answer.code == 1
    said = [line.split(" received")[0] for line in answer.out.splitlines()[:3]]
    assert said == ["a.csv as orders: 3", "b.csv as visits: 2", "all files: 5"]
    assert "in quarantine of source visits, from all loads so far: 1" in answer.out
    assert answer.err.count("error: ") == 1
    assert "'c.csv' has none of the columns" in answer.err


def test_a_file_that_several_sources_may_read_is_asked_about(personas: Typed, shop: Path, tmp_path: Path) -> None:
    _two_sources(shop, "seen_at")
    both = tmp_path / "a.csv"
    both.write_text("customer_id,orders,framing,bought,visitor,seen_at\nc1,0,quality,1,c1,2026-03-02T10:00:00Z\n")
    answer = personas("ingest", both, "--workspace", shop)
    assert (answer.code, answer.out) == (1, "")
    assert "'a.csv' has the columns of 2 sources." in answer.err
    assert "--source: orders, visits" in answer.err
