"""History written into a persona file: measured traits and suggested beliefs, with every other line left as it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Literal

from living_personas.domain.persona import PRIOR_CONVERSIONS, Confidence
from living_personas.domain.told_number import number_text
from living_personas.domain.value import value
from living_personas.errors import InvalidPersonaError, UnknownNameError, check_name
from living_personas.workspace.file_problems import Problems, UnreadableError
from living_personas.workspace.nodes import Entries, Items, Scalar, parse_yaml
from living_personas.workspace.persona_shape import PERSONA
from living_personas.workspace.round_trip import Change, Put, rewritten
from living_personas.workspace.text_file import read_text
from living_personas.workspace.yaml_content import Bare, Content, Flow

__all__ = ["MeasuredTrait", "SuggestedBelief", "write_baseline"]

MOST_CONFIDENT: Confidence = "some data"
"""What history may claim at most: nobody drew its options at random."""

_BELIEF = ("confidence", "we_believe")


@value
class MeasuredTrait:
    """What a trait measures over the members: it takes the place of what was believed of it."""

    trait: str
    value: float
    lower: float
    upper: float
    n: int
    confidence: Confidence
    on: date
    source: str

    def __post_init__(self) -> None:
        _check_interval(f"The trait {self.trait!r}", self.value, self.lower, self.upper)
        if self.n < 1:
            raise InvalidPersonaError(f"The trait {self.trait!r} was measured on nobody.", hint="leave it as it is.")


@value
class SuggestedBelief:
    """Which option history favours: written beside the belief, never in its place."""

    attribute: str
    option: str
    confidence: Confidence
    effect: float
    lower: float
    upper: float
    on: date
    source: str
    evidence: Literal["observational", "randomised"] = "observational"

    def __post_init__(self) -> None:
        _check_interval(f"The suggestion for {self.attribute!r}", self.effect, self.lower, self.upper)
        if PRIOR_CONVERSIONS[self.confidence] > PRIOR_CONVERSIONS[MOST_CONFIDENT]:
            raise InvalidPersonaError(
                f"The suggestion for {self.attribute!r} claims {self.confidence!r}.",
                hint=f"history is worth at most {MOST_CONFIDENT!r}.",
            )


def write_baseline(
    path: Path, *, measured: Sequence[MeasuredTrait] = (), suggestions: Sequence[SuggestedBelief] = ()
) -> tuple[str, str]:
    """The text of a persona file as it is, and as it would be; nothing is written.

    A trait's ``we_believe`` and ``confidence`` become what was measured, and ``measured`` says how; an attribute gets
    ``suggested`` beside its belief. Numbers are written with six significant digits. Doing it again changes nothing.

    Raises
    ------
    InvalidFilesError
        If the file cannot be read as a persona.
    UnknownNameError
        If it has no such trait, attribute or option.
    """
    problems = Problems()
    old = ""
    try:
        old = read_text(path, problems)
        node = _read(old, path, problems)
    except UnreadableError:
        problems.raise_if_any()
        raise
    changes = [change for item in measured for change in _measured(node, item)]
    changes += [_suggested(node, item) for item in suggestions]
    new = rewritten(old, changes, file=path.as_posix())
    _read(new, path, problems)
    return old, new


def _read(text: str, path: Path, problems: Problems) -> Entries:
    node = parse_yaml(text, file=path.as_posix(), problems=problems)
    return PERSONA.read(node, problems).node


def _measured(persona: Entries, item: MeasuredTrait) -> tuple[Change, ...]:
    _below(persona, "traits", item.trait)
    way = ("traits", item.trait)
    fields: dict[str, Content] = {
        "value": _six(item.value),
        "lower": _six(item.lower),
        "upper": _six(item.upper),
        "n": Bare(text=str(item.n)),
        "on": Bare(text=item.on.isoformat()),
        "source": item.source,
    }
    return (
        Put(way=(*way, "we_believe"), content=_six(item.value)),
        Put(way=(*way, "confidence"), content=item.confidence, after=("we_believe",)),
        Put(way=(*way, "measured"), content=Flow(fields=fields), after=_BELIEF),
    )


def _suggested(persona: Entries, item: SuggestedBelief) -> Change:
    attribute = _below(persona, "attributes", item.attribute)
    options = attribute.get("options")
    known = (
        [node.text.strip() for node in options.nodes if isinstance(node, Scalar)] if isinstance(options, Items) else []
    )
    check_name(f"option of {item.attribute!r} called", item.option, known)
    fields: dict[str, Content] = {
        "we_believe": item.option,
        "confidence": item.confidence,
        "evidence": item.evidence,
        "effect": _six(item.effect),
        "lower": _six(item.lower),
        "upper": _six(item.upper),
        "on": Bare(text=item.on.isoformat()),
        "source": item.source,
    }
    return Put(way=("attributes", item.attribute, "suggested"), content=Flow(fields=fields), after=_BELIEF)


def _below(persona: Entries, section: str, name: str) -> Entries:
    found = persona.get(section)
    names = found.pairs if isinstance(found, Entries) else ()
    entry = found.get(name) if isinstance(found, Entries) else None
    if not isinstance(entry, Entries):
        raise UnknownNameError.among(section.removesuffix("s"), name, [key.text for key, _ in names])
    return entry


def _six(number: float) -> Bare:
    return Bare(text=number_text(float(f"{number:.6g}")))


def _check_interval(what: str, estimate: float, lower: float, upper: float) -> None:
    if not all(map(isfinite, (estimate, lower, upper))) or not lower <= estimate <= upper:
        raise InvalidPersonaError(
            f"{what} is {estimate!r} with the interval [{lower!r}, {upper!r}].",
            hint="an estimate is a number inside its interval.",
        )
