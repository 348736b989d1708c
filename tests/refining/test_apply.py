"""The next version: counted up, with a reason, and everything else as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from living_personas.domain.belief import Subject
from living_personas.domain.persona import EVER, Attribute, Persona, PersonaVersion, Trait
from living_personas.domain.refinement import Refinement, RefinementKind
from living_personas.refining.apply import apply, baseline, edited, pinned, rolled_back
from living_personas.refining.gate import judge
from made_refinement import made_refinement
from refining.panels import DAY, goal, persona

WRITTEN = replace(
    persona(options=(3, 3)), traits=(Trait(name="age", believed=40.0), Trait(name="spend", believed=9.0, unit="EUR"))
)
FIRST = baseline(WRITTEN, day=DAY)
A0, A1 = Subject(persona="p", attribute="a0"), Subject(persona="p", attribute="a1")
LATER = DAY + timedelta(days=9)


def change(
    kind: RefinementKind, new: str, *, old: str = "o0", subject: Subject = A0, version: PersonaVersion = FIRST
) -> Refinement:
    made = {"kind": kind, "subject": subject, "version": version.version, "old": old, "new": new, "day": DAY}
    return made_refinement(id=f"r-{kind}-{new}", why="Because.", **made)


def test_the_first_version_is_what_the_workshop_wrote() -> None:
    assert (FIRST.version, FIRST.kind, FIRST.by) == (1, "baseline", "workshop")
    assert {(s.value, s.since, s.status, s.decided_by) for s in FIRST.standings} == {("o0", EVER, "assumed", "")}


def test_a_correction_holds_from_the_next_day_and_touches_nothing_else() -> None:
    second = apply(FIRST, change("correct", "o2"), day=LATER)
    assert (second.version, second.kind, second.refinement, second.reason) == (
        2,
        "corrected",
        "r-correct-o2",
        "Because.",
    )
    now = second.standing("a0")
    assert (now.value, now.status, now.since, now.decided_on, now.decided_by) == (
        "o2",
        "corrected",
        LATER + timedelta(days=1),
        LATER,
        "evidence",
    )
    assert second.standing("a1") == FIRST.standing("a1")
    assert (second.traits, second.persona) == (FIRST.traits, FIRST.persona)


def test_a_confirmation_keeps_the_value_and_its_evidence() -> None:
    second = apply(FIRST, change("confirm", "o0"), day=LATER)
    assert second.standing("a0") == replace(
        FIRST.standing("a0"), status="confirmed", decided_on=LATER, decided_by="evidence"
    )


def test_what_a_person_set_stays_the_persons_when_evidence_confirms_it() -> None:
    """Else the confirmation would hand the value to automation, which then might correct it by itself."""
    set_by_dana = apply(FIRST, change("correct", "o1"), day=DAY, by="dana")
    confirmed = apply(set_by_dana, change("confirm", "o1", old="o1"), day=LATER)
    assert confirmed.standing("a0").status == "confirmed"
    against = judge(
        change("correct", "o2", old="o1"), change="auto", autonomy="auto", standing=confirmed.standing("a0")
    )
    assert against.verdict == "review"


def test_a_measurement_changes_one_trait() -> None:
    second = apply(FIRST, change("measure", "33.5", subject=Subject(persona="p", attribute="age")), day=LATER)
    assert [trait.believed for trait in second.traits] == [33.5, 9.0]
    assert second.standings == FIRST.standings
    assert [trait.believed for trait in second.persona.traits] == [40.0, 9.0]


def test_restoring_the_belief_is_an_assumption_again() -> None:
    second = apply(FIRST, change("correct", "o2"), day=DAY)
    third = apply(second, change("restore", "o0", old="o2"), day=LATER)
    assert (third.kind, third.standing("a0").value, third.standing("a0").status) == ("rolled back", "o0", "assumed")
    other = apply(second, change("restore", "o1", old="o2"), day=LATER)
    assert other.standing("a0").status == "corrected"


def test_an_unedited_file_is_no_version() -> None:
    assert edited(FIRST, WRITTEN, day=LATER) is None


@pytest.mark.parametrize(
    "attribute",
    [
        replace(WRITTEN.attributes[0], why="Sales say so."),
        replace(WRITTEN.attributes[0], change="review"),
        replace(WRITTEN.attributes[0], confidence="strong data"),
    ],
)
def test_an_edit_that_asks_the_same_keeps_what_was_learned(attribute: Attribute) -> None:
    second = apply(FIRST, change("correct", "o2"), day=DAY)
    third = edited(second, replace(WRITTEN, attributes=(attribute, WRITTEN.attributes[1])), day=LATER)
    assert third is not None
    assert (third.version, third.kind, third.standings) == (3, "edited", second.standings)


def test_another_lift_that_is_worth_changing_is_asked_from_now_on_of_the_value_that_holds() -> None:
    second = apply(FIRST, change("correct", "o2"), day=DAY)
    dearer = replace(WRITTEN.attributes[0], worth_changing=0.02)
    third = edited(second, replace(WRITTEN, attributes=(dearer, WRITTEN.attributes[1])), day=LATER)
    assert third is not None
    held, asked = second.standing("a0"), third.standing("a0")
    assert (asked.value, asked.asked, asked.since, asked.restarts) == ("o2", held.asked, LATER, held.restarts + 1)


def test_every_definition_is_counted() -> None:
    """A promise about all attributes divides an attribute's mass among them."""
    second = apply(FIRST, change("correct", "o2"), day=DAY)
    third = rolled_back(second, FIRST, day=LATER, by="dana")
    fourth = pinned(third, Subject(persona=third.id, attribute="a0"), day=LATER, by="dana", value="o1")
    assert [version.standing("a0").restarts for version in (FIRST, second, third, fourth)] == [0, 1, 2, 3]
    assert pinned(fourth, Subject(persona=third.id, attribute="a0"), day=LATER, by="dana").standing("a0").restarts == 3


