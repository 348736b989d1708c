"""Headline tests of Upworthy: what is decided where viewers are the units, and where the packages of a test are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

import living_personas as lp

PEEK = 1.96
EVER = "ever z > 1.96"
Frame = Any


def peeked(cells: Frame, believed: str) -> str:
    """What whoever looks every day, at totals over all strata, and stops at z > 1.96 would have changed."""
    sums = ["n", "s"] if "s" in cells else ["n", "sum", "sum_sq"]
    totals = cells.pivot_table(index="day", columns="option", values=sums, aggfunc="sum", fill_value=0).cumsum()
    mean = totals[sums[1]] / totals["n"]
    square = mean if "s" in cells else totals["sum_sq"] / totals["n"]
    error = (square - mean**2) / totals["n"]
    found = []
    for other in mean.columns.drop(believed):
        spread = np.sqrt(error[other] + error[believed])
        z = ((mean[other] - mean[believed]) / spread.where(spread > 0)).fillna(0.0).to_numpy()
        if (z > PEEK).any():
            found.append((int((z > PEEK).argmax()) + 1, str(other), z[-1]))
    if not found:
        return "nothing"
    day, other, last = min(found)
    return f"{other!r} on look {day} of {len(mean)}" + ("" if last > PEEK else f" (z = {last:.1f} at the end)")


def words(headlines: Frame) -> dict[str, Frame]:
    """Which headlines have what."""
    return {
        "question mark": headlines.str.contains(r"\?"),
        "digit": headlines.str.contains(r"\d"),
        "first person": headlines.str.contains(r"\b(?:I|my|me)\b", case=False),
        "second person": headlines.str.contains(r"\b(?:you|your)\b", case=False),
    }


def packages(data: Path) -> Frame:
    """Packages (headline and picture) of Upworthy's tests, each test on the first day of its first week."""
    table = pd.read_parquet(data / "upworthy.parquet").rename(columns={"clickability_test_id": "stratum"})
    week = table.groupby("stratum")["test_week"].transform("min")
    year = pd.to_datetime((week // 100).astype(str) + "-01-01")
    rate = table["clicks"] / table["impressions"]
    return table.assign(
        day=year + pd.to_timedelta(7 * (week % 100), unit="D"),
        relative=(rate / rate.groupby(table["stratum"]).transform("mean")).clip(upper=3.0),
    ).sort_values("day", kind="stable")


def within(table: Frame, has: Frame) -> Frame:
    """The packages of tests that have both, with their shares: viewers drew one package with even chances."""
    drawn = has.groupby(table["stratum"]).transform("mean")
    both = table.assign(
        has=has,
        policy=drawn.round(6).astype(str),
        option=np.where(has, "with", "without"),
        share=np.where(has, drawn, 1 - drawn),
    )
    return both[(drawn > 0) & (drawn < 1)]


def by_viewer(found: Frame) -> Frame:
    """Cells whose units are viewers, compared within their test."""
    keys = ["day", "stratum", "option", "share"]
    return found.groupby(keys, as_index=False).agg(n=("impressions", "sum"), s=("clicks", "sum"))


def by_package(found: Frame) -> Frame:
    """Cells whose units are packages, valued by their click rate relative to the mean of their test, at most 3."""
    keys = ["day", "policy", "option", "share"]
    valued = found.assign(square=found["relative"] ** 2)
    return valued.groupby(keys, as_index=False).agg(
        n=("relative", "size"), sum=("relative", "sum"), sum_sq=("square", "sum")
    )


def mantel_haenszel(cells: Frame) -> str:
    """Click ratio within tests, with against without; its error from the spread of the tests (clusters)."""
    wide = cells.pivot_table(index="stratum", columns="option", values=["n", "s"], aggfunc="sum")
    total = wide["n"].sum(axis=1)
    one, other = wide["s"]["with"] * wide["n"]["without"] / total, wide["s"]["without"] * wide["n"]["with"] / total
    ratio = one.sum() / other.sum()
    error = np.sqrt(((one - ratio * other) ** 2).sum()) / other.sum() / ratio
    return f"{ratio:.3f} [{ratio * np.exp(-PEEK * error):.3f}, {ratio * np.exp(PEEK * error):.3f}], {len(wide):,} tests"


def changes_text(verdict: Any) -> str:
    """The decisions of a verdict, in order."""
    made = [f"{change.kind} {change.new!r} {change.day}" for change in verdict.changes if change.verdict == "apply"]
    return "; ".join(made) or "nothing"


KNOWN_RATIOS = {
    "question mark": "0.890 [0.860, 0.920]",
    "digit": "1.055 [1.018, 1.093]",
    "first person": "1.065 [1.023, 1.109]",
    "second person": "0.996 [0.961, 1.032]: none",
}


class Headline(NamedTuple):
    """One property of headlines: both ways to count it, beside the known answer."""

    headline: str
    known: str
    ratio: str
    package: str
    viewer: str
    alarms: str
    peeking: str


UPWORTHY_HEADS = Headline(
    "headline with a",
    "known ratio",
    "Mantel-Haenszel, clustered by test",
    "units are packages: decided",
    "units are viewers: decided (outside the promise)",
    "alarms of the shares",
    f"peeking at all viewers ({EVER})",
)


def upworthy(data: Path) -> Iterator[Headline]:
    """Each property of headlines, believed to be without and with it."""
    table = packages(data)
    for name, has in words(table["headline"]).items():
        found = within(table, has)
        viewers, tests = by_viewer(found), by_package(found)
        said = [lp.refine_cells(tests, believed=each, at_most=3.0)["cells/option"] for each in ("without", "with")]
        seen = lp.refine_cells(viewers, believed="without")["cells/option"]
        yield Headline(
            name,
            KNOWN_RATIOS[name],
            mantel_haenszel(viewers),
            " / ".join(f"believed {v.believed!r}: {changes_text(v)}" for v in said),
            changes_text(seen),
            "; ".join(f"{alarm.first} to {alarm.last}" for alarm in seen.alarms) or "none",
            " / ".join(f"believed {each!r}: {peeked(viewers, each)}" for each in ("without", "with")),
        )


def permuted(data: Path, *, times: int, seed: int = 2013) -> Iterator[str]:
    """How often something is decided where the question marks were dealt anew among the packages of their test."""
    table = packages(data)
    has = words(table["headline"])["question mark"]
    found = within(table, has)
    rng = np.random.Generator(np.random.PCG64(seed))

    def dealt() -> Frame:
        anew = found.groupby("stratum")["has"].transform(lambda mine: rng.permutation(mine.to_numpy()))
        return within(found.drop(columns=["has", "policy", "option", "share"]), anew)

    many = pd.concat([by_package(dealt()).assign(attribute=f"{number:04d}") for number in range(5 * times)])
    yield _often("packages", list(lp.refine_cells(many, believed="without", at_most=3.0)))
    yield _often("viewers", [v for _ in range(times) for v in lp.refine_cells(by_viewer(dealt()), believed="without")])


def _often(units: str, verdicts: list[Any]) -> str:
    kinds = [{change.kind for change in each.changes if change.verdict == "apply"} for each in verdicts]
    count = Counter(kind for mine in kinds for kind in mine)
    of = f"of {len(verdicts)}"
    return f"* units are **{units}**: corrected in {count['correct']} {of}, confirmed in {count['confirm']} {of}"
