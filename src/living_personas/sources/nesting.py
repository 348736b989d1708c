"""What lies inside objects: a dotted name is a column in a column, where no column has that very name."""

from __future__ import annotations

from living_personas.domain.raw import shown
from living_personas.domain.settings import Source
from living_personas.sources.roles import EVERYTHING, travelling_columns
from living_personas.sources.rows import BadRowError, Row
from living_personas.sources.spelt_objects import as_object
from living_personas.sources.taken import taken

__all__ = ["inside", "reached"]

_INSIDE = f".{EVERYTHING}"


def reached(row: Row, source: Source, columns: tuple[str, ...]) -> tuple[Row, tuple[str, ...]]:
    """The row with what dotted names reach and what is taken beside its own columns, and the columns that travel.

    >>> from living_personas.domain.settings import SourceTime
    >>> source = Source(name="s", customer="who.id", time=SourceTime(column="at"), properties=("who.*",))
    >>> reached({"at": 1, "who": {"id": "u1", "plan": "pro"}}, source, ("who.id", "at"))[0]["who.id"]
    'u1'
    """
    found = {name: inside(row, name, whole=True) for name in columns if "." in name and name not in row}
    row = {**row, **found} if found else row
    if source.columns:
        row = {**row, **{each.name: taken(row.get(each.column), each) for each in source.columns}}
    opened = [name.removesuffix(_INSIDE) for name in source.properties if name.endswith(_INSIDE)]
    if not opened:
        return row, travelling_columns(source, tuple(row))
    travelling = [name for name in travelling_columns(source, tuple(row)) if not name.endswith(_INSIDE)]
    for name in opened:
        inner = _whole(as_object(row.get(name) if name in row else inside(row, name)), name)
        for key, said in inner.items() if isinstance(inner, dict) else ():
            if f"{name}.{key}" not in columns and key not in travelling:
                row = {**row, key: said}
                travelling.append(key)
    return row, tuple(travelling)


def inside(row: Row, name: str, *, whole: bool = False) -> object:
    """The value at the end of a dotted name; an array in which an object is meant is an empty object.

    An array of keys with their values is the object that it spells. ``whole`` refuses a text that begins as an object
    and is none.

    Raises
    ------
    BadRowError
        ``bad properties``, for what is no whole object.
    """
    found: object = row
    parts = name.split(".")
    while parts and isinstance(found := as_object(found), dict):
        taken = next((n for n in range(len(parts), 0, -1) if ".".join(parts[:n]) in found), 0)
        if not taken:
            return None
        found, parts = found[".".join(parts[:taken])], parts[taken:]
    if parts and whole:
        _whole(found, name)
    return None if parts else found


def _whole(found: object, name: str) -> object:
    """What an object was looked for in, unless it is one that was cut off: what it held would be lost."""
    if isinstance(found, str) and found.startswith("{"):
        raise BadRowError("bad properties", f"{name!r} is looked for in {shown(found)}, which is no whole object")
    return found
