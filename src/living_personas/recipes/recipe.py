"""A recipe: how an export that people have is recognised, and how its rows become events. Each is one YAML file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Template

from living_personas.domain.settings import Source
from living_personas.domain.value import value
from living_personas.errors import by_name
from living_personas.workspace.file_problems import Problems
from living_personas.workspace.file_records import REQUIRED, FileKey, FileRecord, ListOf, MapOf, Values
from living_personas.workspace.file_words import RULE
from living_personas.workspace.nodes import parse_yaml
from living_personas.workspace.shapes import NAME, TEXT
from living_personas.workspace.source_shape import SOURCE

__all__ = ["FirstPersona", "Recipe", "SuggestedGoal", "recipe_named", "recipes"]

_ANY_DAY = "2026-01-01"


@value
class SuggestedGoal:
    """The events that may be the success of a workspace, the likeliest first, and the property of their worth."""

    events: tuple[str, ...]
    value: str | None = None


@value
class FirstPersona:
    """A persona to begin with, for people to edit."""

    id: str
    name: str
    who: str
    why: str


@value
class Recipe:
    """An export that people have.

    ``recognised_by`` are columns that such a file has, dotted ones inside others. ``exposures`` says which it brings,
    ``asks`` what the file cannot say, by the option of `personas init` that does. ``unsettled`` is what the sources
    leave open, as only a person knows it. ``text`` holds the sources as they are written into a workspace, with
    ``$day`` where the day is not in the file.
    """

    id: str
    name: str
    export: str
    documented: str
    recognised_by: tuple[str, ...]
    sources: tuple[Source, ...]
    goal: SuggestedGoal
    persona: FirstPersona
    exposures: str
    asks: Mapping[str, str]
    unsettled: tuple[str, ...]
    text: str

    def source_text(self, day: str) -> str:
        """The block of each source, for a file whose rows say no day."""
        return Template(self.text).safe_substitute(day=day)


@cache
def recipes() -> tuple[Recipe, ...]:
    """All recipes that come with the program, by name."""
    folder = files(__package__).joinpath("exports")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    found = (_read(name, folder.joinpath(name).read_text(encoding="utf-8")) for name in names)
    return tuple(sorted(found, key=lambda recipe: recipe.name))


def recipe_named(id_: str) -> Recipe:
    """The recipe of this id.

    >>> recipe_named("shopify").recognised_by[:2]
    ('Name', 'Email')
    """
    known = {recipe.id: recipe for recipe in recipes()}
    return by_name("recipe", id_, known)


def _read(name: str, text: str) -> Recipe:
    problems = Problems()
    node = parse_yaml(Template(text).safe_substitute(day=_ANY_DAY), file=name, problems=problems)
    of = _RECIPE.read(node, problems)
    problems.raise_if_any()
    _, _, block = text.partition("\nsources:\n")
    return Recipe(
        id=name.removesuffix(".yaml"),
        sources=tuple(of["sources"].values()),
        text=re.split(r"^\S", block, maxsplit=1, flags=re.MULTILINE)[0],
        **{key.name: of[key.name] for key in _RECIPE.keys if key.name != "sources"},
    )


def _itself(of: Values) -> Values:
    return of


_TEXTS = ListOf(item=TEXT, at_least=1)

_GOAL = FileRecord(
    what="a suggested goal",
    keys=(
        FileKey(name="events", shape=_TEXTS, about="The events that may be it, the likeliest first.", default=REQUIRED),
        FileKey(name="value", shape=NAME, about="The property that holds what each is worth."),
    ),
    build=lambda of: SuggestedGoal(events=of["events"], value=of["value"]),
    example="`{events: [Order Completed], value: revenue}`.",
)

_PERSONA = FileRecord(
    what="a first persona",
    keys=(
        FileKey(name="id", shape=NAME, about="Its id.", default=REQUIRED),
        FileKey(name="name", shape=TEXT, about="Its name.", default=REQUIRED),
        FileKey(name="who", shape=RULE, about="Its rule.", default=REQUIRED),
        FileKey(name="why", shape=TEXT, about="One sentence.", default=REQUIRED),
    ),
    build=lambda of: FirstPersona(id=of["id"], name=of["name"], who=of["who"], why=of["why"]),
    example="`{id: light-user, name: Light user, who: active_days_28d <= 3, why: A sentence.}`.",
)

_RECIPE = FileRecord(
    what="a recipe",
    keys=(
        FileKey(name="name", shape=TEXT, about="What the export is called.", default=REQUIRED),
        FileKey(name="export", shape=TEXT, about="Where one gets it.", default=REQUIRED),
        FileKey(name="documented", shape=TEXT, about="The page that documents its columns.", default=REQUIRED),
        FileKey(name="recognised_by", shape=_TEXTS, about="Columns that such a file has.", default=REQUIRED),
        FileKey(name="goal", shape=_GOAL, about="The goal that it suggests.", default=REQUIRED),
        FileKey(name="persona", shape=_PERSONA, about="A persona to begin with.", default=REQUIRED),
        FileKey(name="exposures", shape=TEXT, about="Which exposures it can bring.", default=REQUIRED),
        FileKey(
            name="asks",
            shape=MapOf(name=NAME, item=TEXT, what="what the file cannot say", example="`zone: a sentence`"),
            about="What the file cannot say, by the option of `personas init` that does.",
            default={},
        ),
        FileKey(name="unsettled", shape=_TEXTS, about="What only a person knows, and sources leave open.", default=()),
        FileKey(
            name="sources",
            shape=MapOf(name=NAME, item=SOURCE, what="sources by name", example="`shop: {customer: id, time: at}`"),
            about="How its rows become events.",
            default=REQUIRED,
        ),
    ),
    build=_itself,
    example="`name: Shopify orders`.",
)
