"""Columns by name, as a rule writes them."""

from __future__ import annotations

import re

from living_personas.rules.hints import RESERVED

__all__ = ["quoted"]


def quoted(name: str) -> str:
    """A column's name as a rule writes it.

    >>> quoted("sessions_28d"), quoted("order value"), quoted("end")
    ('sessions_28d', '"order value"', '"end"')
    """
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) and name.lower() not in RESERVED | {"true", "false", "null"}
    return name if plain else '"' + name.replace('"', '""') + '"'
