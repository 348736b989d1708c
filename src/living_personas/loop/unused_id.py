"""Ids for personas that the program writes: made of words, and never one that a persona had before."""

from __future__ import annotations

import re
from collections.abc import Collection
from unicodedata import combining, normalize

from living_personas.loop.context import Context

__all__ = ["unused_id"]


def unused_id(context: Context, words: str, *, longest: int, otherwise: str, taken: Collection[str] = ()) -> str:
    """The words as an id of at most ``longest`` characters and a number; ``otherwise`` where nothing is left of them.

    It is none of a persona in the files or in the history, and none of those ``taken``: what was learned of another
    persona would be taken for what is known of this one.
    """
    plain = "".join(sign for sign in normalize("NFKD", words.casefold()) if not combining(sign))
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:longest].rstrip("-") or otherwise
    known = {version.id for version in context.store.versions.latest()} | {each.id for each in context.personas}
    known |= {*taken}
    tries = (slug, *(f"{slug}-{number}" for number in range(2, len(known) + 3)))
    return next(each for each in tries if each not in known)
