"""History written into a persona file: measured traits and suggested beliefs, with every other line left as it was.

The file is not printed anew: the places of its values are taken from the tree, and only these are replaced. So
comments, order, quotes and line ends stay, and one changed line is one changed line in git.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Literal, TypeAlias

from living_personas.domain.persona import PRIOR_CONVERSIONS, Confidence
from living_personas.domain.value import value
from living_personas.errors import InvalidPersonaError, UnknownNameError
from living_personas.workspace.file_problems import Problems, UnreadableError
from living_personas.workspace.nodes import Entries, Items, Node, Scalar, parse_yaml
from living_personas.workspace.persona_shape import PERSONA
from living_personas.workspace.persona_text import number_text
from living_personas.workspace.text_file import read_text
from living_personas.workspace.yaml_text import scalar_text

__all__ = ["MeasuredTrait", "SuggestedBelief", "unified_diff", "write_baseline"]

MOST_CONFIDENT: Confidence = "some data"
"""What history may claim at most: nobody drew its options at random."""


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
    edits = [edit for item in measured for edit in _measured_edits(old, node, item)]
    edits += [edit for item in suggestions for edit in _suggested_edits(old, node, item)]
    new = _applied(old, edits)
    _read(new, path, problems)
    return old, new


def unified_diff(old: str, new: str, path: Path) -> str:
    """What changes between two texts of a file, as ``git diff`` would show it; empty if nothing does."""
    name = path.as_posix()
    lines = difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), fromfile=f"a/{name}", tofile=f"b/{name}"
    )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


_Edit: TypeAlias = tuple[int, int, str]


def _read(text: str, path: Path, problems: Problems) -> Entries:
    node = parse_yaml(text, file=path.as_posix(), problems=problems)
    return PERSONA.read(node, problems).node


def _measured_edits(text: str, persona: Entries, item: MeasuredTrait) -> list[_Edit]:
    trait = _below(persona, "traits", item.trait)
    fields = {
        "value": _six(item.value),
        "lower": _six(item.lower),
        "upper": _six(item.upper),
        "n": str(item.n),
        "on": item.on.isoformat(),
        "source": scalar_text(item.source),
    }
    return [
        *_set(text, trait, "we_believe", _six(item.value)),
        *_set(text, trait, "confidence", item.confidence),
        *_set(text, trait, "measured", _flow(fields)),
    ]


def _suggested_edits(text: str, persona: Entries, item: SuggestedBelief) -> list[_Edit]:
    attribute = _below(persona, "attributes", item.attribute)
    options = attribute.get("options")
    known = (
        [node.text.strip() for node in options.nodes if isinstance(node, Scalar)] if isinstance(options, Items) else []
    )
    if item.option not in known:
        raise UnknownNameError.among(f"option of {item.attribute!r} called", item.option, known)
    fields = {
        "we_believe": scalar_text(item.option),
        "confidence": item.confidence,
        "evidence": item.evidence,
        "effect": _six(item.effect),
        "lower": _six(item.lower),
        "upper": _six(item.upper),
        "on": item.on.isoformat(),
        "source": scalar_text(item.source),
    }
    return _set(text, attribute, "suggested", _flow(fields))


def _below(persona: Entries, section: str, name: str) -> Entries:
    found = persona.get(section)
    names = found.pairs if isinstance(found, Entries) else ()
    entry = found.get(name) if isinstance(found, Entries) else None
    if not isinstance(entry, Entries):
        raise UnknownNameError.among(section.removesuffix("s"), name, [key.text for key, _ in names])
    return entry


def _set(text: str, mapping: Entries, key: str, written: str) -> list[_Edit]:
    """Replace the value of a key, or add the key behind those it belongs to."""
    node = mapping.get(key)
    if node is None:
        return [_addition(text, mapping, key, written)]
    start, end = node.start, _end(text, node)
    return [] if text[start:end] == written else [(start, end, written)]


def _addition(text: str, mapping: Entries, key: str, written: str) -> _Edit:
    neighbour, node = next(
        (name, below) for wanted in ("confidence", "we_believe") for name, below in mapping.pairs if name.text == wanted
    )
    end = _end(text, node)
    if text[mapping.start] == "{":
        return end, end, f", {key}: {written}"
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    newline = "\n"
    if text[line_end - 1] == "\r":
        line_end, newline = line_end - 1, "\r\n"
    indent = " " * ((neighbour.where.column or 1) - 1)
    return line_end, line_end, f"{newline}{indent}{key}: {written}"


def _end(text: str, node: Node) -> int:
    """Where the last character of a node stands; a block's own end mark lies behind the comments that follow."""
    if isinstance(node, Entries) and text[node.start] != "{" and node.pairs:
        return _end(text, node.pairs[-1][1])
    if isinstance(node, Items) and text[node.start] != "[" and node.nodes:
        return _end(text, node.nodes[-1])
    return node.start + len(text[node.start : node.end].rstrip())


def _applied(text: str, edits: Iterable[_Edit]) -> str:
    parts: list[str] = []
    at = 0
    for start, end, written in sorted(edits, key=lambda edit: edit[:2]):
        parts += [text[at:start], written]
        at = end
    return "".join([*parts, text[at:]])


def _flow(fields: dict[str, str]) -> str:
    return "{" + ", ".join(f"{key}: {written}" for key, written in fields.items()) + "}"


def _six(number: float) -> str:
    return number_text(float(f"{number:.6g}"))


def _check_interval(what: str, estimate: float, lower: float, upper: float) -> None:
    if not all(map(isfinite, (estimate, lower, upper))) or not lower <= estimate <= upper:
        raise InvalidPersonaError(
            f"{what} is {estimate!r} with the interval [{lower!r}, {upper!r}].",
            hint="an estimate is a number inside its interval.",
        )
