"""Sheets, checks and candidates that tests make by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pyarrow as pa

from living_personas.discovery.columns import Column
from living_personas.discovery.feature_matrix import Sheet, read_sheet
from living_personas.discovery.stability import Judged
from living_personas.domain.candidate import Candidate, Check, Difference, FirstTest, Scorecard, Term, Wording
from living_personas.domain.meaning import Meaning
from living_personas.domain.segment import Segment
from living_personas.domain.upkeep import Upkeep, UpkeepEvent
from living_personas.stats.arrays import Bools, Floats


def rng(seed: int) -> np.random.Generator:
    """A generator of its own for each seed."""
    return np.random.Generator(np.random.PCG64(seed))


def sheet(
    numbers: Mapping[str, Floats],
    columns: Sequence[Column],
    *,
    known: Floats | None = None,
    personas: Sequence[str] | None = None,
) -> Sheet:
    """Customers with these numbers; everybody's persona is ``one`` unless it is said."""
    n = len(next(iter(numbers.values())))
    frame = pa.table(
        {
            "customer": pa.array([f"c{place}" for place in range(n)]),
            "persona": pa.array(list(personas or ["one"] * n)),
            "known": known if known is not None else np.zeros(n),
            **{name: pa.array(column, from_pandas=True) for name, column in numbers.items()},
        }
    )
    return read_sheet(frame, columns=columns, assigned="persona", customer="customer", known_days="known")


def among(n: int, *ranges: tuple[int, int]) -> Bools:
    """Who is in one of the ranges of ``n`` customers."""
    inside = np.zeros(n, dtype=np.bool_)
    for first, end in ranges:
        inside[first:end] = True
    return inside


def check(measured: float = 1.0, *, bar: float = 0.5) -> Check:
    """A check that must reach its bar."""
    return Check(name="check", measured=measured, bar=bar, must="reach", says="something")


def judged(members: Bools, *, passed: bool = True) -> Judged:
    """A sighting that passed, or did not."""
    return Judged(members=members, checks=(check(1.0 if passed else 0.0),))


def difference(column: str, deviations: float, *, silent: bool = False, means: Meaning | None = None) -> Difference:
    """A difference in a count."""
    return Difference(
        column=column, kind="count", deviations=deviations, members=1, persona=2, silent=silent, means=means
    )


def a_segment() -> Segment:
    """An open segment that was found once."""
    return Segment(
        id="s1",
        name="heavy product use",
        state="open",
        first_seen=date(2026, 3, 2),
        last_seen=date(2026, 3, 2),
        size=100,
        share=0.05,
        nearest="one",
        who="a > 0",
        f1=0.9,
        explanation="a > 0",
        explanation_f1=0.9,
        returned=8,
        splits=10,
        differs=("a +2.0 sd",),
        proof=(),
        attribute="channel",
        options=("nudge", "nothing"),
        why="because",
    )


def a_retirement(persona: str, who: str, *, day: date) -> Upkeep:
    """A proposal to retire a persona with this rule, told on ``day``."""
    return Upkeep(
        id="u1",
        kind="retire",
        persona=persona,
        rules=((persona, who),),
        why="nobody has belonged to it for a month",
        first_seen=day,
        last_seen=day,
        state="open",
        events=(UpkeepEvent(day=day, state="open"),),
    )


def candidate(members: Sequence[str]) -> Candidate:
    """A candidate with these members."""
    words = Wording(rule="a > 0", f1=0.9)
    return Candidate(
        name="heavy product use",
        size=len(members),
        share=0.05,
        members=pa.table({"customer": pa.array(list(members), pa.string())}),
        scorecard=Scorecard(intercept=0.0, terms=()),
        by_scorecard=words,
        explanation=words,
        assignment="a > 0",
        nearest="one",
        differences=(difference("sessions_28d", 2.0),),
        checks=(check(),),
        returned=8,
        splits=8,
        filed=(("one", 1.0),),
        first_test=FirstTest(attribute="channel", options=("nudge", "nothing"), why="because"),
    )


def silent_users(members: pa.Table, *, nearest: str, sessions: int = 20, why: str = "They ignore e-mail.") -> Candidate:
    """A candidate of heavy users who open nothing, as a whole workspace finds it."""
    rule = f"sessions_28d >= {sessions} and email_opened_90d = 0"
    return Candidate(
        name="heavy product use, opens nothing",
        size=members.num_rows,
        share=0.05,
        members=members,
        scorecard=Scorecard(intercept=-sessions, terms=(Term(expression="sessions_28d", weight=1),)),
        by_scorecard=Wording(rule=f"sessions_28d - {sessions} > 0", f1=0.9),
        explanation=Wording(rule=rule, f1=0.85),
        assignment=rule,
        nearest=nearest,
        differences=(difference("sessions_28d", 2.1), difference("email_opened_90d", -1.4, silent=True)),
        checks=(Check(name="valley", measured=0.7, bar=0.95, must="stay below", says="deepest gap"),),
        returned=9,
        splits=10,
        filed=((nearest, 1.0),),
        first_test=FirstTest(attribute="channel", options=("in-product nudge", "e-mail", "nothing"), why=why),
    )
