"""Labels in the place of options: in refinements, reasons and reports, and in nothing else."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from laws import printable
from living_personas.domain.belief import Subject
from living_personas.domain.goal import Goal
from living_personas.domain.names import named
from living_personas.domain.persona import Attribute, Persona
from living_personas.reporting.labels import labels_of, requoted
from living_personas.reporting.plain import quoted
from made_refinement import made_refinement

NAMES = printable(12, without='`\\"')


def _persona(*attributes: Attribute) -> Persona:
    goal = Goal(event="Order Completed", within=timedelta(days=7))
    return Persona(id="p", name="P", who="true", goal=goal, attributes=attributes)


def _attribute(name: str, **labels: str) -> Attribute:
    return Attribute(name=name, options=("a", "b"), believed="a", was=(("a", "old a"),), labels=tuple(labels.items()))


@given(new=NAMES, old=NAMES, goal=NAMES)
def test_a_reason_is_read_as_if_it_had_been_written_with_other_quotes(new: str, old: str, goal: str) -> None:
    said = f"{new!r} is proven better than {old!r}, by {goal!r} of the workshop's customers."
    assert requoted(said, lambda name: f"<{name}>") == (
        f"<{new}> is proven better than <{old}>, by <{goal}> of the workshop's customers."
    )
    assert requoted(said, repr) == said


@given(text=st.text(st.characters(exclude_characters="'\"")))
def test_a_text_without_quotes_stays(text: str) -> None:
    assert requoted(text, lambda _: "lost") == text


def test_an_option_has_its_label_under_its_former_name_too() -> None:
    labels = labels_of([_persona(_attribute("offer", a="Ay"))])
    assert labels.reason("'old a' became 'a', and 'b' stays.", "p", "offer") == "'Ay' became 'Ay', and 'b' stays."
    assert labels.reason("'a' of somebody else", "q", "offer") == "'a' of somebody else"


def test_a_reason_of_no_attribute_takes_the_labels_that_all_agree_on() -> None:
    agreeing = labels_of([_persona(_attribute("offer", a="Ay", b="Bee"), _attribute("tone", a="Ay", b="Other"))])
    assert agreeing.reason("'a' or 'b'", "p") == "'Ay' or 'b'"


def test_a_measured_number_is_no_option() -> None:
    labels = labels_of([_persona(_attribute("1", a="Ay"))])
    about = Subject(persona="p", attribute="1")
    made = made_refinement(kind="measure", subject=about, old="a", new="b", grade="measured", why="'a' is measured.")
    told = labels.refinement(made)
    assert (told.old, told.new) == ("a", "b")


def test_a_name_with_both_kinds_of_quotes_is_told_without_backslashes() -> None:
    """Reasons hold it as ``repr`` writes it; whoever reads them does not, and what is set off once stays as it is."""
    option = 'it\'s "free"'
    written = f"{option!r} is proven better than {'plain'!r}."
    told = requoted(written, named)
    assert told == "“it's \"free\"” is proven better than 'plain'."
    assert requoted(told, named) == told
    assert requoted(told, quoted) == '“it\'s "free"” is proven better than “plain”.'
