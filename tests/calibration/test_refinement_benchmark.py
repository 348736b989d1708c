"""The benchmark of corrections runs, each part of it, and holds its figures against their bars as it says."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
QUICKEST = ("regret static", "words of corrections", "weekly, within 1 day")


def part(name: str) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        return import_module(f"refinement.{name}")


NAMES = tuple(part("table").BENCHMARKS)


def measured(name: str, worlds: int) -> Iterator[Any]:
    yield from part("table").BENCHMARKS[name].measured(name, worlds)


def test_a_share_is_held_against_its_bar_by_its_value_its_bound_or_as_a_control() -> None:
    share = part("figures").share
    assert share("", 5, 100, bar=0.05).verdict == "met"
    assert share("", 6, 100, bar=0.05).verdict == "missed"
    assert share("", 6, 100, bar=0.05, by_bound=True).verdict == "met"
    assert share("", 20, 100, bar=0.05, by_bound=True).verdict == "missed"
    assert share("", 97, 100, bar=0.98, side="at least").verdict == "missed"
    assert share("", 0, 0, bar=0.05).verdict == "missed"
    assert share("", 50, 100, bar=0.05, side="must exceed").verdict == "fails, as it must"
    assert share("", 1, 2, bar=0.05, side="must exceed").verdict == "too few worlds"
    assert share("", 1, 100, bar=0.05, side="must exceed").verdict == "does not fail"
    assert share("", 5, 100).verdict == ""


def test_a_median_has_the_interval_of_its_order_statistics() -> None:
    found = part("figures").quantile("", list(range(1, 102)), 0.5, bar=50)
    assert (found.value, found.worlds, found.verdict) == (51, 101, "missed")
    assert found.lower < 45
    assert found.upper > 57


@pytest.mark.parametrize("name", QUICKEST)
def test_the_quickest_run(name: str) -> None:
    assert next(measured(name, 2)).benchmark == name


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_each_runs_with_the_fewest_worlds(name: str) -> None:
    figures = list(measured(name, 2))
    assert figures
    assert all(figure.figure and figure.worlds >= 0 for figure in figures)


@pytest.mark.slow
def test_the_command_prints_a_table_and_writes_the_same_as_json(tmp_path: Path) -> None:
    found = subprocess.run(
        [
            sys.executable,
            FOLDER / "refinement",
            "--only",
            *QUICKEST,
            "--worlds",
            "2",
            "--json",
            tmp_path / "found.json",
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    figures = json.loads((tmp_path / "found.json").read_text())
    rows = [line for line in found.stdout.splitlines()[2:] if line.startswith("|")]
    assert [line.split(" | ")[1] for line in rows] == [each["figure"] for each in figures]
    assert {each["benchmark"] for each in figures} == set(QUICKEST)
