"""Decisions with their answers, by which an evaluator in another language is checked.

    python tests/edge/vectors.py [--count 2000] [--each 25] [--seed 14] [--out build/vectors.jsonl]

A file of JSON lines: a line with a ``snapshot`` as ``/v1/snapshot`` answers it, then lines with what was asked under it
(``at`` in microseconds since 1970, as text) and the answer of ``deciding/decide.py`` (``expected``).
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import chain, islice
from itertools import count as counted
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from pydantic import TypeAdapter

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from deciding.snapshots import persona, published
from living_personas.deciding.assign import SCALE, hex_below, thresholds
from living_personas.deciding.decide import Decider
from living_personas.deciding.next_snapshot import counted_who
from living_personas.domain.customer_id import CUSTOMER
from living_personas.domain.snapshot import (
    PARTS,
    LeafTable,
    PolicyTable,
    Snapshot,
    SnapshotAttribute,
    SnapshotPersona,
)
from living_personas.rules.parse import parse
from rules.made_rules import BOOLEAN_WORDS, NAMES, NUMBER_WORDS, TEXT_WORDS, rules

PUBLISHED = Path(__file__).parent / "vectors.jsonl"
"""The file that is checked in."""

T = TypeVar("T")

EACH = 25
"""Decisions under one snapshot: making one takes as long as deciding from it a hundred times."""

SNAPSHOT = TypeAdapter(Snapshot)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ODD_NAMES = [
    "framing",
    "tone",
    "a|b",
    "Über",
    "zeta",
    "Z",
    "\U0001f600",
    "\uffff",
    "offset",
    "__proto__",
    "constructor",
]
CHANNELS = ["", "", "", "email", "é|"]
ZONES = [
    "UTC", "Europe/Amsterdam", "America/New_York", "America/St_Johns", "America/Sao_Paulo", "Asia/Kolkata",
    "Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati", "Pacific/Marquesas",
]  # fmt: skip
CUSTOMERS = [
    "", "u1", "U1", "007", "Ann@Example.com", "ANN@EXAMPLE.COM", "ann@home", "a@@b.c", "@b.c", "a@b.", "a@.c",
    "a@b.c.d", "ÅNN@EXAMPLE.COM", "A\u030aNN@example.com", "İ@ΟΔΟΣ.GR", "ΟΔΟΣ@x.y", "ß@x.y", "a b@c.d", "a\n@b.c",
    "\U0001f600@x.y", "\U00010400@x.y", "é", "e\u0301", "u|1", "null", "customer", "long" * 40,
    "ends in 55 bytes" + "x" * 39,
]  # fmt: skip
WHO = [
    "customer like '%@%'", "customer in ('u1', 'ann@example.com')", "lower(customer) = 'u1'", "n1 > n2 or t1 is null",
    "length(t1) between 1 and 2", "true", "false", "b1", "not b1", "t1 = t2", "(t1 = t2) = b1",
    "t1 < '\uffff' or t2 = '\U0001f600'", "t1 < t2 or t2 < t3", "t1 in ('0.0001', '1e-05', '1.5e-07')",
    "length(t1) = 1 or t2 = '\U0001f600'", "length(t1) + length(t2) > n1", "t1 between 'z' and '\U0001f600'",
    "t1 like '_' or t1 like '%__a_%'", "t1 like 'ab' or t2 = 'zz' or t1 like 'a%b'", "lower(t1) = t2",
    "n1 * n2 > 0 or n1 * n2 <= 0", "n1 in (1, 2, -0, .5)", "\"__proto__\" is null and constructor = 'x'",
]  # fmt: skip
TYPED: list[Any] = [
    True, False, 0, 1, -1, 3, 0.1, 0.5, 1e-5, 0.0001, 1.5e-7, -2.5e-5, 1e21, 1.7e308, 5e-324, 123456789.25,
    2**53, 10**16, 1e22, 0.1 + 0.2, -7, 100, 123456789012345680000,
]  # fmt: skip
WORDS = dict(zip(NAMES, [NUMBER_WORDS] * 3 + [TEXT_WORDS] * 3 + [BOOLEAN_WORDS] * 2, strict=True))
VISITS = ["", "v1", "v|2", "é"]


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """A snapshot of some personas, with everything that one may hold."""
    day = date(2026, 1, 1) + timedelta(days=draw(st.integers(-300, 3000)))
    who = rules() | st.sampled_from(WHO) | st.sampled_from(WHO)
    last = draw(st.sampled_from(["", "true"]))
    ignore = draw(st.sampled_from(["", "", "customer like '%x.y'", "b2"]))
    personas = tuple(
        SnapshotPersona(
            persona=f"persona {number}",
            version=draw(st.integers(1, 40)),
            who=counted_who(last if last and number == 0 else draw(who), ignore=ignore),
            attributes=tuple(
                draw(st.lists(attributes(day), min_size=2, max_size=5, unique_by=lambda a: (a.attribute, a.channel)))
            ),
        )
        for number in reversed(range(draw(st.integers(1, 4))))
    )
    share = draw(st.sampled_from([0.0, 0.05, 1 / 3, 1.0]))
    made = Snapshot(
        number=draw(st.integers(1, 5000)),
        day=day,
        salt=draw(st.sampled_from(["salt", "sält|", "\U0001f600"])),
        time_zone=draw(st.sampled_from(ZONES)),
        holdout_share=share,
        holdout_below=hex_below(round(share * SCALE)),
        personas=personas,
        campaigns=(("spring", day - timedelta(days=3)), ("später", day + timedelta(days=3))),
    )
    return replace(made, format=PARTS) if made.leaves else made


@st.composite
def attributes(draw: st.DrawFn, day: date) -> SnapshotAttribute:
    """An attribute with one to three tables, some of them with shares of their own inside a leaf."""
    options = draw(st.lists(st.sampled_from(["a", "b", "none", "ü", "\U0001f600", "c|d"]), min_size=2, unique=True))
    name = draw(st.sampled_from(ODD_NAMES))
    days = sorted(draw(st.sets(st.integers(-12, 2), min_size=1, max_size=3)))
    return SnapshotAttribute(
        attribute=name,
        channel=draw(st.sampled_from(CHANNELS)),
        options=tuple(options),
        assign=draw(st.sampled_from(["visit", "day", "week", "week", "campaign", "always"])),
        believed=draw(st.sampled_from(options)),
        since=day + timedelta(days=draw(st.integers(-40, 1))),
        tables=tuple(draw(tables(f"{at}/{name}", len(options), day + timedelta(days=at))) for at in days),
    )


@st.composite
def tables(draw: st.DrawFn, policy: str, options: int, day: date) -> PolicyTable:
    """A table of shares, of which some may be nothing."""

    def shares() -> tuple[float, ...]:
        parts = draw(st.lists(st.integers(0, 9), min_size=options, max_size=options).filter(any))
        return tuple(part / sum(parts) for part in parts)

    exact, ends = thresholds(shares())
    inside = None
    if draw(st.integers(0, 3)) == 0:
        its_own, its_ends = thresholds(shares())
        leaf = draw(st.sampled_from(WHO) | rules())
        inside = LeafTable(leaf=leaf, policy=f"{policy}/inside", shares=its_own, thresholds=its_ends)
    return PolicyTable(policy=policy, day=day, shares=exact, thresholds=ends, inside=inside)


def vectors(*, seed: int, each: int = EACH) -> Iterator[dict[str, Any]]:
    """Lines without end: a snapshot, ``each`` decisions under it, the next; one for each rule of ``WHO`` first."""
    for number, snapshot in enumerate(chain(map(_of_one_rule, WHO), _made(seed))):
        yield {"snapshot": json.loads(SNAPSHOT.dump_json(snapshot))}
        decider, asking = Decider(snapshot), _Asking(snapshot)
        rng = Random(f"{seed} {number}")  # noqa: S311 - a test
        for _ in range(each):
            # What JSON carries, and nothing else, is what is decided by: the others read the same.
            asked: dict[str, Any] = json.loads(json.dumps(_asked(rng, asking)))
            yield {**asked, "expected": answered(decider, asked)}


def _made(seed: int) -> Iterator[Snapshot]:
    for number in counted():
        yield from _drawn(snapshots(), count=50, seed=seed * 1000 + number)


def _of_one_rule(who: str) -> Snapshot:
    return published(persona("p", who, assign=("always",)))


def answered(decider: Decider, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What the product decides for what was asked."""
    found = decider.decide(
        asked["customer"],
        asked["traits"],
        at=EPOCH + timedelta(microseconds=int(asked["at"])),
        channel=asked.get("channel", ""),
        visit=asked.get("visit", ""),
        campaign=asked.get("campaign", ""),
        only=asked.get("only"),
    )
    return {
        "id": found.id,
        "persona": found.persona,
        "persona_version": found.persona_version,
        "holdout": found.holdout,
        "choices": [[c.attribute, c.option, c.propensity, c.policy, c.epoch] for c in found.choices],
        "undecided": sorted(found.undecided),
    }