@pytest.mark.parametrize(
    "attribute",
    [
        Attribute(name="a0", options=("o0", "o1", "o2"), believed="o1", anew=LATER),
        Attribute(name="a0", options=("o0", "o1", "o2"), believed="o0", anew=LATER),
        Attribute(name="a0", options=("o0", "o1", "o2", "o3"), believed="o0", anew=LATER),
        Attribute(name="a0", options=("o0", "o1"), believed="o0"),
        Attribute(name="a0", options=("o0", "o1", "o2"), believed="o0", change="pinned"),
    ],
)
def test_another_question_starts_anew(attribute: Attribute) -> None:
    second = apply(FIRST, change("correct", "o2"), day=DAY)
    third = edited(second, replace(WRITTEN, attributes=(attribute, WRITTEN.attributes[1])), day=LATER)
    assert third is not None
    fresh = third.standing("a0")
    assert (fresh.value, fresh.since, fresh.pinned) == (attribute.believed, LATER, attribute.change == "pinned")
    assert third.standing("a1") == second.standing("a1")


@pytest.mark.parametrize("kind", ["correct", "confirm"])
def test_a_settled_value_stays_when_people_believe_another_one(kind: RefinementKind) -> None:
    new = "o2" if kind == "correct" else "o0"
    second = apply(FIRST, change(kind, new), day=DAY)
    for believed in ("o0", "o1", "o2"):
        attribute = replace(WRITTEN.attributes[0], believed=believed)
        third = edited(
            second, replace(WRITTEN, attributes=(attribute, WRITTEN.attributes[1])), day=LATER, said=" by Dana"
        )
        if believed != "o0":
            assert third is not None
            assert third.standings == second.standings
            assert third.reason.startswith("The file was edited by Dana.")
            assert ("stays" in third.reason) == (believed != new)


def test_a_settled_value_stays_beside_other_options_and_is_tested_anew() -> None:
    second = apply(FIRST, change("correct", "o2"), day=DAY)
    for options in (("o0", "o1", "o2", "o3"), ("o0", "o2")):
        attribute = replace(WRITTEN.attributes[0], options=options)
        third = edited(second, replace(WRITTEN, attributes=(attribute, WRITTEN.attributes[1])), day=LATER)
        assert third is not None
        held = second.standing("a0")
        assert third.standing("a0") == replace(held, since=LATER, asked=LATER, restarts=held.restarts + 1)


def test_another_way_to_assign_keeps_the_value_and_tests_it_anew() -> None:
    """Outcomes count for another time then."""
    second = apply(FIRST, change("correct", "o2"), day=DAY)
    daily = replace(WRITTEN.attributes[0], assign="day")
    third = edited(second, replace(WRITTEN, attributes=(daily, WRITTEN.attributes[1])), day=LATER)
    assert third is not None
    assert third.standing("a0") == replace(second.standing("a0"), since=LATER, asked=LATER, restarts=2)
    assert third.standing("a1") == second.standing("a1")


