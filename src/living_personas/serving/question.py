"""A question to the desk, and its answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from living_personas.domain.contact import Delivery
from living_personas.domain.customer_id import customer_id
from living_personas.domain.decision import Decision
from living_personas.domain.settings import Settings
from living_personas.domain.stranger import Asker, Standing
from living_personas.domain.value import value
from living_personas.errors import BadValueError, InvalidDecisionError
from living_personas.sources.rows import BadRowError
from living_personas.sources.values import clean

__all__ = ["Answer", "Question", "asked_customer", "check_occasion"]


@value
class Question:
    """For whom to decide at a moment, on which channel and occasion.

    ``traits`` are what whoever asks knows of the customer: they go before what is known here. ``only`` names the
    attributes that are asked for, all of them unless given. ``refused`` says that the customer's browser asks to be let
    alone, ``robot`` that no person asks. ``asker`` says who asks: whether they may speak for the customer.
    """

    customer: str
    at: datetime
    channel: str = ""
    visit: str = ""
    campaign: str = ""
    traits: Mapping[str, object] | None = None
    only: Collection[str] | None = None
    refused: bool = False
    robot: bool = False
    asker: Asker = "server"

    def __post_init__(self) -> None:
        check_occasion(channel=self.channel, visit=self.visit, campaign=self.campaign)


@value
class Answer:
    """What was decided, as it may be given out, and whether it may be delivered now; ``known`` is by what.

    ``may_show_nothing`` are the persona's attributes that have an option which shows nothing. ``standing`` says what
    the decision rests on: where it is ``known``, and the workspace asks for proofs, it is that of a stranger.
    """

    decision: Decision
    delivery: Delivery
    known: Mapping[str, object]
    may_show_nothing: frozenset[str] = frozenset()
    standing: Standing = "server"


def check_occasion(**names: str) -> None:
    """Refuse a channel, visit or campaign that no store can hold: what was decided there could not be recorded.

    Raises
    ------
    InvalidDecisionError
        If one holds NUL or half of a surrogate pair.
    """
    for name, said in names.items():
        try:
            clean(said, name)
        except BadRowError as error:
            detail = f"The {name} {said!r} holds a NUL character or half of a surrogate pair."
            raise InvalidDecisionError(detail, hint="send it as text.") from error


def asked_customer(said: object, settings: Settings) -> str:
    """For whom somebody asks, read as ids are at every door.

    Raises
    ------
    InvalidDecisionError
        If it names nobody, or cannot be an id.
    """
    try:
        return customer_id(said, nobody=settings.nobody.words)
    except BadValueError as error:
        raise InvalidDecisionError(error.message, hint=error.hint) from error
