"""The form of a persona: what its file says in fields, and what was typed as changes of the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import zip_longest
from typing import TypeAlias

from living_personas.domain.duration_text import duration_text
from living_personas.domain.goal import Goal
from living_personas.domain.persona import Attribute
from living_personas.domain.value import value
from living_personas.workspace.file_records import Values
from living_personas.workspace.guardrail_shape import GuardrailLine
from living_personas.workspace.round_trip import Append, Change, Drop, Put, Rename, Way
from living_personas.workspace.yaml_content import Bare, Content, Flow

__all__ = [
    "MOST_NEW",
    "Field",
    "Fields",
    "attribute_content",
    "changes_of",
    "cleaned",
    "field_change",
    "fields_of",
    "guardrail_changes",
    "places_of",
]

Fields: TypeAlias = Mapping[str, str]

MOST_NEW = 3
"""Options that can be added to an attribute at once."""

_BELIEF = ("we_believe", "options")


@value
class Field:
    """One field of the form: where it is in the file, and what the file says there (empty for nothing)."""

    name: str
    way: Way
    said: str
    after: tuple[str, ...] = ()
    optional: bool = True


def fields_of(of: Values) -> Mapping[str, Field]:
    """The fields whose content is one text of the file, by their names."""
    return {field.name: field for field in _fields(of)}


def places_of(of: Values) -> Mapping[Way, str]:
    """The name of the field for every place of the file that has one."""
    return {field.way: name for name, field in fields_of(of).items()}


def changes_of(of: Values, typed: Fields, *, today: date) -> tuple[Change, ...]:
    """What was typed, as changes of the file: only what differs from what it says.

    A field that was not sent changes nothing.
    """
    return (
        *(change for field in _fields(of) if (change := field_change(field, typed)) is not None),
        *(change for place, each in enumerate(_attributes(of)) for change in _of_options(place, each, typed, today)),
        *_new_attribute(typed),
        *guardrail_changes(of["guardrails"], typed),
    )


def _fields(of: Values) -> Iterator[Field]:
    goal = of["goal"]
    yield Field(name="name", way=("name",), said=of["name"], after=("persona",))
    yield Field(name="who", way=("who",), said=of["who"], optional=False)
    if isinstance(goal, Goal):
        yield Field(name="goal.event", way=("goal", "event"), said=goal.event, optional=False)
        within = duration_text(goal.within)
        yield Field(name="goal.within", way=("goal", "within"), said=within, after=("event",), optional=False)
    else:
        yield Field(name="goal", way=("goal",), said=goal, optional=False)
    yield Field(name="brief", way=("brief",), said=of["brief"])
    for place, attribute in enumerate(_attributes(of)):
        yield from _attribute_fields(place, attribute)


def _attribute_fields(place: int, attribute: Attribute) -> Iterator[Field]:
    way, start = ("attributes", attribute.name), f"a{place}"
    yield Field(name=f"{start}.believe", way=(*way, "we_believe"), said=attribute.believed, optional=False)
    yield Field(name=f"{start}.confidence", way=(*way, "confidence"), said=attribute.confidence, after=_BELIEF)
    yield Field(name=f"{start}.why", way=(*way, "why"), said=attribute.why, after=("confidence", *_BELIEF))
    yield Field(name=f"{start}.change", way=(*way, "change"), said=attribute.change, after=("confidence", *_BELIEF))
    shown = {"labels": attribute.labels, "snippets": attribute.snippets, "pictures": attribute.pictures}
    for number, option in enumerate(attribute.options):
        for key, said in shown.items():
            name = f"{start}.o{number}.{key.removesuffix('s')}"
            yield Field(name=name, way=(*way, key, option), said=dict(said).get(option, ""))


def field_change(field: Field, typed: Fields) -> Change | None:
    """What was typed in a field, as a change of its place; None if nothing differs, or it was not sent."""
    if field.name not in typed:
        return None
    said = cleaned(typed[field.name])
    if said == field.said.strip():
        return None
    if not said and field.optional:
        return Drop(way=field.way)
    return Put(way=field.way, content=said, after=field.after)


def _of_options(place: int, attribute: Attribute, typed: Fields, today: date) -> Iterator[Change]:
    """Options that come and go, and whether a settled value does."""
    way, start = ("attributes", attribute.name), f"a{place}"
    for number in range(1, MOST_NEW + 1):
        option = cleaned(typed.get(f"{start}.new{number}", ""))
        if option:
            yield Append(way=(*way, "options"), content=option)
            label = cleaned(typed.get(f"{start}.new{number}.label", ""))
            yield from [Put(way=(*way, "labels", option), content=label)] if label else []
    gone = [number for number in range(len(attribute.options)) if typed.get(f"{start}.o{number}.retire")]
    for number in reversed(gone):
        option = attribute.options[number]
        yield from (Drop(way=(*way, key, option)) for key in ("labels", "pictures", "snippets", "was"))
        yield Drop(way=(*way, "options", str(number + 1)))
    if typed.get(f"{start}.settled") == "anew":
        yield Put(way=(*way, "anew"), content=Bare(text=today.isoformat()), after=("confidence", *_BELIEF))
    if typed.get(f"{start}.remove"):
        yield Drop(way=way)


def _new_attribute(typed: Fields) -> Iterator[Change]:
    name, content = cleaned(typed.get("n.name", "")), attribute_content(typed, "n")
    if name or content["options"]:
        yield Put(way=("attributes", name or "?"), content=content)


def attribute_content(typed: Fields, start: str) -> dict[str, Content]:
    """A new attribute as it was typed into the fields that begin with ``start``; the first option is the belief.

    Labels stand on the lines of their options; one without an option is named by its line, and refused by the file.
    """
    lines = [[each.strip() for each in typed.get(f"{start}.{key}", "").splitlines()] for key in ("options", "labels")]
    pairs = list(enumerate(zip_longest(*lines, fillvalue=""), 1))
    options = [option for _, (option, _) in pairs if option]
    labels = {option or f"line {number}": label for number, (option, label) in pairs if label}
    said = {key: cleaned(typed.get(f"{start}.{key}", "")) for key in ("believe", "confidence", "why")}
    fields: dict[str, Content] = {
        "options": options,
        "we_believe": said["believe"] or (options[0] if options else ""),
        "confidence": said["confidence"] or "none",
    }
    return fields | ({"why": said["why"]} if said["why"] else {}) | ({"labels": labels} if labels else {})


def guardrail_changes(lines: Sequence[GuardrailLine], typed: Fields) -> Iterator[Change]:
    """What was typed about the ``guardrails`` of a file, as changes of it."""
    for place, line in enumerate(lines):
        if not typed.get(f"g{place}.remove"):
            yield from _of_guardrail(("guardrails", str(place + 1)), line, f"g{place}", typed)
    for place in reversed(range(len(lines))):
        if typed.get(f"g{place}.remove"):
            yield Drop(way=("guardrails", str(place + 1)))
    metric, margin = cleaned(typed.get("gn.metric", "")), cleaned(typed.get("gn.margin", ""))
    if metric or margin:
        key = _direction(typed.get("gn.direction", ""))
        yield Append(way=("guardrails",), content=Flow(fields={"metric": metric, key: margin}))


def _of_guardrail(way: Way, line: GuardrailLine, start: str, typed: Fields) -> Iterator[Change]:
    metric, margin = (cleaned(typed.get(f"{start}.{key}", said)) for key, said in _said(line).items())
    key = f"must_not_{line.direction}_by"
    meant = _direction(typed.get(f"{start}.direction", line.direction))
    if metric != line.metric:
        yield Put(way=(*way, "metric"), content=metric)
    if meant != key:
        yield Rename(way=(*way, key), name=meant)
    if margin != line.margin.text:
        yield Put(way=(*way, meant), content=margin)


def _said(line: GuardrailLine) -> Mapping[str, str]:
    return {"metric": line.metric, "margin": line.margin.text}


def _direction(said: str) -> str:
    return "must_not_drop_by" if said == "drop" else "must_not_rise_by"


def _attributes(of: Values) -> tuple[Attribute, ...]:
    found: Mapping[str, Attribute] = of["attributes"]
    return tuple(found.values())


def cleaned(said: str) -> str:
    """A text as it was typed: browsers end lines with two characters."""
    return "\n".join(line.rstrip() for line in said.replace("\r\n", "\n").split("\n")).strip()
