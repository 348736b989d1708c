"""Public experiments whose answers are known: what sums decide, and what peeking would have said.

    python benchmarks/public_data.py [--data ../shared/data] [--only letters ...] [--permutations 20] [--write]

Prints the tables of docs/explanation/public-data.md; ``--write`` puts them into the page. The data are not shipped
(several sets state no licence): a set that is not in the folder is left out, and named.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from upworthy import EVER, PEEK, UPWORTHY_HEADS, peeked, permuted, upworthy

import living_personas as lp
from living_personas.errors import InvalidCellsError

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
PAGE = ROOT / "docs" / "explanation" / "public-data.md"
DAYS = 40
Frame = Any


class Row(NamedTuple):
    """One question about public data."""

    question: str
    known: str
    said: str
    peeking: str


HEADS = Row("question", "known (95 %)", "`lp.refine_cells` says", f"peeking ({EVER})")


def counted(frame: Frame, *, option: str, success: str, shares: dict[Any, float], by: Sequence[str] = ()) -> Frame:
    """Sums of a file of finished rows without dates: dealt to 40 days in its order."""
    day = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(len(frame)) * DAYS // len(frame), unit="D")
    dealt = frame.assign(day=day, option=frame[option], won=frame[success])
    sums = dealt.groupby([*by, "day", "option"], as_index=False).agg(n=("won", "size"), s=("won", "sum"))
    return sums.assign(share=sums["option"].map(shares))


def verdict_text(verdict: Any, *, percent: bool = True) -> str:
    """A verdict in a cell of a table."""
    scale = 100 if percent else 1
    effect = verdict.effect
    shown = (
        "effect not yet known"
        if effect is None
        else f"{scale * effect.estimate:+.2f} [{scale * effect.lower:+.2f}, {scale * effect.upper:+.2f}]"
    )
    word = f"corrected to {verdict.value!r}" if verdict.verdict == "corrected" else verdict.verdict
    told = f"**{word}**" + (f" after {verdict.units:,} units" if verdict.day else f", {verdict.units:,} units")
    return f"{told}; account {verdict.account:.2g}; {shown}"


def answer(question: str, known: str, cells: Frame, *, believed: str, **said: Any) -> Row:
    """One question, asked of sums."""
    (verdict,) = lp.refine_cells(cells, believed=believed, **said)
    alarms = "".join(f" ({alarm})" for alarm in verdict.alarms)
    text = verdict_text(verdict, percent="s" in cells) + alarms
    return Row(f"{question}: believed {believed!r}", known, text, peeked(cells, believed))


def hillstrom(data: Path) -> Iterator[Row]:
    """E-mails with menswear, womenswear or none, to buyers of either."""
    table = pd.read_csv(data / "hillstrom.csv.gz")
    group = table[["mens", "womens"]].apply(tuple, axis=1).map({(1, 0): "mens", (0, 1): "womens", (1, 1): "both"})
    known = {"mens": "Mens +5.77 +- 1.39", "womens": "Mens -0.17 +- 1.49", "both": "Mens +6.68 +- 3.80"}
    shares = dict.fromkeys(table["segment"].unique(), 1 / 3)
    for name, says in known.items():
        cells = counted(table[group == name], option="segment", success="visit", shares=shares)
        yield answer(f"buyers of {name}, visits", says, cells, believed="Womens E-Mail")


def letters(data: Path) -> Iterator[Row]:
    """Letters that ask to vote, with more or less social pressure."""
    table = pd.read_parquet(data / "letters.parquet")
    table = table.assign(
        treatment=table["treatment"].astype(str), won=(table["voted"].astype(str) == "Yes").astype(int)
    )
    shares = {name: 5 / 9 if name == "Control" else 1 / 9 for name in table["treatment"].unique()}
    known = "voted: Neighbors .3789, Self .3467, Hawthorne .3203, Civic Duty .3127, Control .2971"
    for name, part in (("all voters", table), ("voters who live alone", table[table["hh_size"] == 1])):
        cells = counted(part, option="treatment", success="won", shares=shares)
        yield answer(name, known, cells, believed="Civic Duty")


def insurance(data: Path) -> Iterator[Row]:
    """A marketing offer that changed nothing that can be shown."""
    table = pd.read_parquet(data / "insurance.parquet").sort_values("UNIQUE_ID")
    table = table.assign(option=table["TREATMENT"].map({1.0: "offer", 0.0: "none"}))
    cells = counted(table, option="option", success="PURCHASE", shares={"offer": 0.5, "none": 0.5})
    for believed in ("none", "offer"):
        yield answer("purchases", "offer +0.82 +- 1.57: no difference is shown", cells, believed=believed)


def starbucks(data: Path) -> Iterator[Row]:
    """A promotion that sells, and costs more than it sells."""
    table = pd.read_parquet(data / "promotion.parquet")
    cells = counted(table, option="Promotion", success="purchase", shares={"Yes": 0.5, "No": 0.5})
    yield answer("purchases", "Yes +0.95 +- 0.15", cells, believed="No")
    earned = 10.0 * cells["s"] + 0.15 * cells["n"] * (cells["option"] == "No")
    squares = np.where(
        cells["option"] == "No", 10.15**2 * cells["s"] + 0.15**2 * (cells["n"] - cells["s"]), 100 * cells["s"]
    )
    worth = cells.drop(columns="s").assign(sum=earned, sum_sq=squares)
    known = "No +0.055 a customer: promoting everybody loses 2,335"
    yield answer("money (a purchase earns 10, sending nothing saves .15)", known, worth, believed="Yes", at_most=10.15)


def open_bandit(data: Path) -> Iterator[Row]:
    """Items on a fashion site: a log that drew evenly, and one whose shares moved with every request."""
    drawn, moved = (pd.read_csv(data / f"{name}_men.csv.gz") for name in ("random", "bts"))
    items = sorted(drawn["item_id"].unique())

    def cells(log: Frame) -> Frame:
        log = log.assign(day=log["timestamp"].str[:10], option="item " + log["item_id"].astype(str))
        keys = ["day", "position", "option"]
        shares = log.groupby(keys, as_index=False).agg(
            n=("click", "size"), s=("click", "sum"), share=("propensity_score", "mean")
        )
        return shares.rename(columns={"position": "stratum"})

    even = cells(drawn)
    every = pd.MultiIndex.from_product(
        [sorted(even["day"].unique()), sorted(even["stratum"].unique()), [f"item {item}" for item in items]],
        names=["day", "stratum", "option"],
    )
    whole = even.set_index(every.names).reindex(every).reset_index()
    whole = whole.assign(n=whole["n"].fillna(0), s=whole["s"].fillna(0), share=1 / len(items))
    known = "46 clicks over 34 items: nothing can be known"
    yield answer("clicks, uniform log", known, whole, believed="item 0")
    try:
        said = repr(lp.refine_cells(cells(moved), believed="item 0"))
    except InvalidCellsError as error:
        said = f"**refused**: {error.message}".split(":", 2)[0] + ": shares of a day do not add up to 1"
    known = "each row names the share of the item shown, of no other: no comparison has both its shares"
    yield Row("clicks, Thompson log", known, said, "-")


def ifood(data: Path) -> Iterator[Row]:
    """Who answered a campaign: nobody drew who was asked how."""
    table = pd.read_csv(data / "marketing_campaign_full.csv.gz")
    deals = np.where(table["NumDealsPurchases"] > table["NumDealsPurchases"].median(), "deals", "premium")
    cells = counted(table.assign(kind=deals), option="kind", success="Response", shares={})
    verdicts = lp.refine_cells(cells, believed="deals")
    said = f"**no decision**: {verdicts.left_out[0].why}"
    yield Row("response of deal seekers", "observational", said, peeked(cells, "deals"))


METRICS = {1: ("a yes or no", None), 2: ("a count", 100.0), 3: ("a count", 500.0), 4: ("money", 5000.0)}
"""ASOS's metrics, and the largest value of a customer: nobody fixed one beforehand, these are guesses."""


