"""Figures of tests: told as they run, and kept by promise where a run asks for it (``--promises FILE``)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

_TOLD: list[str] = []
_FIGURE, _PROMISE = "figure", "promise"


def tell(text: str) -> None:
    """A figure of this test, for whoever runs it with ``-s``, and for the page of promises if it holds one."""
    print(f"\n  {text}")
    _TOLD.append(" ".join(text.split()))


def move_figures(item: pytest.Item) -> None:
    """Give what was told, and the promises that the test is for, to the report of the test."""
    if not any(name == _PROMISE for name, _ in item.user_properties):
        names = [name for mark in item.iter_markers(_PROMISE) for name in mark.args]
        item.user_properties.extend((_PROMISE, name) for name in dict.fromkeys(names))
    item.user_properties.extend((_FIGURE, text) for text in _TOLD)
    _TOLD.clear()


@dataclass
class Result:
    """What became of a test, over all of its cases: how many had which outcome, and the figures that they told."""

    outcomes: Counter[str] = field(default_factory=Counter)
    figures: list[str] = field(default_factory=list)
    on: str = ""


Kept = dict[str, Result]
"""Results by the test, as it is named on a command line without its cases."""


class Ledger:
    """Keeps the results of tests that hold a promise; those of other runs stay until their test runs again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: Kept = {}

    @staticmethod
    def read(path: Path) -> Kept:
        """The results in a file; none if there is no file."""
        if not path.exists():
            return {}
        held = json.loads(path.read_text(encoding="utf-8"))
        return {name: Result(Counter(each["outcomes"]), each["figures"], each["on"]) for name, each in held.items()}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test that ran, or that did not come so far."""
        names = [name for name, _ in report.user_properties]
        if _PROMISE not in names or (report.when != "call" and report.passed):
            return
        result = self._found.setdefault(report.nodeid.partition("[")[0], Result())
        result.outcomes[report.outcome] += 1
        result.figures += [str(text) for name, text in report.user_properties if name == _FIGURE]
        result.on = datetime.fromtimestamp(report.start, UTC).date().isoformat()

    def pytest_sessionfinish(self) -> None:
        """Write the file."""
        known = self.read(self._path) | self._found
        self._path.write_text(line_each({name: vars(each) for name, each in sorted(known.items())}), encoding="utf-8")


def line_each(told: Mapping[str, object]) -> str:
    """An object of JSON with a line for each of its keys: what changed is seen by its name."""
    lines = (f"{_json(name)}: {_json(each)}" for name, each in told.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _json(said: object) -> str:
    return json.dumps(said, sort_keys=True, ensure_ascii=False)


def lines(results: Kept) -> Iterator[str]:
    """Every figure that is kept."""
    for result in results.values():
        yield from result.figures
