"""How a JSON file holds its rows: as lines, as one array, one after the other, or inside pages of an API."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Literal

from living_personas.domain.value import value

__all__ = ["JsonLayout", "is_paging", "layout_of"]

_PAGING = frozenset(
    {
        "object", "url", "kind", "etag", "self", "href", "links", "link", "meta", "metadata", "included", "jsonapi",
        "hasmore", "more", "done", "next", "nextlink", "nexturl", "nextpage", "nextpageurl", "nextpagetoken",
        "nextcursor", "nextrecordsurl", "previous", "prev", "previouspage", "prevpage", "first", "last", "cursor",
        "cursors", "after", "before", "offset", "limit", "page", "pages", "pageinfo", "pagesize", "perpage", "paging",
        "pagination", "count", "size", "total", "totalcount", "totalitems", "totalsize", "totalpages", "totalrecords",
        "status", "success", "ok", "code", "message", "error", "errors", "warnings", "requestid", "took", "timedout",
        "odatacontext", "odatacount", "odatanextlink", "version", "exportedat", "generatedat", "shards", "scrollid",
        "pitid", "maxscore", "start", "numfound", "numfoundexact", "responseheader",
    }
)  # fmt: skip
"""What stands around the rows of a page and belongs to none of them, in small letters alone."""
_KEY = re.compile(r'[ \t\r\n,]*"(?P<key>[^"\\]*)"[ \t\r\n]*:[ \t\r\n]*')
_OBJECTS = re.compile(r"\[[ \t\r\n]*\{")
_MARK = "\x1e"
"""Stands before each object of a sequence of RFC 7464."""
_BEFORE = " \t\r\n" + _MARK
_ALIKE = 5
"""Objects of an object that are looked at to see whether they are alike."""
_decode = json.JSONDecoder().raw_decode


@value
class JsonLayout:
    """Where the rows are.

    ``lines``: an object a line. ``array``: the items of one array, or of several. ``objects``: objects one after the
    other, however lines part them. ``pages``: such objects, of which each has its rows in the array under ``keys``.
    ``by name``, ``by column``: one object, of which ``keys`` are the first names or columns. ``unknown``: one object
    over several lines.
    """

    kind: Literal["lines", "array", "objects", "pages", "by name", "by column", "unknown"]
    keys: tuple[str, ...] = ()


def layout_of(text: str, *, explode: str = "") -> JsonLayout:
    r"""Where the rows are in a file that begins like this.

    ``explode`` is the array that the source takes apart itself: what stands around it is a row.

    >>> layout_of('{"data": [{"id": 1}], "next": null}')
    JsonLayout(kind='pages', keys=('data',))
    >>> layout_of('{"took": 3, "hits": {"total": 1, "hits": [{"_id": "a"}]}}').keys
    ('hits', 'hits')
    >>> layout_of('{"id": 1, "items": [{"sku": 2}]}').kind, layout_of('{"id": 1}{"id": 2}').kind
    ('lines', 'objects')
    >>> layout_of('{"u1": {"at": 1}, "u2": {"at": 2}}').kind, layout_of('{"at": {"0": 1}, "event": {"0": 2}}').kind
    ('by name', 'by column')
    """
    begins = text.lstrip(_BEFORE)
    if begins[:1] == "[":
        return JsonLayout(kind="array")
    try:
        first, end = _decode(begins)
    except (json.JSONDecodeError, RecursionError):
        first, end, keys = None, 0, _keys_at_the_beginning(begins, 1)
    else:
        keys = _keys_of(first) if isinstance(first, dict) else ()
    following = begins[end:].lstrip(_BEFORE + ",")[:1] if end else ""
    if following != "{" and (named := _named(begins)):
        return named
    if keys and keys[0] != explode.partition(".")[0]:
        return JsonLayout(kind="pages", keys=keys)
    marked = _MARK in text[: len(text) - len(begins)]
    if marked or (following == "{" and ("\n" in begins[:end] or begins[end:].lstrip(" \t,")[:1] == "{")):
        return JsonLayout(kind="objects")
    one_line = begins.partition("\n")[0].strip() != "{"
    return JsonLayout(kind="lines" if one_line else "unknown")


def is_paging(key: str) -> bool:
    """Whether a key stands around the rows of a page."""
    return re.sub("[^a-z]", "", key.lower()) in _PAGING


def _keys_of(page: Mapping[str, object]) -> tuple[str, ...]:
    """Under which keys, one in the other, a page has its array of rows; none if it is no page."""
    others = [key for key in page if not is_paging(key)]
    rows = page[others[0]] if len(others) == 1 else None
    if isinstance(rows, dict):
        inside = _keys_of(rows)
        return (others[0], *inside) if inside else ()
    return (others[0],) if isinstance(rows, list) and all(isinstance(row, dict) for row in rows) else ()


def _keys_at_the_beginning(text: str, place: int) -> tuple[str, ...]:
    """The same of a page that goes on, of which the first key stands at ``place``."""
    while found := _KEY.match(text, place):
        key, place = found["key"], found.end()
        if not is_paging(key):
            inside = _keys_at_the_beginning(text, place + 1) if text[place : place + 1] == "{" else ()
            return (key, *inside) if inside or _OBJECTS.match(text, place) else ()
        try:
            _, place = _decode(text, place)
        except (json.JSONDecodeError, RecursionError):
            return ()
    return ()


def _named(text: str) -> JsonLayout | None:
    """The layout of one object of objects that are alike: rows by name, or columns by the numbers of their rows."""
    names, keys = list[str](), list[frozenset[str]]()
    place = 1
    while len(names) < _ALIKE and (found := _KEY.match(text, place)):
        try:
            said, place = _decode(text, found.end())
        except (json.JSONDecodeError, RecursionError):
            break
        if not isinstance(said, dict):
            return None
        names.append(found["key"])
        keys.append(frozenset(said))
    alike = len(keys) > 1 and all(2 * len(each & keys[0]) > len(each | keys[0]) for each in keys)
    if not alike:
        return None
    numbered = keys[0] == frozenset(map(str, range(len(keys[0]))))
    return JsonLayout(kind="by column" if numbered else "by name", keys=tuple(names))
