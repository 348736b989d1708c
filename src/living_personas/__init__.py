"""Living Personas: personas as versioned documents that evidence rewrites."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from living_personas import simulate as simulate
    from living_personas.api.open_workspace import OpenWorkspace as OpenWorkspace
    from living_personas.api.open_workspace import open_workspace as open  # noqa: A004 - `lp.open` is how people open one
    from living_personas.api.refine_cells import refine_cells as refine_cells
    from living_personas.api.splits_by_response import splits_by_response as splits_by_response
    from living_personas.discovery.columns import Amount as Amount
    from living_personas.discovery.columns import Count as Count
    from living_personas.discovery.columns import Rate as Rate
    from living_personas.discovery.find import find_segments as find_segments
    from living_personas.reporting.split_words import SplitVerdict as SplitVerdict

__all__ = [
    "Amount",
    "Count",
    "Rate",
    "SplitVerdict",
    "__version__",
    "find_segments",
    "open",
    "refine_cells",
    "simulate",
    "splits_by_response",
]

__version__ = "0.1.0"

_PLACES = {
    "Amount": ("discovery.columns", "Amount"),
    "Count": ("discovery.columns", "Count"),
    "OpenWorkspace": ("api.open_workspace", "OpenWorkspace"),
    "Rate": ("discovery.columns", "Rate"),
    "SplitVerdict": ("reporting.split_words", "SplitVerdict"),
    "find_segments": ("discovery.find", "find_segments"),
    "open": ("api.open_workspace", "open_workspace"),
    "refine_cells": ("api.refine_cells", "refine_cells"),
    "splits_by_response": ("api.splits_by_response", "splits_by_response"),
}


def __getattr__(name: str) -> object:
    """Import the interface when it is first asked for, so that a part of it can be imported alone."""
    if name == "simulate":
        return import_module(f"{__name__}.simulate")
    if name not in _PLACES:
        raise AttributeError(
            f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}",
            name=name,
            obj=sys.modules[__name__],
        )
    module, attribute = _PLACES[name]
    found: object = getattr(import_module(f"{__name__}.{module}"), attribute)
    return found


def __dir__() -> list[str]:
    """All that there is, so that a notebook completes what is imported only when it is first used."""
    return sorted({*globals(), *_PLACES, "simulate"})
