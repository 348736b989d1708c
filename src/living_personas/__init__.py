"""Living Personas: personas as versioned documents that evidence rewrites."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from living_personas.api.workspace import OpenWorkspace as OpenWorkspace
    from living_personas.api.workspace import open_workspace as open  # noqa: A004 - `lp.open` is how people open one

__all__ = ["__version__", "open"]

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Import the interface when it is first asked for, so that a part of it can be imported alone."""
    from living_personas.api import workspace  # noqa: PLC0415 - see above

    known = {"open": workspace.open_workspace, "OpenWorkspace": workspace.OpenWorkspace}
    if name not in known:
        raise AttributeError(name)
    return known[name]
