"""What ``workspace.yaml`` says: sources, features, and how far automation may go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date, timedelta
from functools import lru_cache
from math import ceil
from typing import Literal

from living_personas.domain.consent import Consent
from living_personas.domain.contact import ContactPolicy
from living_personas.domain.customer_id import nobody_words
from living_personas.domain.goal import DAY, FromBrowsers, Guardrail
from living_personas.domain.meaning import Meaning
from living_personas.domain.number_text import DecimalMark
from living_personas.domain.persona import Change
from living_personas.domain.source_table import SourceTable
from living_personas.domain.value import value

__all__ = [
    "Adopting",
    "BrowserIdentity",
    "Campaign",
    "Discovery",
    "Feature",
    "Metric",
    "Nobody",
    "OutcomeColumn",
    "Promise",
    "Reads",
    "Settings",
    "Source",
    "SourceExposure",
    "SourceTime",
    "TakenColumn",
    "WebhookTarget",
    "denominator_of",
]


Promise = Literal["each", "all"]
"""What the error budget bounds: the chance that any one belief is wrongly changed, or the share of all changes."""

BrowserIdentity = Literal["verified", "open"]
"""Whom a browser may speak for, and ask about, of the customers whom a server named: those for whom it proves that it
may, or anybody."""

Adopting = Literal["auto", "review"]
"""Who adopts a segment that asks for no closer look: evidence, or a person."""

OF = "__of"
"""What the name of a denominator ends in."""


@value
class Feature:
    """One number per customer, computed from events by a declared SQL aggregate.

    ``sql`` is an aggregate over the columns ``name``, ``time``, ``channel``, ``hour`` and the properties that it names;
    a rate declares ``of``, the aggregate that is its denominator. ``within`` limits it to the days before it is used.
    ``means`` says what it speaks of, so that segments can be named by it and advice rest on it.
    """

    name: str
    sql: str
    of: str | None = None
    within: timedelta | None = None
    unit: str = ""
    means: Meaning | None = field(default=None, repr=False)  # what was counted by its text stays counted

    @property
    def days_back(self) -> int | None:
        """Whole days that it looks back; None for as long as there are events."""
        return None if self.within is None else ceil(self.within / DAY)

    @property
    def aggregates(self) -> tuple[tuple[str, str], ...]:
        """The columns that it fills, each with its aggregate: one, or for a rate the denominator's, too."""
        return ((self.name, self.sql), *(() if self.of is None else ((denominator_of(self.name), self.of),)))


def denominator_of(feature: str) -> str:
    """The column that holds a rate's denominator; rules may name it, too.

    >>> denominator_of("email_opened_share")
    'email_opened_share__of'
    """
    return feature + OF


@value
class Metric:
    """A named outcome that a guardrail may watch: an event's rate, or the mean of one of its numeric properties."""

    name: str
    event: str
    value: str | None = None
    at_most: float | None = None
    within: timedelta = timedelta(days=7)
    from_browsers: FromBrowsers = "never"
    currency: str | None = None


Precision = Literal["time", "day"]
"""What a column of times tells: when something happened, or only on which day."""


@value
class SourceTime:
    """Where a row's time comes from: a column, or days spread evenly by the hash of the message id.

    ``zone`` is that of times which say none, if it is not the workspace's. Of ``precision`` a day, what stands behind
    the date says nothing. A file of finished experiment rows has no times: ``start`` and ``days`` replay it as daily
    batches.
    """

    column: str | None = None
    format: str | None = None
    zone: str | None = None
    precision: Precision = "time"
    start: date | None = None
    days: int | None = None


Reads = Literal["as_said", "yes_no", "opposite"]
"""How a column is taken from another: as it is, as true and false, or as the contrary of what it says."""


@value
class TakenColumn:
    """A column of our own, taken from one of the file's (or from inside one, by a dotted name).

    With ``reads`` what says yes or no becomes true or false, or the contrary; what says neither stays as it is.
    ``words`` are other words for some of its values. Without ``optional`` a file that lacks the column is refused.
    """

    name: str
    column: str
    reads: Reads = "as_said"
    words: Mapping[str, str] | None = None
    optional: bool = False


@value
class SourceExposure:
    """Which columns of a row say what the customer met.

    The shares are ``propensities`` (one number per option), or ``propensity`` (one number for all rows, or a column),
    or unknown: then the rows are observational. ``policy`` is a column that tells policies with other shares apart,
    ``holdout`` one that says yes where the customer was held on the personas as first written.
    """

    attribute: str
    option: str
    persona: str | None = None
    propensity: float | str | None = None
    propensities: Mapping[str, float] | None = None
    policy: str | None = None
    epoch: str | None = None
    stratum: str | None = None
    channel: str | None = None
    holdout: str | None = None


@value
class OutcomeColumn:
    """A column of a wide row that holds an outcome: the row is also an event of this name where the column is not 0.

    ``value`` is the property that the number is kept under; None for a yes or no. ``after`` is how long after the
    exposure it is taken to have happened.
    """

    column: str
    event: str
    value: str | None = None
    after: timedelta = timedelta(0)


