"""Each promise has a test that holds it, or the page says what is missing; the page is what the tests told."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from figures import Ledger, Result, lines
from promises import KEPT, PAGE, PROMISES, held, page

MAKE = "`make promises` writes it anew"


def test_every_promise_has_a_test_or_says_why_not() -> None:
    marked = {name for test in held() for name in test.promises}
    assert marked <= set(PROMISES)
    assert [f"P{number}" for number in range(1, 31)] == list(PROMISES)
    assert [name for name, promise in PROMISES.items() if name not in marked and not promise.short] == []


def test_the_page_is_what_the_tests_told() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(Ledger.read(KEPT)), MAKE


def test_the_page_names_the_tests_that_there_are_and_no_others() -> None:
    rows = re.findall(r"^\| (P\d+) \| `([^`]+)`[^`]*<br>`([^`]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    there = {(name, test.test) for test in held() for name in test.promises}
    assert {(name, f"{path}::{test}") for name, path, test in rows} == there, MAKE


def test_results_are_kept_until_their_test_runs_again(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    for test, told in (("t.py::one[a]", "1 of 2"), ("t.py::one[b]", "2 of 2"), ("t.py::other", "0 lost")):
        ledger = Ledger(path)
        for name in (test, "t.py::nothing"):
            report = pytest.TestReport(name, ("", 0, ""), {}, "passed", None, "call", start=86_400.0)
            report.user_properties = [("promise", "P1"), ("figure", told)] * (name == test)
            ledger.pytest_runtest_logreport(report)
        ledger.pytest_sessionfinish()
    assert Ledger.read(path) == {
        "t.py::one": Result(Counter(passed=1), ["2 of 2"], "1970-01-02"),
        "t.py::other": Result(Counter(passed=1), ["0 lost"], "1970-01-02"),
    }


def test_nothing_that_is_kept_failed_or_tells_of_a_machine() -> None:
    kept = Ledger.read(KEPT)
    assert [name for name, result in kept.items() if result.outcomes["failed"]] == []
    assert [text for text in lines(kept) if re.search(r"/(?:tmp|home|root|work)/", text)] == []
