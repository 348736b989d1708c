"""Which export a file is: by its columns, whatever its name."""

from __future__ import annotations

from living_personas.errors import IngestError, Location
from living_personas.recipes.first_rows import FirstRows
from living_personas.recipes.recipe import Recipe, recipes

__all__ = ["recognise"]


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
