"""Test settings: Hypothesis is deterministic, so that a red run can be run again; figures are kept by promise."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from figures import Ledger, move_figures

gc.disable()  # until everything is collected: nothing of it is garbage, and a third of the time was spent on looking
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # threads that wait for each other took a tenth of statistics' time

settings.register_profile(
    "deterministic", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("deterministic")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--promises", metavar="FILE", help="keep the results of tests that hold a promise in this file")


def pytest_configure(config: pytest.Config) -> None:
    path = config.getoption("--promises")
    if path and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Ledger(Path(path)), "promises")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file that needs what is made once comes first, so that no worker waits for another to make it."""
    first: dict[str, Path] = {}
    for item in items:
        for name in getattr(item, "fixturenames", ()):
            if name.endswith("_once"):
                first.setdefault(name, item.path)
    makers = set(first.values())
    items.sort(key=lambda item: item.path not in makers)


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()
    gc.set_threshold(100_000, 20, 20)  # looking for garbage took 4 % of the time


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    move_figures(item)
    return (yield)
