"""``sources``: the exports that are recognised, and how each becomes events."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from living_personas.cli.options import Format
from living_personas.cli.screen import json_of, show
from living_personas.recipes.recipe import Recipe, recipe_named, recipes
from living_personas.reporting.page import Bullets, Code, Heading, Page, Table, Text

__all__ = ["sources"]

Which = Annotated[str, Parameter(help="One of them, with its mapping.")]


def sources(recipe: Which = "", /, *, form: Format = "table") -> None:
    """List the exports that `personas init --from` recognises, or show how the rows of one become events."""
    if recipe:
        found = recipe_named(recipe)
        show(form, lambda: _one(found), lambda: json_of(found, Recipe))
        return
    show(form, _all, lambda: json_of(recipes(), tuple[Recipe, ...]))


def _all() -> Page:
    rows = tuple((each.id, each.name, ", ".join(each.recognised_by), ", ".join(each.goal.events)) for each in recipes())
    return (
        Heading(text="Exports that are recognised", level=1),
        Table(columns=("recipe", "export", "recognised by the columns", "suggested goal"), rows=rows),
        Text(text="Begin with your file: `personas init FOLDER --from FILE`. One mapping: `personas sources RECIPE`."),
    )


def _one(found: Recipe) -> Page:
    return (
        Heading(text=found.name, level=1),
        Text(text=f"{found.export}. Its columns are documented at {found.documented}"),
        Bullets(
            items=(
                f"Recognised by the columns {', '.join(found.recognised_by)}.",
                f"Exposures: {found.exposures}",
                *found.unsettled,
                *(f"It cannot say (--{option}): {why}" for option, why in found.asks.items()),
            )
        ),
        Code(text=found.source_text("2026-01-01")),
    )
