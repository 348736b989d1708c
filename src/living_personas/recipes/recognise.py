"""Which export a file is: by its columns, whatever its name; or which it nearly is."""

from __future__ import annotations

from living_personas.errors import IngestError, Location
from living_personas.recipes.first_rows import FirstRows
from living_personas.recipes.recipe import Recipe, recipes

__all__ = ["nearly", "recognise"]


def recognise(found: FirstRows) -> Recipe | None:
    """The recipe of a file: all its columns are there, and they are more than those of any other; None without one.

    Raises
    ------
    IngestError
        If two recipes fit equally well: then a person has to say.
    """
    fitting = [recipe for recipe in recipes() if all(map(found.has, recipe.recognised_by))]
    if not fitting:
        return None
    most = max(len(recipe.recognised_by) for recipe in fitting)
    best = [recipe for recipe in fitting if len(recipe.recognised_by) == most]
    if len(best) > 1:
        names = " and ".join(recipe.name for recipe in best)
        raise IngestError(
            f"The file {found.file.name!r} may be {names}.",
            hint="write its source into workspace.yaml by hand: `personas sources` shows both mappings.",
            where=Location(file=found.file.as_posix()),
        )
    return best[0]


def nearly(found: FirstRows) -> tuple[Recipe, tuple[str, ...]] | None:
    """The recipe of which a file has most columns, if it is two thirds and three or more, and those that it lacks."""
    lacks = [(recipe, tuple(name for name in recipe.recognised_by if not found.has(name))) for recipe in recipes()]
    near = [
        (recipe, names)
        for recipe, names in lacks
        if 3 * len(names) <= len(recipe.recognised_by) and len(recipe.recognised_by) - len(names) >= _FEWEST
    ]
    return min(near, key=lambda each: len(each[1]) / len(each[0].recognised_by)) if near else None


_FEWEST = 3
"""Columns in common: fewer, such as `id` and `Email`, are everybody's."""
