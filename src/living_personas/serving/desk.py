"""The desk: one question, one answer. Every door asks here, so every door says the same."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

from living_personas.deciding.contact_rules import (
    NOBODY_ASKED,
    REFUSED,
    agrees,
    consented,
    delivery,
    refuses,
    unmatched,
    zone_of,
)
from living_personas.domain.consent import consent_names, yes_names
from living_personas.domain.customer_id import CUSTOMER, canonical_id
from living_personas.domain.raw import shown
from living_personas.domain.settings import Settings
from living_personas.domain.stranger import Standing, stranger_id
from living_personas.errors import InvalidDecisionError, NotPublishedError, check_name
from living_personas.loop.context import Context
from living_personas.loop.privacy.consent import named_consent
from living_personas.serving.asked_traits import unasked_words
from living_personas.serving.knowledge import Knowledge, KnownNow, StoredKnowledge
from living_personas.serving.published import Published, newest
from living_personas.serving.question import Answer, Question

__all__ = ["Desk", "desk_of"]

_NONE: frozenset[str] = frozenset()

_KINDS = {"number": "a number, such as 2 or 0.5", "boolean": "true or false"}


class Desk:
    """Answers questions about single customers (``serving.lists`` asks for whole lists, by the same rules).

    Parameters
    ----------
    published
        The snapshot that decides.
    knowledge
        Where what is known of customers comes from.
    settings
        Whom the workspace may contact, and which clock it lives by.
    """

    def __init__(self, published: Published, knowledge: Knowledge, settings: Settings) -> None:
        self.published = published
        self._knowledge = knowledge
        self._policy = settings.contact
        self._asks_for_proof = settings.browser_identity == "verified"
        self._zone = ZoneInfo(settings.time_zone)
        # Anybody may ask on any channel: only so many are remembered.
        named, required = named_consent(settings), settings.consent == "required"
        self._named = named
        self._consents = lru_cache(maxsize=128)(partial(consent_names, named=named))
        self._yes_names = lru_cache(maxsize=128)(partial(yes_names, named=named)) if required else None

    def answer(self, question: Question) -> Answer:
        """What is chosen for a customer, and whether it may be delivered now.

        A no counts wherever it was said: in the question, or before, under any id of the customer. Traits that the
        question gives go before what is known; they never take back a no. Where consent is required, whoever said
        nothing, in the question or before, said no.

        A browser that names a customer whom a server named, and proves nothing, is answered as a stranger of whom
        nothing is known but what it says; the customer's no counts for it.

        Raises
        ------
        UnknownNameError
            If an attribute is asked for that nobody has.
        """
        if question.only:
            self._check(question.only)
        standing = self._standing(question)
        customer, known = self._who(question, standing)
        facts = {**known.facts, **question.traits} if question.traits else known.facts
        if self.published.decider.asks_who_it_is:
            facts = {**facts, CUSTOMER: canonical_id(known.customer)}
        decision = self.published.decider.decide(
            customer,
            facts,
            at=question.at,
            channel=question.channel,
            visit=question.visit,
            campaign=question.campaign,
            only=question.only,
        )
        if question.robot:
            decision = unmatched(decision)
        if self._refused(question, known):
            return Answer(decision=consented(decision, REFUSED), delivery=REFUSED, known=facts, standing=standing)
        found = delivery(
            self._policy,
            at=question.at,
            channel=question.channel,
            clock=zone_of(facts, otherwise=self._zone),
            contacted=known.contacted,
        )
        return Answer(
            decision=decision,
            delivery=found,
            known=facts,
            may_show_nothing=self.published.may_show_nothing.get(decision.persona, _NONE),
            standing=standing,
        )

    def knows(self, customer: str, *, at: datetime) -> bool:
        """Whether anything is known of a customer; of one who was erased as little as of one who never was."""
        return self._knowledge.of(customer, at=at).facts != self._knowledge.nothing()

    def check_traits(self, given: Mapping[str, object]) -> None:
        """Refuse what rules would take for unknown, for a person who tries out what would be decided.

        Raises
        ------
        InvalidDecisionError
            If a trait is not of the kind that rules read it as.
        """
        for name, kind in self.published.decider.unread(given).items():
            raise InvalidDecisionError(
                f"The trait {name!r} is {shown(given[name])}, which is no {kind}: rules would take it for unknown.",
                hint=f"give {_KINDS.get(kind, kind)}, or leave it out.",
            )

    def unasked(self, given: Mapping[str, object]) -> str:
        """That no rule asks for some of what was given, for a person who tries out what would be decided."""
        return unasked_words(self.published.snapshot, given, consents=self._named)

    def _who(self, question: Question, standing: Standing) -> tuple[str, KnownNow]:
        """For whom it is decided, and what is known of them."""
        known = self._knowledge.of(question.customer, at=question.at)
        if standing != "known" or not self._asks_for_proof:
            return question.customer, known
        id_, facts = stranger_id(question.customer), self._knowledge.nothing()
        return id_, KnownNow(customer=id_, facts=facts, refused=known.refused, contacted=NOBODY_ASKED)

    def _standing(self, question: Question) -> Standing:
        """What an answer rests on: a browser without a proof speaks for visitors, not for customers of servers."""
        if question.asker != "browser":
            return question.asker
        return "known" if self._knowledge.is_known(question.customer) else "visitor"

    def _refused(self, question: Question, known: KnownNow) -> bool:
        consents = self._consents(question.channel)
        given = question.traits is not None and refuses(question.traits, consents)
        if question.refused or given or not consents.isdisjoint(known.refused):
            return True
        if self._yes_names is None:
            return False
        asked_for = self._yes_names(question.channel)
        return asked_for.isdisjoint(known.agreed) and not agrees(question.traits or {}, asked_for)

    def _check(self, names: Collection[str]) -> None:
        for name in names:
            check_name("attribute", name, self.published.attributes)


def desk_of(context: Context) -> Desk:
    """The desk of a workspace, for those who ask once: each question reads from the store.

    Raises
    ------
    NotPublishedError
        If nothing has been published.
    """
    published = newest(context.store)
    if published is None:
        raise NotPublishedError
    return Desk(published, StoredKnowledge(context), context.settings)