def write(out: Path, *, count: int, seed: int, each: int = EACH) -> int:
    """Write a file of so many decisions; says how many snapshots they were decided under."""
    out.parent.mkdir(parents=True, exist_ok=True)
    held = islice(vectors(seed=seed, each=each), count + -(-count // each))
    under = 0
    with out.open("w", encoding="utf-8") as file:
        for line in held:
            under += "snapshot" in line
            file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
    return under


def _drawn(strategy: st.SearchStrategy[T], *, count: int, seed: int) -> list[T]:
    found: list[T] = []

    @seeded(seed)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(each: T) -> None:
        found.append(each)

    collect()
    return found


class _Asking:
    """What is worth asking under a snapshot: the columns of its rules, and what these are compared with."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        parsed = [parse(rule) for rule in snapshot.rules]
        self.columns = [*sorted({name for rule in parsed for name, _ in rule.columns} - {CUSTOMER}), "more"]
        texts = {text.replace("''", "'") for rule in parsed for text in re.findall(r"'((?:[^']|'')*)'", rule.text)}
        numbers = {text for rule in parsed for text in re.findall(r"(?<![\w.])[0-9.]+(?:e[-+]?[0-9]+)?", rule.text)}
        self.compared = sorted(texts | numbers)
        self.attributes = [a.attribute for persona in snapshot.personas for a in persona.attributes]


def _asked(rng: Random, asking: _Asking) -> dict[str, Any]:
    names = asking.attributes
    only = rng.sample(names, rng.randint(0, len(names))) if rng.random() < 0.1 else None
    asked = {
        "customer": rng.choice(CUSTOMERS) if rng.random() < 0.4 else f"u{rng.randrange(10**6)}",
        "traits": _traits(rng, asking),
        "at": str(_moment(rng, asking.snapshot)),
        "channel": rng.choice(CHANNELS),
        "visit": rng.choice(VISITS),
        "campaign": rng.choice(["", "spring", "spring", "später", "no such"]),
        "only": only,
    }
    return {name: said for name, said in asked.items() if said not in ("", None) or name == "customer"}


def _traits(rng: Random, asking: _Asking) -> dict[str, Any]:
    traits = {
        name: _value(rng, WORDS.get(name, TEXT_WORDS), asking.compared) for name in asking.columns if rng.random() < 0.9
    }
    return traits | ({CUSTOMER: rng.choice([None, "u1", 17])} if rng.random() < 0.1 else {})


def _value(rng: Random, words: list[str], compared: list[str]) -> Any:
    kind = rng.random()
    if kind < 0.35 and compared:
        text = rng.choice(compared)
        return _as_javascript(float(text)) if kind < 0.2 and re.fullmatch(r"\d[\d.]*(e-?\d+)?", text) else text
    if kind < 0.65:
        return rng.choice(words)
    if kind < 0.7:
        return None
    return rng.choice(TYPED) if kind < 0.9 else _as_javascript(rng.choice([rng.uniform(-3, 3), rng.expovariate(1e-6)]))


def _as_javascript(number: float) -> float | int:
    """The number as JavaScript writes it into JSON: it has one kind of number, and 3.0 is 3."""
    return int(Decimal(repr(number))) if number.is_integer() and abs(number) < 1e21 else number


def _moment(rng: Random, snapshot: Snapshot) -> int:
    """Mostly of these days; often at the edge of a local day, of which clocks make one a year longer or shorter."""
    day = datetime(snapshot.day.year, snapshot.day.month, snapshot.day.day, tzinfo=UTC)
    days = rng.randint(-400, 400) if rng.random() < 0.3 else rng.randint(-9, 9)
    if snapshot.time_zone == "UTC" and rng.random() < 0.1:
        days = -rng.randint(20_000, 40_000)
    moment = (day + timedelta(days=days) - EPOCH) // timedelta(microseconds=1)
    if rng.random() < 0.5:
        return moment + rng.randrange(96) * 900_000_000 + rng.choice([-1, 0, 1])
    return moment + rng.randrange(86_400_000_000)


def main() -> None:
    """Write the file."""
    words = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    words.add_argument("--count", type=int, default=2_000)
    words.add_argument("--each", type=int, default=EACH, help="decisions under each snapshot")
    words.add_argument("--seed", type=int, default=14)
    words.add_argument("--out", type=Path, default=Path("build/vectors.jsonl"))
    given_words = words.parse_args()
    under = write(given_words.out, count=given_words.count, seed=given_words.seed, each=given_words.each)
    print(f"{given_words.count:,} decisions under {under:,} snapshots in {given_words.out}")


if __name__ == "__main__":
    main()
