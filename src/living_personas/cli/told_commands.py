"""Commands that could be typed, as a hint says them: each can be pasted, with what people call it."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["told_commands"]

_SHOWN = 8


def told_commands(command: str, found: Sequence[tuple[str, str]]) -> str:
    """A hint with a command for each of the words that could follow, and what people call what they are about.

    >>> told_commands("diff", [("regular", "Steady regular"), ("new", "")])
    'write `personas diff regular` (Steady regular), `personas diff new`.'
    """
    shown = [f"`personas {command} {words}`{f' ({called})' if called else ''}" for words, called in found[:_SHOWN]]
    more = [f"or any of {len(found) - _SHOWN:,} more"] if len(found) > _SHOWN else []
    return f"write {', '.join([*shown, *more])}."
