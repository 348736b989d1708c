"""Public experiments whose answers are known: decided as they should be; skipped where the data are not at hand."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="module")
def benchmark() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "benchmarks"))
        yield import_module("public_data")


def folder(name: str) -> Path:
    """The folder of a set, or a skip that says why."""
    found = DATA / name
    if not found.is_dir():
        pytest.skip(f"the public data set {name!r} is not at {found}")
    return found


def said(rows: Iterator[Any]) -> list[str]:
    """The words of each answer that a reader sees first."""
    return [row.said.split("**")[1] for row in rows]


def test_letters_correct_duty_to_neighbours_whoever_is_counted(benchmark: Any) -> None:
    assert said(benchmark.letters(folder("letters"))) == ["corrected to 'Neighbors'"] * 2


def test_an_offer_without_a_difference_is_neither_corrected_nor_confirmed(benchmark: Any) -> None:
    assert said(benchmark.insurance(folder("insurance"))) == ["not yet known"] * 2


def test_a_promotion_sells_and_loses_money(benchmark: Any) -> None:
    rows = benchmark.starbucks(folder("starbucks_promotion"))
    assert said(rows) == ["corrected to 'Yes'", "corrected to 'No'"]


def test_e_mails_of_hillstrom(benchmark: Any) -> None:
    mens, womens, both = said(benchmark.hillstrom(folder("hillstrom")))
    assert (mens, womens) == ("corrected to 'Mens E-Mail'", "not yet known")
    assert both in ("corrected to 'Mens E-Mail'", "not yet known"), "they are few"


def test_without_shares_of_both_nothing_is_decided(benchmark: Any) -> None:
    assert said(benchmark.open_bandit(folder("open_bandit"))) == ["not yet known", "refused"]
    assert said(benchmark.ifood(folder("ifood_campaign"))) == ["no decision"]


@pytest.mark.slow
def test_broken_totals_are_named_and_what_is_decided_is_large(benchmark: Any) -> None:
    found = list(benchmark.asos(folder("asos")))
    reasons = " ".join(metric.left_out for metric in found)
    assert sum(metric.left_out.count("1 n shrinks") for metric in found) == 4
    assert reasons.count("2 sum_sq is missing") == 3
    ends = [float(part.rpartition("(")[2].rstrip(")")) for m in found for part in m.decided.split("; ") if "(" in part]
    assert len(ends) >= 2
    assert min(ends) > 3
    assert (sum(m.final for m in found), sum(m.peeking for m in found)) == (55, 128)


@pytest.mark.slow
def test_packages_as_units_find_what_is_known_of_headlines_and_viewers_do_not(benchmark: Any) -> None:
    found = {each.headline: each for each in benchmark.upworthy(folder("upworthy"))}
    assert "correct 'without'" in found["question mark"].package
    assert "correct 'with'" in found["digit"].package
    assert "correct 'with'" in found["first person"].package
    assert found["second person"].package.count("nothing") == 2
    assert "correct" in found["second person"].viewer, "the control: outside the promise"


@pytest.mark.slow
def test_dealing_the_marks_anew_leaves_packages_silent_and_viewers_not(benchmark: Any) -> None:
    lines = list(import_module("upworthy").permuted(folder("upworthy"), times=8))
    print("\n".join(["", *lines]))
    packages, viewers = (int(line.split("corrected in ")[1].split()[0]) for line in lines)
    assert packages <= 5, "of 40, where .04 are promised"
    assert viewers >= 4, "of 8: the control must fail"
