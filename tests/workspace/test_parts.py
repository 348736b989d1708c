"""The file of a part of a persona: it owns what it names, inherits all else, and is asked before its whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from living_personas.domain.persona import Persona
from living_personas.workspace.file_problems import InvalidFilesError
from living_personas.workspace.files import read_workspace
from living_personas.workspace.persona_text import persona_text
from written import write_workspace

SETTINGS = 'name: acme\nsalt: "0123456789abcdef"\ntraits: [device, country]\n'
WHOLE = """\
persona: buyer
who: country = 'NL'
priority: 3
goal: {event: Order Completed}
channels: [email]
attributes:
  tone: {options: [warm, dry], we_believe: dry}
  framing: {options: [social, quality], we_believe: quality, splits: propose}
guardrails: [{metric: Unsubscribed, must_not_rise_by: 0.2pp}]
"""
PART = """\
persona: buyer-mobile
split_of: buyer
who: device = 'mobile'
attributes:
  framing: {options: [social, quality], we_believe: social}
"""
OTHER = "persona: aaa\nwho: country = 'BE'\npriority: 4\ngoal: {event: Order Completed}\n"


def written(root: Path, **personas: str) -> Path:
    return write_workspace(root, SETTINGS, personas)


def read(root: Path, **personas: str) -> tuple[Persona, ...]:
    return read_workspace(written(root, **personas)).personas


def test_a_part_holds_some_of_its_whole_and_is_asked_just_before_it(tmp_path: Path) -> None:
    part, whole, other = read(tmp_path, aaa=PART, buyer=WHOLE, other=OTHER)
    assert (part.id, whole.id, other.id) == ("buyer-mobile", "buyer", "aaa")
    assert part.who == "(country = 'NL') and (device = 'mobile')"
    assert (part.goal, part.channels, part.guardrails) == (whole.goal, whole.channels, whole.guardrails)
    assert [attribute.name for attribute in part.attributes] == ["framing"]
    assert (part.split_of, part.part, part.priority) == ("buyer", "device = 'mobile'", whole.priority)


def test_a_part_reads_back_from_its_print(tmp_path: Path) -> None:
    part, *_ = read(tmp_path, part=PART, buyer=WHOLE)
    assert read(tmp_path, part=persona_text(part), buyer=WHOLE)[0] == part


@pytest.mark.parametrize(
    ("change", "message", "hint", "at"),
    [
        (("split_of: buyer", "split_of: byer"), "no persona 'byer'", "did you mean 'buyer'?", 2),
        (("split_of: buyer", "split_of: buyer\ngoal: {event: x}"), "the `goal` of 'buyer'", "leave `goal` out", 3),
        (("split_of: buyer", "split_of: buyer\npriority: 2"), "the `priority` of 'buyer'", "leave `priority` out", 3),
        (("  framing:", "  framng:"), "no attribute 'framng'", "did you mean 'framing'?", 5),
        (
            ("we_believe: social}", "we_believe: social, splits: follow}"),
            "not divided further",
            "leave `splits` out",
            5,
        ),
        (("who: device", "who: devise"), "uses 'devise'", "did you mean 'device'?", 3),
    ],
)
def test_a_bad_part_is_refused_at_its_line(
    tmp_path: Path, change: tuple[str, str], message: str, hint: str, at: int
) -> None:
    with pytest.raises(InvalidFilesError) as caught:
        read(tmp_path, part=PART.replace(*change), buyer=WHOLE)
    assert any(
        message in problem.message and hint in problem.hint and problem.where.line == at
        for problem in caught.value.problems
    ), [str(problem) for problem in caught.value.problems]


def test_a_part_of_a_part_and_one_that_owns_nothing_are_refused(tmp_path: Path) -> None:
    deeper = PART.replace("buyer-mobile", "deeper").replace("split_of: buyer", "split_of: buyer-mobile")
    with pytest.raises(InvalidFilesError, match="no persona 'buyer-mobile' that could have a part"):
        read(tmp_path, part=PART, deeper=deeper, buyer=WHOLE)
    (tmp_path / "personas" / "deeper.yaml").unlink()
    with pytest.raises(InvalidFilesError, match="owns no attribute"):
        read(tmp_path, part=PART[: PART.index("attributes")], buyer=WHOLE)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("per: channel", "believed per channel and has `splits: propose`"),
        ("splits: sometimes", "splits"),
    ],
)
def test_what_cannot_be_asked_for_splits_is_refused(tmp_path: Path, more: str, message: str) -> None:
    asked = "splits: propose, " if "splits" not in more else ""
    with pytest.raises(InvalidFilesError, match=message):
        read(tmp_path, buyer=WHOLE.replace("splits: propose", f"{asked}{more}"))


def test_a_goal_that_counts_values_has_no_splits(tmp_path: Path) -> None:
    with pytest.raises(InvalidFilesError, match="asks attribute 'framing' for splits"):
        read(tmp_path, buyer=WHOLE.replace("{event: Order Completed}", "{event: Order Completed, value: price}"))
