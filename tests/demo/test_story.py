"""The demo is told from what was refined and found: on a small world, typed as a person would type it."""

from __future__ import annotations

import json
import re
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import date
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from living_personas.cli import app
from living_personas.cli.failures import INTERRUPTED, code_of
from living_personas.demo.drive import DayOfStory, Drive
from living_personas.demo.story import Told, beginning, told
from living_personas.discovery.columns import Rate, needs
from living_personas.domain.belief import EffectDays, Interval, Subject
from living_personas.domain.goal import DAY, Goal
from living_personas.domain.persona import Attribute, Persona, Trait
from living_personas.domain.refinement import Refinement
from living_personas.domain.segment import Segment
from living_personas.domain.settings import Settings
from living_personas.loop.closing import closed_through
from living_personas.wiring import open_context
from living_personas.workspace.files import read_workspace
from loop.searches import looked_at
from made_refinement import made_refinement

SMALL = ("--customers", "300", "--days", "6")
BUYER = Persona(
    id="buyer",
    name="First-time buyer",
    who="true",
    goal=Goal(event="Order Completed", within=7 * DAY),
    attributes=(Attribute(name="framing", options=("discount", "quality"), believed="discount", why="So they say."),),
    traits=(Trait(name="average_order_value", believed=40, unit="EUR"),),
)
TODAY = date(2026, 2, 1)


refinement = partial(
    made_refinement,
    subject=Subject(persona="buyer", attribute="framing"),
    effect=Interval(estimate=0.021, lower=0.004, upper=0.038),
    over=EffectDays(first=date(2026, 1, 4), last=TODAY, units=3_000, ahead_since=date(2026, 1, 12)),
    units=4321,
    day=TODAY,
)


def segment(**changed: Any) -> Segment:
    fields: dict[str, Any] = {
        "id": "s1",
        "name": "heavy product use, opens nothing",
        "state": "open",
        "first_seen": TODAY,
        "last_seen": TODAY,
        "size": 321,
        "share": 0.05,
        "nearest": "buyer",
        "who": "sessions > 9",
        "f1": 0.9,
        "explanation": "sessions > 9",
        "explanation_f1": 0.9,
        "returned": 8,
        "splits": 8,
        "differs": (),
        "proof": (),
        "attribute": "channel",
        "options": ("in-product nudge", "e-mail"),
        "why": "They ignore e-mail.",
    }
    return Segment(**{**fields, **changed})


def one(before: tuple[Refinement, ...] = (), **day: Any) -> Told:
    """The only thing that there is to tell of a day."""
    lived: dict[str, Any] = {"number": 27, "day": TODAY, "events": 1, "refinements": ()}
    (said,) = told(DayOfStory(**{**lived, **day}), [BUYER], before)
    return said


def test_a_correction_has_effect_interval_and_occasions() -> None:
    said = one(refinements=(refinement(),))
    assert said.kind == "corrected"
    assert "believed 'discount', but 'quality' works better" in said.headline
    days = (TODAY - date(2026, 1, 4)).days + 1
    assert said.below[0] == (
        f"In the last {days} days 'quality' brought about 2.1 more 'Order Completed' per 100 occasions than 'discount' "
        "(between 0.4 and 3.8). 4,321 occasions were counted."
    )


def test_what_was_proven_once_and_turns_is_told_as_that() -> None:
    earlier = refinement(kind="confirm", new="discount", day=date(2026, 1, 9))
    said = one((earlier,), refinements=(refinement(),))
    assert said.kind == "turned"
    assert "'discount' was right, and turned on about 2026-01-12" in said.headline


def test_confirmations_traits_and_what_waits_are_told() -> None:
    assert one(refinements=(refinement(kind="confirm", new="discount"),)).kind == "confirmed"
    waiting = one(refinements=(refinement(verdict="review", review="open"),))
    assert waiting.kind == "waits"
    assert "personas review approve r1" in waiting.below[-1]
    trait = refinement(
        kind="measure",
        subject=Subject(persona="buyer", attribute="average_order_value"),
        old="40",
        new="61.8",
        effect=Interval(estimate=21.8, lower=20.9, upper=22.7),
    )
    said = one(refinements=(trait,))
    assert "believed 40 EUR, measured 61.8 EUR (between 60.9 EUR and 62.7 EUR)" in said.headline


def test_no_id_is_told_where_a_name_is_known() -> None:
    framing = Attribute(
        name="main_framing", options=("o1", "o2"), believed="o1", labels=(("o1", "Cheap"), ("o2", "Solid"))
    )
    persona = replace(BUYER, attributes=(framing,))
    made = refinement(subject=Subject(persona="buyer", attribute="main_framing"), old="o1", new="o2", why="'o2' wins.")
    settings = Settings(name="shop", salt="a salt for the story")
    days = [
        DayOfStory(number=1, day=TODAY, events=1, refinements=(made, replace(made, kind="confirm"), replace(
            made, verdict="review", review="open"
        )), seen=(segment(nearest="buyer"),), adopted=persona)
    ]  # fmt: skip
    said = [f"{each.headline} {' '.join(each.below)}" for day in days for each in told(day, [persona], ())]
    said += beginning([persona], settings, customers=10, history=3)
    assert [each for each in said if re.search(r"\bo[12]\b|main_framing|'buyer'|average_order_value", each)] == []
    assert any("main framing 'Cheap' works best, better than 'Solid'." in each for each in said)
    assert any("filed under 'First-time buyer'" in each for each in said)


def test_what_was_held_is_not_told() -> None:
    lived = DayOfStory(number=1, day=TODAY, events=1, refinements=(refinement(verdict="hold"),))
    assert list(told(lived, [BUYER], ())) == []