def test_another_belief_learns_on_from_the_same_question_and_other_options_do_not() -> None:
    for options, asked in ((("o0", "o1", "o2"), EVER), (("o0", "o1"), LATER)):
        attribute = Attribute(name="a0", options=options, believed="o1")
        second = edited(FIRST, replace(WRITTEN, attributes=(attribute, WRITTEN.attributes[1])), day=LATER)
        assert second is not None
        assert (second.standing("a0").since, second.standing("a0").asked) == (LATER, asked)


def test_another_goal_starts_everything_anew_and_attributes_come_and_go() -> None:
    second = apply(FIRST, change("correct", "o2"), day=DAY)
    third = edited(second, replace(WRITTEN, goal=goal(days=7)), day=LATER)
    assert third is not None
    assert {(s.value, s.since) for s in third.standings} == {("o0", LATER)}
    fourth = edited(
        second,
        replace(WRITTEN, attributes=(WRITTEN.attributes[1], Attribute(name="new", options=("x", "y"), believed="y"))),
        day=LATER,
    )
    assert fourth is not None
    assert [s.attribute for s in fourth.standings] == ["a1", "new"]
    assert fourth.standing("a1") == second.standing("a1")


def test_an_edited_trait_is_believed_again_and_the_others_stay_measured() -> None:
    second = apply(FIRST, change("measure", "33.5", subject=Subject(persona="p", attribute="age")), day=DAY)
    spend = replace(WRITTEN.traits[1], believed=10.0)
    third = edited(second, replace(WRITTEN, traits=(WRITTEN.traits[0], spend)), day=LATER)
    assert third is not None
    assert [trait.believed for trait in third.traits] == [33.5, 10.0]


def test_a_pin_at_another_value_is_nobodys_evidence() -> None:
    corrected = apply(FIRST, change("correct", "o2"), day=DAY)
    held = pinned(corrected, A0, day=LATER, by="dana", value="o1").standing("a0")
    assert (held.value, held.status, held.pinned, held.decided_by) == ("o1", "assumed", True, "dana")
    assert held.since == LATER + timedelta(days=1)


def test_a_pin_at_the_present_value_keeps_its_evidence_and_its_guardrails() -> None:
    corrected = apply(FIRST, change("correct", "o2"), day=DAY)
    held = pinned(corrected, A0, day=LATER, by="dana")
    free = pinned(held, A0, day=LATER, by="dana", pin=False)
    assert held.standing("a0").since == corrected.standing("a0").since
    assert free.standing("a0") == replace(corrected.standing("a0"), decided_on=LATER)


def test_a_pin_of_the_file_that_is_let_go_is_an_assumption() -> None:
    attribute = replace(WRITTEN.attributes[0], change="pinned")
    first = baseline(replace(WRITTEN, attributes=(attribute,)), day=DAY)
    free = pinned(first, A0, day=LATER, by="dana", pin=False)
    assert (free.standing("a0").status, free.standing("a0").pinned) == ("assumed", False)


def test_rolling_back_restores_values_and_starts_what_changed_anew() -> None:
    second = apply(FIRST, change("correct", "o2"), day=DAY)
    third = apply(second, change("correct", "o1", subject=A1, version=second), day=DAY)
    back = rolled_back(third, second, day=LATER, by="dana")
    assert back.standing("a0") == third.standing("a0")
    assert (back.standing("a1").value, back.standing("a1").since, back.standing("a1").decided_by) == (
        "o0",
        LATER + timedelta(days=1),
        "dana",
    )
    assert (back.version, back.kind) == (4, "rolled back")


def test_an_undone_roll_back_is_as_if_it_had_not_been() -> None:
    """Evidence decided, and goes on deciding; without a day in between it goes on learning, too."""
    second = apply(FIRST, change("correct", "o2"), day=DAY)
    back = rolled_back(second, FIRST, day=LATER, by="dana")
    assert back.standing("a0").decided_by == "dana"
    undone = rolled_back(back, second, day=LATER, by="dana")
    assert undone.standings == second.standings
    later = rolled_back(back, second, day=LATER + timedelta(days=1), by="dana").standing("a0")
    held = second.standing("a0")
    assert (later.value, later.status, later.decided_by, later.decided_on) == (
        held.value,
        held.status,
        held.decided_by,
        held.decided_on,
    )
    assert (later.since, later.restarts) == (LATER + timedelta(days=2), held.restarts + 2)
    again = rolled_back(undone, back, day=LATER, by="eli")
    assert again.standings == back.standings


