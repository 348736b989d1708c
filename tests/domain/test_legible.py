"""What may be a name: letters of every script, family emoji, and nothing that deceives who reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from living_personas.domain.legible import blemish
from living_personas.domain.names import named
from living_personas.domain.note import Note
from living_personas.errors import InvalidDecisionError
from living_personas.people.person import Person
from living_personas.people.person_accounts import check_person
from living_personas.workspace.yaml_text import block_text, scalar_text

FAMILY, ENGINEER = (
    "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}",
    "\N{WOMAN}\N{EMOJI MODIFIER FITZPATRICK TYPE-5}\u200d\N{PERSONAL COMPUTER}",
)
PERSIAN, MIXED, SINHALA = (
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "SMS\u200c\u0647\u0627",
    "\u0dc1\u0dca\u200d\u0dbb\u0dd3",
)
NAMES = (
    FAMILY,
    ENGINEER,
    PERSIAN,
    MIXED,
    SINHALA,
    "\N{HEAVY BLACK HEART}\ufe0f\u200d\N{FIRE}",
    "1\ufe0f\u20e3 first",
    "\u845b\U000e0100",
    "Zo\u00eb",
    "O'Brien",
    "\u5c0f\u6797",
    "\u05d3\u05e0\u05d4",
)
DECEIVING = {
    "Da\u200dna": "U+200D (ZERO WIDTH JOINER) at letter 3",
    f"{PERSIAN}\u200c": f"U+200C (ZERO WIDTH NON-JOINER) at letter {len(PERSIAN) + 1}",
    "\N{MAN}\u200dx": "U+200D (ZERO WIDTH JOINER) at letter 2",
    "Dana\u202egpj": "U+202E (RIGHT-TO-LEFT OVERRIDE) at letter 5",
    "Dana\u2066x": "U+2066 (LEFT-TO-RIGHT ISOLATE) at letter 5",
    "D\u200bana": "U+200B (ZERO WIDTH SPACE) at letter 2",
    "a\x1b[31m": "U+001B (nameless) at letter 2",
    "Dana\u00a0Z": "U+00A0 (NO-BREAK SPACE) at letter 5",
    "Da\ufe0fna": "U+FE0F (VARIATION SELECTOR-16) at letter 3",
    "\N{HEAVY BLACK HEART}\ufe0f\ufe0f": "U+FE0F (VARIATION SELECTOR-16) at letter 3",
    "Dana\U000e0141": "U+E0141 (VARIATION SELECTOR-82) at letter 5",
    "Da\u3164na": "U+3164 (HANGUL FILLER) at letter 3",
    "Da\u034fna": "U+034F (COMBINING GRAPHEME JOINER) at letter 3",
    "D\ud800": "U+D800 (nameless) at letter 2",
}


def _person(name: str) -> None:
    check_person(name, "viewer")


def _acts(name: str) -> None:
    Person(by=name, now=datetime(2026, 3, 2, tzinfo=UTC), owner="desk")


def _noted(text: str) -> None:
    Note(persona="a", about="", text=text, by="Dana", at=datetime(2026, 3, 2, tzinfo=UTC))


@pytest.mark.parametrize("door", [_person, _acts, _noted])
@pytest.mark.parametrize("name", NAMES)
def test_people_write_names_as_they_are_written(door: Callable[[str], None], name: str) -> None:
    assert blemish(name) == ""
    door(name)
    assert name in named(name)
    assert name in scalar_text(name)
    assert name in block_text(f"{name}\n{name}", indent="  ")


@pytest.mark.parametrize(("name", "why"), DECEIVING.items())
def test_what_deceives_is_refused_by_the_letter_and_its_place(name: str, why: str) -> None:
    assert blemish(name) == why
    with pytest.raises(InvalidDecisionError, match="cannot be seen") as refused:
        check_person(name, "viewer")
    assert why in str(refused.value)
    with pytest.raises(InvalidDecisionError):
        _acts(name)
    assert name not in named(name), "what people read shows it"


def test_texts_of_several_lines_may_be_pasted_from_elsewhere() -> None:
    _noted("Pourquoi\u00a0?\n\tParce que.")
    with pytest.raises(InvalidDecisionError, match="at letter 4"):
        _noted("No.\u202e")
