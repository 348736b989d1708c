"""The benchmark of splits runs; slow tests hold what it promises, and what must fail without its rule."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


def benchmarks() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        return import_module("splits.table").BENCHMARKS


NAMES = tuple(benchmarks())


def measured(name: str, worlds: int) -> Iterator[Any]:
    yield from benchmarks()[name].measured(name, worlds)


def test_the_quickest_run() -> None:
    (figure,) = measured("regret, K = 2, reversed in 30 %, LinUCB", 1)
    assert 0 < figure.value < 500
    assert figure.worlds == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("nothing there")])
def test_what_is_not_there_is_hardly_ever_claimed(name: str) -> None:
    for figure in measured(name, 20):
        print(figure)
        assert figure.bar is None or figure.lower <= figure.bar


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mining", "one account", "a flip, and a search that forgets"])
def test_without_its_rule_each_claims_what_is_not_there(name: str) -> None:
    for figure in measured(name, 20):
        print(figure)
        assert figure.upper >= figure.bar if figure.side == "must exceed" else figure.lower <= figure.bar


@pytest.mark.slow
@pytest.mark.parametrize("name", ["even shares, K = 2, leaf 30 %", "whole loop, K = 3, leaf 30 %"])
def test_what_is_there_is_found_about_as_soon_as_it_should_be(name: str) -> None:
    for figure in measured(name, 20):
        print(figure)
        if figure.bar is not None:
            assert figure.upper >= figure.bar if figure.side == "at least" else figure.lower <= figure.bar
