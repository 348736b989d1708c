"""A persona file, read: the persona it means, in the words that the workspace knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from living_personas.domain.goal import Goal
from living_personas.domain.persona import Attribute, Persona, Trait
from living_personas.domain.settings import OF, Metric
from living_personas.domain.value import value
from living_personas.errors import LivingPersonasError, Location, did_you_mean
from living_personas.rules.parse import parse
from living_personas.workspace.default_features import is_default_name
from living_personas.workspace.file_problems import Problems, UnreadableError
from living_personas.workspace.file_records import Values
from living_personas.workspace.guardrail_shape import resolve_guardrails
from living_personas.workspace.nodes import Node
from living_personas.workspace.persona_shape import PERSONA

__all__ = ["Vocabulary", "check_rule", "nearest_name", "read_part", "read_persona"]


@value
class Vocabulary:
    """The names that ``workspace.yaml`` gives to the personas.

    ``columns`` are the features and source traits, or None while neither is declared: then every name may come to
    exist. With ``default_names`` the features are the default ones, whose names depend on events not seen yet.
    """

    goals: Mapping[str, Goal]
    metrics: Mapping[str, Metric]
    columns: frozenset[str] | None = None
    default_names: bool = False

    def knows(self, column: str) -> bool:
        """Whether a rule or trait may use this name."""
        if self.columns is None or column in self.columns:
            return True
        return self.default_names and is_default_name(column.removesuffix(OF))


def read_persona(node: Node, *, vocabulary: Vocabulary, problems: Problems) -> Persona:
    """The persona that a file means; a priority that is not stated is 0, for the workspace to settle."""
    of = PERSONA.read(node, problems)
    before = len(problems.found)
    _check_columns(of, vocabulary)
    guardrails = resolve_guardrails(of["guardrails"], metrics=vocabulary.metrics, problems=problems)
    goal = _goal(of, vocabulary)
    if len(problems.found) > before:
        raise UnreadableError
    try:
        return Persona(
            id=of["persona"],
            name=_name(of),
            who=of["who"],
            goal=goal,
            priority=int(of["priority"] or 0),
            sources=of["from"],
            channels=of["channels"],
            attributes=tuple(of["attributes"].values()),
            traits=tuple(of["traits"].values()),
            guardrails=guardrails,
            brief=of["brief"],
            picture=of["picture"],
        )
    except LivingPersonasError as error:
        of.refuse(_to_blame(of), error.message, hint=error.hint)


INHERITED = ("priority", "goal", "channels", "traits", "guardrails")
"""What a part of a persona does not say: it is the same for both."""


def read_part(node: Node, parents: Mapping[str, Persona], *, vocabulary: Vocabulary, problems: Problems) -> Persona:
    """The persona that a file with ``split_of`` means; ``parents`` are those that are part of no other, by id."""
    of = PERSONA.read(node, problems)
    before = len(problems.found)
    check_rule(of["who"], vocabulary=vocabulary, where=of.place("who"), problems=problems)
    parent = parents.get(of["split_of"])
    if parent is None:
        hint = did_you_mean(of["split_of"], parents, kind="persona")
        of.refuse("split_of", f"There is no persona {of['split_of']!r} that could have a part.", hint=hint)
    for key in filter(of.given, INHERITED):
        problems.add(of.place(key), f"A part has the `{key}` of {parent.id!r}.", hint=f"leave `{key}` out.")
    _check_owned(of, parent)
    if len(problems.found) > before:
        raise UnreadableError
    try:
        part = parent.divided(
            id_=of["persona"], name=_name(of), part=of["who"], attributes=tuple(of["attributes"].values())
        )
        parse(part.who)
        return replace(part, sources=of["from"], brief=of["brief"], picture=of["picture"])
    except LivingPersonasError as error:
        of.refuse("who", error.message, hint=error.hint)


def _check_owned(of: Values, parent: Persona) -> None:
    """A part owns some of the attributes that are chosen for the whole, and is not divided any further."""
    known, owned = {each.name for each in parent.attributes}, of["attributes"]
    if not owned:
        of.problems.add(of.place("split_of"), "A part owns no attribute.", hint=f"name one of {parent.id!r}'s.")
    for name, attribute in owned.items():
        if name not in known:
            of.problems.add(
                of.place("attributes", name),
                f"{parent.id!r} has no attribute {name!r}.",
                hint=did_you_mean(name, known, kind="attribute"),
            )
        if attribute.splits != "off":
            of.problems.add(
                of.place("attributes", name, "splits"), "A part is not divided further.", hint="leave `splits` out."
            )


def _name(of: Values) -> str:
    named: str = of["name"] or of["persona"].replace("-", " ").replace("_", " ").capitalize()
    return named


def _goal(of: Values, vocabulary: Vocabulary) -> Goal:
    stated: Goal | str = of["goal"]
    if isinstance(stated, Goal):
        return stated
    known = vocabulary.goals.get(stated)
    if known is None:
        hint = (
            did_you_mean(stated, vocabulary.goals)
            if vocabulary.goals
            else f"declare it under `goals` of workspace.yaml, or write `goal: {{event: {stated}, within: 7 days}}`."
        )
        of.refuse("goal", f"There is no goal {stated!r} in workspace.yaml.", hint=hint)
    return known


def _check_columns(of: Values, vocabulary: Vocabulary) -> None:
    check_rule(of["who"], vocabulary=vocabulary, where=of.place("who"), problems=of.problems)
    traits: Mapping[str, Trait] = of["traits"]
    for name in traits:
        if not vocabulary.knows(name):
            of.problems.add(
                of.place("traits", name),
                f"The trait {name!r} is measured by the feature of this name, and there is none.",
                hint=nearest_name(name, vocabulary),
            )


def check_rule(rule: str, *, vocabulary: Vocabulary, where: Location, problems: Problems, also: str = "") -> None:
    """Note every name of a rule that nobody gave; it may use the name ``also``."""
    for name, _ in parse(rule).columns:
        if name != also and not vocabulary.knows(name):
            quoted = f" A text is written in single quotes: '{name}'." if f'"{name}"' in rule else ""
            problems.add(
                where,
                f"The rule uses {name!r}, which is neither a feature nor a trait of a source.",
                hint=nearest_name(name, vocabulary) + quoted,
            )


def nearest_name(name: str, vocabulary: Vocabulary) -> str:
    """What to do about a name that nobody gave."""
    hint = did_you_mean(name, vocabulary.columns or (), kind="feature")
    return hint if hint.startswith("did") else f"declare it under `features` or `traits` of workspace.yaml; {hint}"


def _to_blame(of: Values) -> str:
    attributes: Mapping[str, Attribute] = of["attributes"]
    per_channel = any(attribute.per == "channel" for attribute in attributes.values())
    return "attributes" if per_channel and not of["channels"] else "persona"
