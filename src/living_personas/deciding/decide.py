"""What to show one customer now: a rule match plus a hash."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import md5
from zoneinfo import ZoneInfo

from living_personas.deciding.assign import in_holdout
from living_personas.deciding.sampler import Sampler
from living_personas.domain.customer_id import CUSTOMER, canonical_id
from living_personas.domain.decision import UNMATCHED, Choice, Decision
from living_personas.domain.raw import is_absent
from living_personas.domain.snapshot import Snapshot, SnapshotPersona
from living_personas.errors import InvalidDecisionError
from living_personas.rules.closure import compile_rule
from living_personas.rules.coercion import coerce
from living_personas.rules.parse import parse
from living_personas.rules.tree import Kind

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
        self._leaves = {leaf: compile_rule(parse(leaf)) for leaf in snapshot.leaves}
        self.asks_who_it_is = any(CUSTOMER in dict(parse(rule).columns) for rule in snapshot.rules)
        self._named = f"{snapshot.salt}|decision|{snapshot.number}|"
        self._samplers = {persona.persona: _by_channel(persona, snapshot) for persona in snapshot.personas}

    def unread(self, given: Mapping[str, object]) -> dict[str, Kind]:
        """What rules would not understand of what somebody gives: the kind that they read each as."""
        kinds = {name: kind for rule in self.snapshot.rules for name, kind in parse(rule).columns if name in given}
        return {
            name: kind
            for name, kind in kinds.items()
            if not is_absent(given[name]) and coerce(given[name], kind) is None
        }

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

        An attribute that needs a visit or campaign which is not given is named in ``undecided``; the others are chosen.

        Parameters
        ----------
        customer
            Known or anonymous id; its canonical form is hashed, so each spelling of an address gets the same.
        known
            Features and traits by name, and the id it is known by as ``customer``; what is missing counts as unknown.
        at
            The moment of the decision, with a time zone.
        channel, visit, campaign
            Where and on which occasion; needed by attributes per channel, visit or campaign.
        only
            The attributes to choose; all of them unless given.
        """
        hashed = canonical_id(customer)
        if self.asks_who_it_is and CUSTOMER not in known:
            known = {**known, CUSTOMER: hashed}
        persona = self.persona_of(known)
        is_held_out = in_holdout(self.snapshot, hashed)
        ask = partial(
            Sampler.choice,
            customer=hashed,
            day=at.astimezone(self._zone).date(),
            held_out=is_held_out,
            visit=visit,
            campaign=campaign,
            holds=partial(self._holds, known),
        )
        samplers = self._samplers_for(persona, channel) if persona else ()
        choices, undecided = _chosen([s for s in samplers if only is None or s.attribute in only], ask)
        return Decision(
            id=self._id(hashed, channel, at),
            customer=customer,
            persona=persona.persona if persona else UNMATCHED,
            persona_version=persona.version if persona else 0,
            holdout=is_held_out,
            channel=channel,
            snapshot=self.snapshot.number,
            time=at,
            choices=choices,
            undecided=undecided,
        )

    def _holds(self, known: Mapping[str, object], leaf: str) -> bool:
        return self._leaves[leaf](known) is True

    def _id(self, customer: str, channel: str, at: datetime) -> str:
        text = f"{self._named}{customer}|{channel}|{_micros(at)}"
        return "d" + md5(text.encode(), usedforsecurity=False).hexdigest()[:24]

    def _samplers_for(self, persona: SnapshotPersona, channel: str) -> tuple[Sampler, ...]:
        """The persona's attributes that have a say on a channel, by name."""
        samplers = self._samplers[persona.persona]
        return samplers.get(channel, samplers[""])


def _chosen(samplers: Iterable[Sampler], ask: Callable[[Sampler], Choice]) -> tuple[tuple[Choice, ...], dict[str, str]]:
    """The choices, and what is missing to choose the other attributes."""
    choices, undecided = list[Choice](), dict[str, str]()
    for sampler in samplers:
        try:
            choices.append(ask(sampler))
        except InvalidDecisionError as error:
            undecided[sampler.attribute] = f"{error.message} {error.hint}"  # as in lists that were given out
    return tuple(choices), undecided


def _by_channel(persona: SnapshotPersona, snapshot: Snapshot) -> dict[str, tuple[Sampler, ...]]:
    ordered = sorted(persona.attributes, key=lambda attribute: attribute.attribute)
    samplers = [(attribute.channel, Sampler(attribute, snapshot)) for attribute in ordered]
    channels = {"", *(channel for channel, _ in samplers)}
    return {each: tuple(sampler for channel, sampler in samplers if channel in ("", each)) for each in channels}


def _micros(at: datetime) -> int:
    return (at - _EPOCH_ZERO) // _MICROSECOND
