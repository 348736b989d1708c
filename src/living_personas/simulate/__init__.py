"""A world with known truth: customers whose minds we made, so that what is learned of them can be checked.

>>> from living_personas import simulate
>>> world = simulate.World(simulate.demo_spec(seed=7, customers=500, days=3))
>>> decide = simulate.drawn(world)
>>> [world.live(day, decide).exposures.num_rows > 0 for day in world.days()]
[True, True, True]
>>> world.truth.attribute("budget-first-buyer", "framing").best_on(0)
'quality'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from living_personas.simulate.cells import cells_of as cells_of
    from living_personas.simulate.cells import drawn_cells as drawn_cells
    from living_personas.simulate.habits import Habits as Habits
    from living_personas.simulate.history_folder import WorldFolder as WorldFolder
    from living_personas.simulate.policies import believed as believed
    from living_personas.simulate.policies import drawn as drawn
    from living_personas.simulate.policies import replayed as replayed
    from living_personas.simulate.spec import Breakage as Breakage
    from living_personas.simulate.spec import Flip as Flip
    from living_personas.simulate.spec import Forgery as Forgery
    from living_personas.simulate.spec import Option as Option
    from living_personas.simulate.spec import PersonaSpec as PersonaSpec
    from living_personas.simulate.spec import Preference as Preference
    from living_personas.simulate.spec import Season as Season
    from living_personas.simulate.spec import SegmentSpec as SegmentSpec
    from living_personas.simulate.spec import TraitBelief as TraitBelief
    from living_personas.simulate.spec import WorldSpec as WorldSpec
    from living_personas.simulate.truth import Truth as Truth
    from living_personas.simulate.workspace_files import workspace_files as workspace_files
    from living_personas.simulate.world import World as World
    from living_personas.simulate.worlds import demo_spec as demo_spec
    from living_personas.simulate.worlds import hypothesis_spec as hypothesis_spec
    from living_personas.simulate.worlds import null_spec as null_spec
    from living_personas.simulate.worlds import world_spec as world_spec

_PLACES = {
    "Breakage": "spec",
    "Flip": "spec",
    "Forgery": "spec",
    "Habits": "habits",
    "Option": "spec",
    "PersonaSpec": "spec",
    "Preference": "spec",
    "Season": "spec",
    "SegmentSpec": "spec",
    "TraitBelief": "spec",
    "Truth": "truth",
    "World": "world",
    "WorldFolder": "history_folder",
    "WorldSpec": "spec",
    "believed": "policies",
    "cells_of": "cells",
    "demo_spec": "worlds",
    "drawn": "policies",
    "drawn_cells": "cells",
    "hypothesis_spec": "worlds",
    "null_spec": "worlds",
    "replayed": "policies",
    "workspace_files": "workspace_files",
    "world_spec": "worlds",
}

__all__ = [
    "Breakage",
    "Flip",
    "Forgery",
    "Habits",
    "Option",
    "PersonaSpec",
    "Preference",
    "Season",
    "SegmentSpec",
    "TraitBelief",
    "Truth",
    "World",
    "WorldFolder",
    "WorldSpec",
    "believed",
    "cells_of",
    "demo_spec",
    "drawn",
    "drawn_cells",
    "hypothesis_spec",
    "null_spec",
    "replayed",
    "workspace_files",
    "world_spec",
]


def __getattr__(name: str) -> object:
    """Import a part of the world when it is first asked for, so that the others can be imported alone."""
    if name not in _PLACES:
        raise AttributeError(name)
    found: object = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    return found
