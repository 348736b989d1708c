"""What to show one customer now: a rule match plus a hash."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import md5
from zoneinfo import ZoneInfo

from living_personas.deciding.assign import Epoch, draw, epoch_of, in_holdout, table_of
from living_personas.domain.decision import UNMATCHED, Choice, Decision
from living_personas.domain.snapshot import Snapshot, SnapshotAttribute, SnapshotPersona
from living_personas.rules.closure import compile_rule
from living_personas.rules.parse import parse

__all__ = ["HOLDOUT_POLICY", "Decider"]

HOLDOUT_POLICY = "holdout"
"""The policy of customers who stay on the personas as first written."""

_EPOCH_ZERO = datetime(1970, 1, 1, tzinfo=UTC)


class Decider:
    """Decides under one snapshot; compiling its rules is done once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._zone = ZoneInfo(snapshot.time_zone)
        self._rules: list[tuple[SnapshotPersona, Callable[[Mapping[str, object]], bool | None]]] = [
            (persona, compile_rule(parse(persona.who))) for persona in snapshot.personas
        ]

    def persona_of(self, known: Mapping[str, object]) -> SnapshotPersona | None:
        """The first persona whose rule is true for what is known of a customer."""
        return next((persona for persona, rule in self._rules if rule(known)), None)

    def decide(
        self,
        customer: str,
        known: Mapping[str, object],
        *,
        at: datetime,
        channel: str = "",
        visit: str = "",
        campaign: str = "",
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

        Raises
        ------
        InvalidDecisionError
            If an attribute needs a visit or campaign that is not given.
        """
        persona = self.persona_of(known)
        holdout = in_holdout(self.snapshot, customer)
        attributes = [a for a in persona.attributes if a.channel in ("", channel)] if persona else []
        day = at.astimezone(self._zone).date()

        def choose(attribute: SnapshotAttribute) -> Choice:
            epoch = epoch_of(attribute, customer, snapshot=self.snapshot, day=day, visit=visit, campaign=campaign)
            if holdout:
                return _held_out(attribute, epoch)
            table = table_of(attribute, epoch)
            index = draw(attribute, table, customer, salt=self.snapshot.salt, epoch=epoch)
            return Choice(
                attribute=attribute.attribute,
                option=attribute.options[index],
                propensity=table.shares[index],
                policy=table.policy,
                epoch=epoch.name,
            )

        return Decision(
            id=_decision_id(self.snapshot, customer, channel, at),
            customer=customer,
            persona=persona.persona if persona else UNMATCHED,
            persona_version=persona.version if persona else 0,
            holdout=holdout,
            channel=channel,
            snapshot=self.snapshot.number,
            time=at,
            choices=tuple(choose(attribute) for attribute in sorted(attributes, key=lambda a: a.attribute)),
        )


def _held_out(attribute: SnapshotAttribute, epoch: Epoch) -> Choice:
    """What people believed, on the same occasions as everybody else: outcomes per unit compare only then."""
    return Choice(
        attribute=attribute.attribute,
        option=attribute.believed,
        propensity=1.0,
        policy=HOLDOUT_POLICY,
        epoch=epoch.name,
    )


def _decision_id(snapshot: Snapshot, customer: str, channel: str, at: datetime) -> str:
    micros = (at - _EPOCH_ZERO) // timedelta(microseconds=1)
    text = "|".join((snapshot.salt, "decision", str(snapshot.number), customer, channel, str(micros)))
    return "d" + md5(text.encode(), usedforsecurity=False).hexdigest()[:24]
