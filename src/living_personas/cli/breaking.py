"""What is to go wrong in a world, as words on a command line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import get_args

from living_personas.errors import InvalidWorldError, UnknownNameError, by_name, check_name
from living_personas.simulate.behaviour import ORDER
from living_personas.simulate.spec import FORGED, Breakage, BreakageKind, Forgery, WorldSpec

__all__ = ["breakages_of", "forgeries_of"]

_KINDS: dict[str, BreakageKind] = {kind.replace(" ", "-"): kind for kind in get_args(BreakageKind)}
_DAYS = re.compile(r"(\d+)(?:-(\d+))?")


def breakages_of(written: Sequence[str], spec: WorldSpec) -> tuple[Breakage, ...]:
    """Breakages written as KIND:FIRST-LAST[:WHAT], days counted from 0.

    WHAT is the channel that goes silent, the attribute/option that loses exposures, or else the event that breaks.

    Raises
    ------
    InvalidWorldError, UnknownNameError
        If one cannot be read, or names what the world does not have.
    """
    return tuple(_breakage(each, spec) for each in written)


def forgeries_of(written: Sequence[str], spec: WorldSpec) -> tuple[Forgery, ...]:
    """Forgeries written as ATTRIBUTE/OPTION:FIRST-LAST[:SHARE]: of the option's exposures, 2 % unless said."""
    return tuple(_forgery(each, spec) for each in written)


def _breakage(written: str, spec: WorldSpec) -> Breakage:
    name, days, what = _parts(written, "write KIND:FIRST-LAST[:WHAT], such as half:30-36.")
    kind = by_name("breakage", name, _KINDS)
    first, last = _days(days, written)
    if kind == "45/55 split":
        attribute, option = _option(what, written, spec)
        return Breakage(kind=kind, first=first, last=last, attribute=attribute, option=option)
    if kind == "channel gone":
        known = [channel for channel, _ in spec.channels]
        if what and what not in known:
            raise UnknownNameError.among("channel", what, known)
        return Breakage(kind=kind, first=first, last=last, channel=what or known[0])
    return Breakage(kind=kind, first=first, last=last, event=what or ORDER)


def _forgery(written: str, spec: WorldSpec) -> Forgery:
    way_out = "write ATTRIBUTE/OPTION:FIRST-LAST[:SHARE], such as framing/quality:10-40:0.02."
    what, days, share = _parts(written, way_out)
    attribute, option = _option(what, written, spec)
    first, last = _days(days, written)
    try:
        forged = float(share or FORGED)
    except ValueError as error:
        raise InvalidWorldError(f"The share {share!r} of {written!r} is no number.", hint=way_out) from error
    if not 0 < forged <= 1:
        raise InvalidWorldError(f"{written!r} forges the share {forged!r}.", hint="write a share above 0, up to 1.")
    return Forgery(attribute=attribute, option=option, first=first, last=last, share=forged)


def _parts(written: str, way_out: str) -> tuple[str, str, str]:
    name, between, rest = written.partition(":")
    days, _, what = rest.partition(":")
    if not between or not name:
        raise InvalidWorldError(f"{written!r} does not say on which days.", hint=way_out)
    return name, days, what


def _days(days: str, written: str) -> tuple[int, int]:
    found = _DAYS.fullmatch(days)
    if found is None:
        raise InvalidWorldError(f"{days!r} in {written!r} are no days.", hint="count them from 0, such as 30-36.")
    first, last = int(found[1]), int(found[2] or found[1])
    if last < first:
        raise InvalidWorldError(f"{written!r} ends before it begins.", hint="write the first day first.")
    return first, last


def _option(what: str, written: str, spec: WorldSpec) -> tuple[str, str]:
    attribute, between, option = what.partition("/")
    options = {
        preference.attribute: [each.name for each in preference.options]
        for persona in spec.personas
        for preference in persona.preferences
    }
    if not between:
        raise InvalidWorldError(f"{written!r} names no option.", hint="write it as attribute/option.")
    check_name("attribute", attribute, options)
    check_name("option", option, options[attribute])
    return attribute, option
