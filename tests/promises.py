"""The page of promises: what each says, which tests hold it, and what they told when they last ran.

``make promises`` runs the tests and writes ``promises.json`` beside this file, and the page from it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from figures import Kept, Ledger, Result

HERE = Path(__file__).parent
KEPT, PAGE = HERE / "promises.json", HERE.parent / "docs" / "explanation" / "promises.md"
MOST_FIGURES, LONGEST = 3, 240


@dataclass(frozen=True)
class Promise:
    """What is promised, and what of it no test holds; ``short`` is empty where tests hold all of it."""

    says: str
    short: str = ""


PROMISES = {
    "P1": Promise(
        "An answer of 200 means on disk: it survives kill -9 and loss of power. A service that acknowledges early, and "
        "a database that does not sync, are caught by the same tests.",
    ),
    "P2": Promise("Each event of a batch has a fate that is named: stored, duplicate, quarantined (why), refused."),
    "P3": Promise("The same event never counts twice: its message id is known, or its day is not counted any more."),
    "P4": Promise(
        "Received is stored + duplicate + quarantined + refused, exactly, also as a metric.",
        "the sum is checked where batches are generated and where fates are counted by day, not in every test",
    ),
    "P5": Promise("Quarantine says why, can be looked at, and is replayed: all is recovered once."),
    "P6": Promise(
        "Overload is answered 429 or 503 with `Retry-After`, in bounded memory.",
        "the quick run overloads for 8 seconds; 60 seconds are for `make faults`",
    ),
    "P7": Promise("A full disk is a 503, decisions go on, and it recovers by itself."),
    "P8": Promise("A failed fsync stops the process, and nothing is acknowledged after it."),
    "P9": Promise(
        "It starts again after any crash, without help.",
        "killed at each 25th system call of start-up, migration and sealing; at each one has not been run",
    ),
    "P10": Promise("Late data: the same state whatever the order of arrival; bets that were placed are not rewritten."),
    "P11": Promise("Hostile input is never a 5xx and passes no limit."),
    "P12": Promise("Each decision is made again byte for byte from its record."),
    "P13": Promise("What was published is a chain of hashes: flipped, deleted, swapped and cut off are all found."),
    "P14": Promise(
        "Broken tracking, in twelve ways, changes no persona and alarms within a day.",
        "of two kinds (`45/55 split`, `bot burst`) a day of the small shop of the test cannot show enough: they alarm "
        "later or not at all, and change nothing",
    ),
    "P15": Promise(
        "One actor cannot flip a persona.",
        "that forging 2 % of the exposures of an option flips one in at most 1 in 200 is not measured: by default what "
        "browsers report changes nothing alone, whatever its share",
    ),
    "P16": Promise(
        "Where nothing differs, at most 5 % of beliefs are ever changed in a year.",
        "a year of cells, not 1,000 whole worlds of 90 days; many worlds are in `make bench-refinement`",
    ),
    "P17": Promise(
        "A correction that does harm is stopped.",
        "stories of harm and one account of half as many unsubscribes again; that it is stopped before twice the "
        "budget in 95 of 100 worlds is not measured",
    ),
    "P18": Promise(
        "No data is never good: what is missing holds.",
        "days without data, a dead feed and no units; not every metric in both directions",
    ),
    "P19": Promise(
        "Automation never overrides a person, a pin or the kill switch.",
        "1,800 steps of the state machine, not 10,000",
    ),
    "P20": Promise(
        "The kill switch gives everybody the last good value at once, and survives a restart.",
        "that it is seen within a second is checked beside 1,100 idle connections, and not at full load",
    ),
    "P21": Promise(
        "Erasing a customer leaves no byte of its ids, in the store, its log, sealed files and restored backups; it is "
        "refused when it comes back, and counts stay.",
        "in the embedded store; logs of PostgreSQL and copies elsewhere are their owner's",
    ),
    "P22": Promise("The export of a customer is complete: as much as an erasure takes away."),
    "P23": Promise(
        "No group under 50 is named or answered on pages, in webhooks and to agents, and no two numbers of people "
        "differ by a few.",
        "the report and all that the command line prints are exact, for the owner; so are occasions on the dashboard "
        "([the rule](privacy.md#numbers-of-people))",
    ),
    "P24": Promise("A segment that stands in for a protected trait waits for a person."),
    "P25": Promise("Without consent nothing is learned from a customer, and nothing is chosen for it."),
    "P26": Promise(
        "The key of a browser writes events and decides, and nothing else; keys have scopes; only digests are kept.",
        "that keys are compared in constant time is in the code (`hmac.compare_digest`), and measured by no test",
    ),
    "P27": Promise(
        "Hostile names are harmless in pages, mails, tables and webhooks, and no webhook goes to a private address."
    ),
    "P28": Promise("To agents, what others wrote stays data, and whoever asks changes nothing."),
    "P29": Promise(
        "What is installed is what was locked, by hashes, and a bill of materials says so.",
        "that two builds of the wheel are the same byte for byte is not compared",
    ),
    "P30": Promise(
        "Rules are expressions only; one that holds more than 60 % or hardly anybody waits for a person.",
    ),
}


@dataclass(frozen=True)
class Held:
    """A test that holds promises, as a command line names it; ``kind`` is slow, faults, or empty."""

    test: str
    promises: tuple[str, ...]
    kind: str


@cache
def held() -> tuple[Held, ...]:
    """Every test that is marked with a promise."""
    return tuple(each for path in sorted(HERE.rglob("test_*.py")) for each in _marked(path))


def page(results: Kept) -> str:
    """The page, from results by test."""
    tests = held()
    lines = [
        "# Promises",
        "",
        "What is promised of data, changes and people, which tests hold it, and what those told when they last ran.",
        "Made by `make promises` (`make promises LONG=1` runs slow tests and faults, too) of what the tests",
        "told; a test holds this page to them. *Held* is what every test of a promise showed when it last ran.",
        "",
        "| | promise | held |",
        "|---|---|---|",
        *(
            f"| {name} | {promise.says} | {_verdict(name, promise, tests, results)} |"
            for name, promise in PROMISES.items()
        ),
        "",
        "## The tests",
        "`make test-slow` runs the slow ones, `make faults-quick` those of faults (`make faults` for longer), and",
        "`make test` and `make test-long` all others. One alone: `.venv/bin/pytest -m promise FILE -k NAME`.",
        "",
        "| | test | cases | figure | run on |",
        "|---|---|---|---|---|",
        *(_row(name, each, results) for name in PROMISES for each in tests if name in each.promises),
    ]
    return "\n".join([*lines, ""])


def _verdict(name: str, promise: Promise, tests: tuple[Held, ...], results: Kept) -> str:
    mine = [each.test for each in tests if name in each.promises]
    if not mine:
        return f"**not held**: {promise.short}"
    outcomes = [results.get(test, Result()).outcomes for test in mine]
    if any(each["failed"] for each in outcomes):
        return "**a test of it fails**"
    unseen = sum(not each["passed"] for each in outcomes)
    if unseen == len(mine):
        return f"**not shown**: none of its {len(mine)} tests was run yet"
    waits = [f"{unseen} of its {len(mine)} tests were not run for this page"] if unseen else []
    lacks = "; ".join([promise.short] * bool(promise.short) + waits)
    return f"**in part**: {lacks}" if lacks else "held"


def _row(name: str, test: Held, results: Kept) -> str:
    found = results.get(test.test, Result())
    cases = ", ".join(f"{count} {outcome}" for outcome, count in sorted(found.outcomes.items())) or "not run"
    shown = "<br>".join(_short(text) for text in found.figures[:MOST_FIGURES])
    more = f"<br>and {len(found.figures) - MOST_FIGURES} more" if len(found.figures) > MOST_FIGURES else ""
    path, _, rest = test.test.partition("::")
    kind = f" ({test.kind})" if test.kind else ""
    return f"| {name} | `{path}`{kind}<br>`{rest}` | {cases} | {shown}{more} | {found.on or '-'} |"


def _short(text: str) -> str:
    safe = text.replace("|", "\\|").replace("<", "&lt;")
    return safe if len(safe) <= LONGEST else safe[: LONGEST - 3] + "..."


def _marked(path: Path) -> Iterator[Held]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    of_all = [mark for node in tree.body if _is_marks(node) for mark in ast.walk(node)]
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        own = [mark for decorator in node.decorator_list for mark in ast.walk(decorator)]
        names = tuple(name for mark in own for name in _promises(mark))
        if names:
            tail = "::runTest" if isinstance(node, ast.ClassDef) else ""
            test = f"{path.relative_to(HERE.parent).as_posix()}::{node.name}{tail}"
            top = [mark for decorator in node.decorator_list for mark in (decorator, getattr(decorator, "func", None))]
            kinds = {mark.attr for mark in [*of_all, *top] if isinstance(mark, ast.Attribute)}
            yield Held(test, names, "slow" if "slow" in kinds else "faults" if "faults" in kinds else "")


def _is_marks(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets)


def _promises(mark: ast.AST) -> Iterator[str]:
    if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute) and mark.func.attr == "promise":
        yield from (str(each.value) for each in mark.args if isinstance(each, ast.Constant))


def main() -> None:
    """Write the page from the results that are kept; those of tests that are gone, or hold nothing now, are dropped."""
    PAGE.write_text(page(Ledger.read(KEPT)), encoding="utf-8")


if __name__ == "__main__":
    main()
