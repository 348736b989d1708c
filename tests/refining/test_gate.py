"""Who may change what: a person, a pin and the kill switch always win."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws import law
from living_personas.domain.belief import Subject
from living_personas.domain.persona import Change, Standing
from living_personas.domain.refinement import Grade, Refinement, RefinementKind, Verdict
from living_personas.refining.gate import judge
from made_refinement import made_refinement
from refining.panels import DAY

changes = st.sampled_from(get_args(Change))
kinds = st.sampled_from(get_args(RefinementKind))
grades = st.sampled_from(get_args(Grade))
deciders = st.sampled_from(["", "evidence", "dana", "workshop lead"])
FREEDOM = {"auto": 3, "review": 2, "observe": 1, "pinned": 0}


def proposal(kind: RefinementKind, grade: Grade) -> Refinement:
    return made_refinement(kind=kind, grade=grade, subject=Subject(persona="p", attribute="a0"), old="o0", new="o1")


@st.composite
def standings(draw: st.DrawFn) -> Standing | None:
    if draw(st.integers(0, 4)) == 0:
        return None
    return Standing(
        attribute="a0",
        value="o0",
        since=DAY,
        decided_by=draw(deciders),
        pinned=draw(st.booleans()),
        status=draw(st.sampled_from(["assumed", "confirmed", "corrected"])),
    )


def expected(
    kind: str, grade: str, change: str, autonomy: str, standing: Standing | None, *, alarm: bool, killed: bool
) -> Verdict:
    """The whole table, written as whom it protects."""
    allowed = min(change, autonomy, key=FREEDOM.__getitem__)
    if kind == "undo":  # a question, which changes nothing
        return "hold" if standing and standing.pinned else "review"
    if killed or alarm or (standing and standing.pinned) or allowed in ("observe", "pinned"):
        return "hold"
    if grade in ("real but small", "not yet known to be worth it"):
        return "hold"
    if kind in ("confirm", "restore"):
        return "apply"
    by_person = standing is not None and standing.decided_by not in ("", "evidence")
    return "review" if by_person or allowed == "review" else "apply"


@law(500)
@given(
    kind=kinds,
    grade=grades,
    change=changes,
    autonomy=changes,
    standing=standings(),
    alarm=st.booleans(),
    killed=st.booleans(),
)
def test_the_table_of_verdicts(
    *,
    kind: RefinementKind,
    grade: Grade,
    change: Change,
    autonomy: Change,
    standing: Standing | None,
    alarm: bool,
    killed: bool,
) -> None:
    asked = proposal(kind, grade)
    alarms = ["the feed is dead."] if alarm else []
    judged = judge(asked, change=change, autonomy=autonomy, standing=standing, alarms=alarms, killed=killed)
    assert judged.verdict == expected(kind, grade, change, autonomy, standing, alarm=alarm, killed=killed)
    assert judged.why.startswith(asked.why)
    assert (judged.why == asked.why) == (judged.verdict == "apply")


@given(kind=kinds, grade=grades, change=changes, autonomy=changes, standing=standings(), alarm=st.booleans())
def test_less_freedom_never_applies_more(
    *,
    kind: RefinementKind,
    grade: Grade,
    change: Change,
    autonomy: Change,
    standing: Standing | None,
    alarm: bool,
) -> None:
    order = {"hold": 0, "review": 1, "apply": 2}
    alarms = ["alarm"] if alarm else []
    free = judge(proposal(kind, grade), change="auto", autonomy="auto", standing=standing)
    held = judge(proposal(kind, grade), change=change, autonomy=autonomy, standing=standing, alarms=alarms)
    swapped = judge(proposal(kind, grade), change=autonomy, autonomy=change, standing=standing, alarms=alarms)
    assert order[held.verdict] <= order[free.verdict]
    assert swapped.verdict == held.verdict


def test_every_alarm_is_said() -> None:
    judged = judge(
        proposal("correct", "proven"), change="auto", autonomy="auto", standing=None, alarms=["One.", "Two."]
    )
    assert judged.why == "It is better. Held: One. Two."


@pytest.mark.promise("P15")
@given(kind=kinds, grade=grades, change=changes, standing=standings())
def test_what_anybody_could_have_sent_is_never_applied(
    *, kind: RefinementKind, grade: Grade, change: Change, standing: Standing | None
) -> None:
    asked = proposal(kind, grade)
    sure = judge(asked, change=change, autonomy="auto", standing=standing)
    doubted = judge(asked, change=change, autonomy="auto", standing=standing, doubted=True)
    assert doubted.verdict == ("review" if sure.verdict == "apply" else sure.verdict)
