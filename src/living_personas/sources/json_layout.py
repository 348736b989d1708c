"""How a JSON file holds its rows: as lines, as one array, one after the other, or inside pages of an API."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Literal

from living_personas.domain.value import value

__all__ = ["JsonLayout", "layout_of"]

_PAGING = frozenset(
    {
        "object", "url", "kind", "etag", "self", "href", "links", "link", "meta", "metadata", "included", "jsonapi",
        "hasmore", "more", "done", "next", "nextlink", "nexturl", "nextpage", "nextpageurl", "nextpagetoken",
        "nextcursor", "nextrecordsurl", "previous", "prev", "previouspage", "prevpage", "first", "last", "cursor",
        "cursors", "after", "before", "offset", "limit", "page", "pages", "pageinfo", "pagesize", "perpage", "paging",
        "pagination", "count", "size", "total", "totalcount", "totalitems", "totalsize", "totalpages", "totalrecords",
        "status", "success", "ok", "code", "message", "error", "errors", "warnings", "requestid", "took", "timedout",
        "odatacontext", "odatacount", "odatanextlink", "version", "exportedat", "generatedat",
    }
)  # fmt: skip
"""What stands around the rows of a page and belongs to none of them, in small letters alone."""
_KEY = re.compile(r'[ \t\r\n,]*"(?P<key>[^"\\]*)"[ \t\r\n]*:[ \t\r\n]*')
_OBJECTS = re.compile(r"\[[ \t\r\n]*\{")
_decode = json.JSONDecoder().raw_decode


@value
class JsonLayout:
    """Where the rows are.

    ``lines``: an object a line. ``array``: the items of one array. ``objects``: objects one after the other, however
    lines part them. ``pages``: such objects, of which each has its rows in the array ``key``. ``unknown``: one object
    over several lines.
    """

    kind: Literal["lines", "array", "objects", "pages", "unknown"]
    key: str = ""


def layout_of(text: str, *, explode: str = "") -> JsonLayout:
    r"""Where the rows are in a file that begins like this.

    ``explode`` is the array that the source takes apart itself: what stands around it is a row.

    >>> layout_of('{"data": [{"id": 1}], "next": null}')
    JsonLayout(kind='pages', key='data')
    >>> layout_of('{"id": 1, "items": [{"sku": 2}]}').kind, layout_of('{"id": 1}{"id": 2}').kind
    ('lines', 'objects')
    """
    begins = text.lstrip()
    if begins[:1] == "[":
        return JsonLayout(kind="array")
    try:
        first, end = _decode(begins)
    except (json.JSONDecodeError, RecursionError):
        first, end, key = None, 0, _key_at_the_beginning(begins)
    else:
        key = _key_of(first) if isinstance(first, dict) else ""
    if key and key != explode.partition(".")[0]:
        return JsonLayout(kind="pages", key=key)
    one_line = begins.partition("\n")[0].strip() != "{"
    following = begins[end:].lstrip(" \t\r\n,")[:1] if end else ""
    if following == "{" and ("\n" in begins[:end] or begins[end:].lstrip(" \t,")[:1] == "{"):
        return JsonLayout(kind="objects")
    return JsonLayout(kind="lines" if one_line else "unknown")


def _key_of(page: Mapping[str, object]) -> str:
    """The array of rows in a page; empty if it is none."""
    others = [key for key in page if not _is_paging(key)]
    rows = page[others[0]] if len(others) == 1 else None
    return others[0] if isinstance(rows, list) and all(isinstance(row, dict) for row in rows) else ""


def _key_at_the_beginning(text: str) -> str:
    """The array of rows in a page that goes on; empty if what begins is none."""
    place = 1
    while found := _KEY.match(text, place):
        if not _is_paging(found["key"]):
            return found["key"] if _OBJECTS.match(text, found.end()) else ""
        try:
            _, place = _decode(text, found.end())
        except (json.JSONDecodeError, RecursionError):
            return ""
    return ""


def _is_paging(key: str) -> bool:
    return re.sub("[^a-z]", "", key.lower()) in _PAGING