def test_going_back_from_what_a_guardrail_put_back_is_a_persons_decision() -> None:
    second = apply(FIRST, change("correct", "o2"), day=DAY)
    third = apply(second, change("restore", "o0", version=second), day=DAY)
    assert rolled_back(third, second, day=LATER, by="dana").standing("a0").decided_by == "dana"


def test_an_old_value_that_is_no_option_any_more_is_not_restored() -> None:
    attribute = Attribute(name="a0", options=("o1", "o2"), believed="o1")
    second = edited(FIRST, replace(WRITTEN, attributes=(attribute, WRITTEN.attributes[1])), day=DAY)
    assert second is not None
    assert rolled_back(second, FIRST, day=LATER, by="dana").standing("a0").value == "o1"


class Automation(RuleBasedStateMachine):
    """People and automation take turns; automation never moves what a person holds."""

    def __init__(self) -> None:
        super().__init__()
        self.history = [FIRST]
        self.day = DAY
        self.killed = False

    @property
    def now(self) -> PersonaVersion:
        return self.history[-1]

    def _next(self, version: PersonaVersion | None) -> None:
        if version is not None:
            self.history.append(version)
        self.day += timedelta(days=1)

    @rule(kind=st.sampled_from(["correct", "confirm"]), subject=st.sampled_from([A0, A1]), new=st.integers(0, 2))
    def evidence_proposes(self, kind: RefinementKind, subject: Subject, new: int) -> None:
        standing = self.now.standing(subject.attribute)
        asked = change(
            kind,
            standing.value if kind == "confirm" else f"o{new}",
            old=standing.value,
            subject=subject,
            version=self.now,
        )
        allowed = self.now.persona.attribute(subject.attribute).change
        judged = judge(asked, change=allowed, autonomy="auto", standing=standing, killed=self.killed)
        if judged.verdict == "apply" and asked.new != standing.value:
            assert not self.killed
            assert not standing.pinned
            assert standing.decided_by in ("", "evidence")
        self._next(apply(self.now, judged, day=self.day) if judged.verdict == "apply" else None)

    @rule(subject=st.sampled_from([A0, A1]), value=st.sampled_from([None, "o0", "o1"]), pin=st.booleans())
    def a_person_pins(self, subject: Subject, value: str | None, pin: bool) -> None:  # noqa: FBT001 - drawn
        self._next(pinned(self.now, subject, day=self.day, by="dana", value=value if pin else None, pin=pin))

    @precondition(lambda self: len(self.history) > 1)
    @rule(back=st.integers(1, 3))
    def a_person_rolls_back(self, back: int) -> None:
        to = self.history[max(0, len(self.history) - 1 - back)]
        self._next(rolled_back(self.now, to, day=self.day, by="dana"))

    @rule(believed=st.sampled_from(["o0", "o2"]))
    def the_file_is_edited(self, believed: str) -> None:
        attribute = replace(self.now.persona.attributes[0], believed=believed)
        written = replace(self.now.persona, attributes=(attribute, self.now.persona.attributes[1]))
        self._next(edited(self.now, written, day=self.day))

    @rule(on=st.booleans())
    def the_switch(self, on: bool) -> None:  # noqa: FBT001 - drawn
        self.killed = on

    @invariant()
    def versions_count_up_and_values_are_options(self) -> None:
        assert [version.version for version in self.history] == list(range(1, len(self.history) + 1))
        for standing in self.now.standings:
            assert standing.value in self.now.persona.attribute(standing.attribute).options
            assert isinstance(standing.since, date)


Automation.TestCase.settings = settings(max_examples=60, stateful_step_count=30)


@pytest.mark.promise("P19")
class TestAutomation(Automation.TestCase):  # type: ignore[valid-type, misc] # Hypothesis makes it as it runs
    """Whatever people and evidence do, in any order."""


@given(st.sampled_from(["correct", "confirm"]), st.sampled_from(["o1", "o2"]))
def test_an_old_version_never_changes(kind: RefinementKind, new: str) -> None:
    before = repr(FIRST)
    apply(FIRST, change(kind, new), day=LATER)
    pinned(FIRST, A0, day=LATER, by="dana", value=new)
    assert repr(FIRST) == before


def test_a_persona_without_attributes_has_versions_too() -> None:
    only: Persona = replace(WRITTEN, attributes=())
    first = baseline(only, day=DAY)
    assert apply(first, change("measure", "1", subject=Subject(persona="p", attribute="age")), day=DAY).version == 2