@value
class Source:
    """How the rows of one file or table become events.

    ``customer`` is a column, or None: then each row is a customer of its own, by the id of the row. ``message_id`` is a
    column, or None: then a row is told by its content, and equal rows of one file by their number.
    ``event`` is a column,
    or None for wide rows whose ``outcomes`` are columns. ``traits`` are columns that describe the customer; the
    remaining ``properties`` columns travel with the event. ``complete`` says that the outcomes of all rows are final.
    ``decimal`` is the mark that numbers in text are written with, ``currency`` the column that names their currency,
    and only rows count for which the rule ``where`` is true. ``columns`` are taken from those of the file; everything
    else may name them. ``explode`` is a column of arrays: each element is a row, with all else that its row says.
    ``late`` is how long after they happened its last events come, None where nobody said. ``table`` is the table of a
    database that its rows are read from, None where they come in files and frames. ``encoding`` is that of text files
    which are no UTF-8, empty where they are. ``escape`` is what stands before quotes that are letters in its CSV, empty
    where they are doubled.
    """

    name: str
    customer: str | None
    time: SourceTime
    message_id: str | None = None
    anonymous: str | None = None
    event: str | None = None
    fixed_event: str | None = None
    channel: str | None = None
    fixed_channel: str = ""
    traits: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    exposure: SourceExposure | None = None
    outcomes: tuple[OutcomeColumn, ...] = ()
    complete: bool = False
    decimal: DecimalMark | None = None
    currency: str | None = None
    where: str | None = None
    explode: str | None = None
    columns: tuple[TakenColumn, ...] = ()
    late: timedelta | None = None
    table: SourceTable | None = None
    encoding: str = ""
    escape: str = ""

    @property
    def late_days(self) -> int | None:
        """By how many days its outcomes come late, if it was said: final ones do not."""
        return 0 if self.late is None and self.complete else whole_days(self.late)

    def may_bring(self, event: str) -> bool:
        """Whether rows of the source may be events of a name."""
        named = {self.fixed_event, *(outcome.event for outcome in self.outcomes)}
        return self.event is not None or event in named


def whole_days(span: timedelta | None) -> int | None:
    """A time in days that are over, or None.

    >>> whole_days(timedelta(hours=30)), whole_days(timedelta(0)), whole_days(None)
    (2, 0, None)
    """
    return None if span is None else ceil(span / DAY)


@value
class Nobody:
    """Words that name nobody in this workspace's data, beside the usual ones; and usual ones that name somebody."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()

    @property
    def words(self) -> frozenset[str]:
        """All words that name nobody, as ``customer_id`` takes them."""
        return _words(self)


@lru_cache(maxsize=8)
def _words(said: Nobody) -> frozenset[str]:
    return nobody_words(add=said.add, remove=said.remove)


@value
class Campaign:
    """A named occasion with a first day: an attribute with ``assign: campaign`` keeps its option for all of it."""

    name: str
    starts: date


@value
class WebhookTarget:
    """Who is told of changes: an address, the events it asks for (none named: all), where its secret is.

    ``secret_env`` is the name of an environment variable: secrets are never written into files.
    """

    url: str
    events: tuple[str, ...] = ()
    secret_env: str


@value
class Discovery:
    """What may become of a segment by itself.

    With ``adopt: auto`` evidence adopts at most one a week and ``a_month`` in any 28 days; ``autonomy`` is the cap.
    With ``from_browsers: always`` it also adopts what was found by what anybody can send. ``ended`` are the kinds of
    events that were ended on purpose: that they do not come any more is no alarm.
    """

    adopt: Adopting = "review"
    a_month: int = 2
    from_browsers: Literal["review", "always"] = "review"
    ended: tuple[str, ...] = ()


@value
class Settings:
    """The settings of a workspace.

    ``error_budget`` is alpha: under the promise ``each``, the probability of any false correction of an attribute in
    the first year after its definition; under ``all``, the expected share of wrong ones among all corrections. With
    None the number of attributes decides. ``half_life_days`` is None where nobody said how fast evidence stops
    steering. ``holdout`` is the share of customers who stay on the personas as first written. ``salt`` makes this
    workspace's hashes its own. ``autonomy`` caps every attribute's ``change``, and what ``discovery`` allows.
    ``traits`` are those that are declared beside the sources' own; ``protected`` are names that no segment may be
    found, named or advised by. ``breakdowns`` are traits and features by which effects are looked at in parts, without
    deciding anything.
    ``means`` says of what events speak, for the features that nobody declares.
    ``ignore`` is a rule over a customer's id (``customer``), features and traits: for whom it is true never counts.
    ``quarantine_kept`` is how long a row waits in quarantine, ``events_kept`` how long what somebody did is kept; None
    for as long as it takes, and for ever.
    ``consent`` says what it means that a customer never said yes or no. ``browser_identity`` says whether browsers may
    speak for customers of servers without a proof.
    ``spark`` is the address of the Spark Connect server that touches rows; empty where DuckDB does.
    ``late`` is how long after they happened events come that no source of ``sources`` brings, or one that does not say.
    """

    name: str
    salt: str
    time_zone: str = "UTC"
    autonomy: Change = "auto"
    discovery: Discovery = Discovery()
    error_budget: float = 0.05
    holdout: float = 0.05
    promise: Promise | None = None
    half_life_days: float | None = None
    late: timedelta | None = None
    sources: tuple[Source, ...] = ()
    features: tuple[Feature, ...] = ()
    traits: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    breakdowns: tuple[str, ...] = ()
    means: Mapping[str, Meaning] = field(default_factory=dict)
    metrics: tuple[Metric, ...] = ()
    guardrails: tuple[Guardrail, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    consent: Consent = "assumed"
    browser_identity: BrowserIdentity = "verified"
    contact: ContactPolicy | None = None
    nobody: Nobody = Nobody()
    ignore: str = ""
    earliest: date | None = None
    rates: Mapping[str, float] | None = None
    webhooks: tuple[WebhookTarget, ...] = ()
    quarantine_kept: timedelta | None = None
    events_kept: timedelta | None = None
    spark: str = ""

    @property
    def adopts_by_evidence(self) -> bool:
        """Whether a segment may become a persona without a person."""
        return self.discovery.adopt == "auto" and self.autonomy == "auto"

    @property
    def late_days(self) -> int | None:
        """By how many days outcomes come late where their source does not say, if it was said."""
        return whole_days(self.late)
