"""What to show one customer now: a rule match plus a hash."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import md5
from zoneinfo import ZoneInfo

from living_personas.deciding.assign import in_holdout
from living_personas.deciding.drawer import Drawer
from living_personas.domain.decision import UNMATCHED, Decision
from living_personas.domain.snapshot import Snapshot, SnapshotPersona
from living_personas.rules.closure import compile_rule
from living_personas.rules.parse import parse

__all__ = ["Decider"]

_EPOCH_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Decider:
    """Decides under one snapshot; compiling its rules is done once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._zone = ZoneInfo(snapshot.time_zone)
        self._rules: list[tuple[SnapshotPersona, Callable[[Mapping[str, object]], bool | None]]] = [
            (persona, compile_rule(parse(persona.who))) for persona in snapshot.personas
        ]
        self._named = f"{snapshot.salt}|decision|{snapshot.number}|"
        self._drawers = {persona.persona: _by_channel(persona, snapshot) for persona in snapshot.personas}

    def persona_of(self, known: Mapping[str, object]) -> SnapshotPersona | None:
        """The first persona whose rule is true for what is known of a customer."""
        for persona, rule in self._rules:
            if rule(known):
                return persona
        return None

    def decide(
        self,
        customer: str,
        known: Mapping[str, object],
        *,
        at: datetime,
        channel: str = "",
        visit: str = "",
        campaign: str = "",
        only: Collection[str] | None = None,
    ) -> Decision:
        """Choose every attribute of the customer's persona that has a say on ``channel``.

        Parameters
        ----------
        customer
            Known or anonymous id.
        known
            Features and traits by name; what is missing counts as unknown.
        at
            The moment of the decision, with a time zone.
        channel, visit, campaign
            Where and on which occasion; needed by attributes per channel, visit or campaign.
        only
            The attributes to choose; all of them unless given.

        Raises
        ------
        InvalidDecisionError
            If an attribute needs a visit or campaign that is not given.
        """
        persona = self.persona_of(known)
        is_held_out = in_holdout(self.snapshot, customer)
        day = at.astimezone(self._zone).date()
        drawers = self._drawers_for(persona, channel) if persona else ()
        choices = [
            drawer.choice(customer, day=day, held_out=is_held_out, visit=visit, campaign=campaign)
            for drawer in drawers
            if only is None or drawer.attribute in only
        ]
        return Decision(
            id=self._id(customer, channel, at),
            customer=customer,
            persona=persona.persona if persona else UNMATCHED,
            persona_version=persona.version if persona else 0,
            holdout=is_held_out,
            channel=channel,
            snapshot=self.snapshot.number,
            time=at,
            choices=tuple(choices),
        )

    def _id(self, customer: str, channel: str, at: datetime) -> str:
        text = f"{self._named}{customer}|{channel}|{_micros(at)}"
        return "d" + md5(text.encode(), usedforsecurity=False).hexdigest()[:24]

    def _drawers_for(self, persona: SnapshotPersona, channel: str) -> tuple[Drawer, ...]:
        """The persona's attributes that have a say on a channel, by name."""
        drawers = self._drawers[persona.persona]
        return drawers.get(channel, drawers[""])


def _by_channel(persona: SnapshotPersona, snapshot: Snapshot) -> dict[str, tuple[Drawer, ...]]:
    ordered = sorted(persona.attributes, key=lambda attribute: attribute.attribute)
    drawers = [(attribute.channel, Drawer(attribute, snapshot)) for attribute in ordered]
    channels = {"", *(channel for channel, _ in drawers)}
    return {each: tuple(drawer for channel, drawer in drawers if channel in ("", each)) for each in channels}


def _micros(at: datetime) -> int:
    return (at - _EPOCH_ZERO) // _MICROSECOND