def test_segments_are_told_when_seen_and_seen_again_and_adopted() -> None:
    assert "It is believed when it is seen again a week later." in one(seen=(segment(),)).below
    assert one(seen=(segment(last_seen=date(2026, 2, 8)),)).headline.startswith("Seen again. 321 customers")
    assert one(seen=()).kind == "nothing seen"
    assert one(unseen="There are 453 customers.").headline.endswith("There are 453 customers.")
    assert one(adopted=BUYER).headline.endswith("(personas/buyer.yaml).")


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A small demo, lived by the command, and what it told."""
    folder = tmp_path_factory.mktemp("lived") / "demo"
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as story:
        patch.delenv("COLUMNS", raising=False)
        assert code_of(lambda: app(["demo", str(folder), *SMALL])) == 0
    return folder, story.getvalue()


def typed(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    capsys.readouterr()
    assert code_of(lambda: app([str(word) for word in words])) in (0, 3), words
    return capsys.readouterr().out


@pytest.mark.long
def test_the_story_ends_with_commands_that_work(lived: tuple[Path, str], capsys: pytest.CaptureFixture[str]) -> None:
    folder, story = lived
    assert "Budget-conscious first-time buyer: framing 'discount' works best" in " ".join(story.split())
    assert "quality is best" in story
    assert max(len(line) for line in story.partition("What was believed")[0].splitlines()) <= 100
    commands = re.findall(r"^  personas (.*?) +- ", story, flags=re.MULTILINE)
    assert len(commands) == 7
    for command in commands[:-1]:
        typed(capsys, *command.split())
    assert (folder / "report.html").read_text().count("<svg") >= 4


@pytest.mark.long
def test_whatever_is_looked_at_can_be_named_by_a_rule(lived: tuple[Path, str]) -> None:
    _, context = open_context(lived[0])
    closed = closed_through(context)
    assert closed is not None
    _, columns = looked_at(context, closed)
    context.store.close()
    assert any(isinstance(column, Rate) for column in columns)
    rule = " and ".join(f"{name} >= 0" for column in columns for name in needs(column))
    written = context.personas[0]
    file = lived[0] / "personas" / f"{written.id}.yaml"
    before = file.read_text()
    file.write_text(re.sub(r"^who: .*$", f"who: {rule}", before, flags=re.MULTILINE))
    try:
        assert read_workspace(lived[0]).personas
    finally:
        file.write_text(before)


@pytest.mark.long
def test_json_holds_everything_planted_beside_what_was_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = json.loads(typed(capsys, "demo", tmp_path / "demo", *SMALL, "--format", "json", "--seed", "4"))
    assert {(each["persona"], each["attribute"]) for each in found["beliefs"]} == {
        ("budget-first-buyer", "framing"),
        ("deal-hunter", "offer"),
        ("steady-regular", "send_time"),
        ("curious-explorer", "content"),
    }
    assert {"best_at_first", "best_at_last", "verdict", "effect", "interval", "units", "changes"} <= set(
        found["beliefs"][0]
    )
    assert [(flip["attribute"], flip["number"]) for flip in found["flips"]] == [("send_time", 3)]
    assert {trait["trait"] for trait in found["traits"]} == {"mobile_share", "average_order_value"}
    assert [each["segment"] for each in found["planted"]] == ["silent-evaluator"]
    assert len(found["gains"]) == 4
    assert found["alarms"] == []
    assert (found["seed"], found["customers"], found["days"]) == (4, 300, 6)


@pytest.mark.long
def test_where_nothing_is_the_story_says_so_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story = typed(capsys, "demo", tmp_path / "demo", *SMALL, "--world", "null")
    assert "No belief was changed and no segment was found: nothing was claimed." in story
    assert "Corrected." not in story


@pytest.mark.long
def test_only_the_demos_own_folder_is_made_anew(lived: tuple[Path, str], tmp_path: Path) -> None:
    folder, _ = lived
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "thesis.txt").write_text("years of work")
    assert code_of(lambda: app(["demo", str(theirs), *SMALL])) == 1
    assert [file.name for file in theirs.iterdir()] == ["thesis.txt"]
    persona = folder / "personas" / "deal-hunter.yaml"
    text = persona.read_text()
    persona.write_text(text + "# my own remark\n")
    assert code_of(lambda: app(["demo", str(folder), *SMALL])) == 1
    assert persona.read_text().endswith("# my own remark\n")
    persona.write_text(text)
    (folder / "notes.txt").write_text("mine")
    assert code_of(lambda: app(["demo", str(folder), "--customers", "300", "--days", "1"])) == 0
    assert (folder / "notes.txt").read_text() == "mine"


@pytest.mark.long
def test_interrupted_it_leaves_a_workspace_that_opens(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "demo"
    decide = Drive.decide

    def impatient(self: Drive, occasions: Any) -> Any:
        if (occasions["day"][0].as_py() - self.world.spec.first_day).days == 2:
            raise KeyboardInterrupt
        return decide(self, occasions)

    with monkeypatch.context() as patch:
        patch.setattr(Drive, "decide", impatient)
        assert code_of(lambda: app(["demo", str(folder), *SMALL])) == INTERRUPTED
    said = capsys.readouterr().err
    assert "interrupted after day 2 of 6" in said
    assert f"personas report --workspace {folder.as_posix()}" in said
    typed(capsys, "report", "--workspace", folder)
    assert code_of(lambda: app(["demo", str(folder), "--customers", "300", "--days", "1"])) == 0
    assert "which stopped after day 2 of 6, is replaced" in capsys.readouterr().err
