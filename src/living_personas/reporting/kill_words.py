"""The kill switch in words: who holds everything and since when, and who turned it before."""

from __future__ import annotations

from datetime import date, tzinfo

from living_personas.domain.kill_turn import KillTurn
from living_personas.loop.context import Context
from living_personas.memory.people_records import KILL_TURNS, KILLED
from living_personas.reporting.words import moment_text

__all__ = ["HELD", "held_words", "kill_turns", "turn_words", "turns_since"]

HELD = "everybody gets the present values, and nothing is applied"


def held_words(context: Context) -> str:
    """That everything is held, by whom and since when; empty while evidence goes on."""
    by = KILLED.read(context.store)
    if by is None:
        return ""
    last = kill_turns(context)[-1:]
    said = turn_words(last[0], context.zone) if last and last[0].on else f"{by} threw the kill switch"
    return f"{said}: {HELD}."


def kill_turns(context: Context) -> tuple[KillTurn, ...]:
    """Every turn of the switch, the oldest first."""
    return tuple(KILL_TURNS.all(context.store).values())


def turns_since(context: Context, first: date) -> tuple[str, ...]:
    """The turns of the switch since a day, in words, the oldest first."""
    turns = (each for each in kill_turns(context) if context.today(each.at) >= first)
    return tuple(turn_words(each, context.zone) for each in turns)


def turn_words(turn: KillTurn, zone: tzinfo) -> str:
    """One turn of the switch, by the clocks of the workspace.

    >>> from datetime import UTC, datetime
    >>> turn_words(KillTurn(on=True, by="Dana", at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC)), UTC)
    'Dana threw the kill switch on 2026-03-02 09:30'
    """
    did = "threw the kill switch" if turn.on else "let evidence go on"
    return f"{turn.by} {did} on {moment_text(turn.at.astimezone(zone))}"
