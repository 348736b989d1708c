"""A time zone, as a file may name it."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from living_personas.errors import InvalidSettingsError, Location, did_you_mean
from living_personas.workspace.shapes import PlainText

__all__ = ["ZONE"]


def _zone(text: str, where: Location) -> None:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidSettingsError(f"There is no time zone {text!r}.", hint=_nearest_zone(text), where=where) from None


def _nearest_zone(text: str) -> str:
    hint = did_you_mean(text, available_timezones(), kind="time zone")
    return hint if hint.startswith("did") else "write it like 'Europe/Berlin' or 'UTC'."


ZONE = PlainText(check=_zone, example="Europe/Berlin")
