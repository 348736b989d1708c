"""The weights that another tool drew a variation with: a table of shares, named by what it holds."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from hashlib import sha256

from living_personas.domain.event import Event, Json
from living_personas.domain.raw import shown
from living_personas.domain.value import value
from living_personas.sources.rows import BadRowError

__all__ = ["ShareTable", "drawn_with", "tables_of"]

_NAMES = ("variationWeights", "variation_weights")
_VIEWED = "viewed/"
_ROOM = 1e-6
"""How far a sum of printed shares may be off."""


@value
class ShareTable:
    """The table of shares that an option was drawn from; the same shares always have the same name."""

    policy: str
    shares: Mapping[str, float]


def drawn_with(properties: Mapping[str, Json], *, attribute: str, option: str) -> ShareTable | None:
    """The table that an option was drawn from; None if no weights are given.

    Weights are given by name (``{"discount": 0.5, "quality": 0.5}``), or as a list beside the list ``variations`` of
    names; without names the variations are called 0, 1, 2 ...

    >>> drawn_with({"variationWeights": [0.2, 0.8]}, attribute="framing", option="1").shares
    {'0': 0.2, '1': 0.8}

    Raises
    ------
    BadRowError
        If they are no shares, or the option is not among them.
    """
    said = next((properties[name] for name in _NAMES if properties.get(name) is not None), None)
    if said is None:
        return None
    shares = {name: _share(name, weight) for name, weight in _by_name(said, properties.get("variations"))}
    total = math.fsum(shares.values())
    if total > 1 + _ROOM:
        raise _bad(f"the weights add up to {total:.6g}; shares add up to at most 1")
    if not shares.get(option):
        raise _bad(f"variation {option!r} was met, and its weight is {shares.get(option)!r}; there are {shown(said)}")
    drawn = {name: share for name, share in shares.items() if share > 0}
    digest = sha256(json.dumps(drawn, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return ShareTable(policy=f"{_VIEWED}{attribute}/{digest}", shares=drawn)


def tables_of(events: Iterable[Event]) -> dict[str, dict[str, float]]:
    """The tables that the exposures of events were drawn from elsewhere, by policy."""
    found = {}
    for event in events:
        for exposure in event.exposures:
            if exposure.policy.startswith(_VIEWED):
                drawn = drawn_with(event.properties or {}, attribute=exposure.attribute, option=exposure.option)
                found.update({drawn.policy: dict(drawn.shares)} if drawn else {})
    return found


def _by_name(said: Json, names: Json) -> Iterable[tuple[str, Json]]:
    if isinstance(said, dict):
        return said.items()
    if not isinstance(said, list):
        raise _bad(f"the weights are {shown(said)}; give them by name, or as a list")
    if names is None:
        return [(str(number), weight) for number, weight in enumerate(said)]
    if not isinstance(names, list) or len(names) != len(said) or len({*map(str, names)}) != len(names):
        raise _bad(f"there are {len(said)} weights, and the variations are {shown(names)}; name each once")
    return [(str(name).strip(), weight) for name, weight in zip(names, said, strict=True)]


def _share(name: str, weight: Json) -> float:
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight <= 1:
        raise _bad(f"the weight of {name!r} is {shown(weight)}, which is no share from 0 to 1")
    return float(weight)


def _bad(detail: str) -> BadRowError:
    return BadRowError("bad propensity", detail)