class Metric(NamedTuple):
    """One metric of ASOS's experiments."""

    metric: str
    series: int
    decided: str
    held: int
    left_out: str
    final: int
    lift: str
    peeking: int


ASOS_HEADS = (
    "metric",
    "series",
    "decided (z at the end)",
    "held by an alarm",
    "left out",
    "z beyond 1.96 at the end",
    "... their median lift",
    "ever, at any snapshot",
)


def asos(data: Path) -> Iterator[Metric]:
    """Running totals of 43 experiments, control against a challenger."""
    table = pd.read_parquet(data / "asos.parquet")
    names = table[["experiment_id", "variant_id", "metric_id"]].astype(str).agg("/".join, axis=1)
    z = (table["mean_t"] - table["mean_c"]) / np.sqrt(
        table["variance_t"] / table["count_t"] + table["variance_c"] / table["count_c"]
    )
    whole = ~table[["variance_c", "variance_t"]].isna().any(axis=1).groupby(names).transform("any")
    day = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.ceil(table["time_since_start"]) - 1, unit="D")
    table = table.assign(persona=names, day=day, z=z.where(whole), lift=table["mean_t"] / table["mean_c"] - 1)
    for number, (what, at_most) in METRICS.items():
        mine = table[table["metric_id"] == number]
        last = mine.groupby(["persona", "day"], as_index=False).last()
        verdicts = lp.refine_cells(totals(last, at_most), believed="control", cumulative=True, at_most=at_most)
        why = Counter(each.why.split(":")[0].split(" on 20")[0] for each in verdicts.left_out)
        series = mine.groupby("persona")["z"]
        ends, lifts = series.last(), mine.groupby("persona")["lift"].last()
        yield Metric(
            f"{number}, {what}",
            int(mine["persona"].nunique()),
            "; ".join(
                f"{each.subject} {each.verdict} ({ends[each.subject]:.1f})"
                for each in verdicts
                if each.verdict != "not yet known"
            )
            or "nothing",
            sum(verdict.says.startswith("Held") for verdict in verdicts),
            "; ".join(f"{count} {reason}" for reason, count in why.most_common()),
            int((ends.abs() > PEEK).sum()),
            f"{100 * lifts[ends.abs() > PEEK].abs().median():.1f} %",
            int((series.apply(lambda each: each.abs().max()) > PEEK).sum()),
        )


