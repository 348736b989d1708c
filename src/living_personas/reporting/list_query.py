"""Long lists of pages: searched, filtered, sorted, grouped and paged as somebody asks; one way for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import TypeAlias, TypeVar

from living_personas.domain.value import value
from living_personas.errors import UnknownNameError

__all__ = ["Choices", "Groups", "ListQuery", "arranged", "asked_of", "page_of"]

Item = TypeVar("Item")
Groups: TypeAlias = tuple[tuple[str, tuple[Item, ...]], ...]
"""Items by the title of their group; the title is empty where they are not grouped."""


@value
class Choices:
    """What may be asked of a list ``of`` something: orders, filters and groups, each with what people read.

    The first order, filter and group are those of who asks for nothing.
    """

    of: str
    sorts: Mapping[str, str]
    only: Mapping[str, str]
    groups: Mapping[str, str]


@value
class ListQuery:
    """What somebody wants to see: words that must all be found, names of ``Choices``, and a page from 1 on."""

    words: tuple[str, ...]
    sort: str
    only: str
    group: str
    page: int = 1


def asked_of(query: Mapping[str, str], choices: Choices) -> ListQuery:
    """What the address of a page asks for: ``q``, ``sort``, ``only``, ``group``, ``page``.

    Raises
    ------
    UnknownNameError
        If it asks for what there is not.
    """
    named: dict[str, str] = {}
    for name, what, known in (
        ("sort", "sort", choices.sorts),
        ("only", "filter", choices.only),
        ("group", "group", choices.groups),
    ):
        said, first = query.get(name), next(iter(known))
        named[name] = first if said is None or (not said and "" not in known) else said
        if named[name] not in known:
            raise UnknownNameError.among(f"{what} of {choices.of}", named[name], [each for each in known if each])
    page = query.get("page", "1")
    return ListQuery(
        words=tuple(query.get("q", "")[:200].casefold().split()),
        page=max(int(page), 1) if page.isascii() and page.isdecimal() and len(page) < 6 else 1,
        **named,
    )


def arranged(
    items: Iterable[Item],
    asked: ListQuery,
    *,
    text: Callable[[Item], str],
    kinds: Callable[[Item], Iterable[str]],
    order: Callable[[Item], tuple[object, ...]],
    titles: Callable[[Item], Sequence[str]],
) -> Groups[Item]:
    """The items that are asked for, by the title of their group, in order of the titles.

    Parameters
    ----------
    text
        Everything of an item that somebody may look for.
    kinds
        The filters that an item passes.
    order
        What it is sorted by.
    titles
        The groups that it is in, one for each; asked for only if the list is grouped.
    """
    found = [item for item in items if _is_asked_for(item, asked, text, kinds)]
    found.sort(key=order)
    if not asked.group:
        return (("", tuple(found)),) if found else ()
    groups: dict[str, list[Item]] = {}
    for item in found:
        for title in titles(item):
            groups.setdefault(title, []).append(item)
    return tuple((title, tuple(groups[title])) for title in sorted(groups))


def page_of(groups: Groups[Item], page: int, *, size: int) -> Groups[Item]:
    """One page of so many items, counted from 1; a group that begins on an earlier page has its title again.

    >>> page_of((("a", (1, 2, 3)), ("b", (4,))), 2, size=2)
    (('a', (3,)), ('b', (4,)))
    """
    flat = [(title, item) for title, items in groups for item in items][(page - 1) * size : page * size]
    return tuple((title, tuple(item for _, item in pairs)) for title, pairs in groupby(flat, key=lambda pair: pair[0]))


def _is_asked_for(
    item: Item, asked: ListQuery, text: Callable[[Item], str], kinds: Callable[[Item], Iterable[str]]
) -> bool:
    if asked.only and asked.only not in kinds(item):
        return False
    if not asked.words:
        return True
    said = text(item).casefold()
    return all(word in said for word in asked.words)