def totals(last: Frame, at_most: float | None) -> Frame:
    """Running totals as a frame: the last snapshot of each day."""
    parts = []
    for suffix, option in (("c", "control"), ("t", "challenger")):
        n, mean, variance = (last[f"{name}_{suffix}"] for name in ("count", "mean", "variance"))
        sums = {"s": (n * mean).round()} if at_most is None else {"sum": n * mean, "sum_sq": n * (variance + mean**2)}
        parts.append(last[["persona", "day"]].assign(option=option, n=n, share=0.5, **sums))
    return pd.concat(parts).sort_values(["persona", "day"], kind="stable")


SETS: dict[str, tuple[str, Callable[[Path], Iterator[Row]]]] = {
    "Hillstrom's e-mails": ("hillstrom", hillstrom),
    "Letters to voters": ("letters", letters),
    "An insurance offer": ("insurance", insurance),
    "A promotion": ("starbucks_promotion", starbucks),
    "Open Bandit": ("open_bandit", open_bandit),
    "iFood": ("ifood_campaign", ifood),
}


def table_of(heads: Sequence[object], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "/") for cell in line) + " |" for line in lines)


def sections(data: Path, *, only: Sequence[str], permutations: int) -> Iterator[tuple[str, str]]:
    """The tables, each with the name by which the page knows it."""

    def wanted(folder: str) -> bool:
        if only and folder not in only:
            return False
        if (data / folder).is_dir():
            return True
        sys.stderr.write(f"left out: {folder}, which is not in {data}\n")
        return False

    rows = [(title, *row) for title, (folder, ask) in SETS.items() if wanted(folder) for row in ask(data / folder)]
    if rows:
        yield "sets", table_of(("data", *HEADS), rows)
    if wanted("upworthy"):
        yield "upworthy", table_of(UPWORTHY_HEADS, list(upworthy(data / "upworthy")))
        yield "permuted", "\n".join(permuted(data / "upworthy", times=permutations))
    if wanted("asos"):
        yield "asos", table_of(ASOS_HEADS, list(asos(data / "asos")))


def main() -> None:
    """Print the tables, and write them into the page if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="the folder that holds the sets")
    parser.add_argument("--only", nargs="*", default=[], help="folders to look at, such as letters")
    parser.add_argument("--permutations", type=int, default=20, help="how often Upworthy's labels are dealt anew")
    parser.add_argument("--write", action="store_true", help="put the tables into the page")
    asked = parser.parse_args()
    for name, text in sections(asked.data, only=asked.only, permutations=asked.permutations):
        sys.stdout.write(f"<!-- {name} -->\n{text}\n<!-- /{name} -->\n\n")
        sys.stdout.flush()
        if asked.write:
            page = PAGE.read_text(encoding="utf-8")
            begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
            before, rest = page.split(begin)
            PAGE.write_text(f"{before}{begin}{text}\n{end}{rest.split(end)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
