"""What ``contact`` in ``workspace.yaml`` may say."""

from __future__ import annotations

from datetime import time, timedelta

from living_personas.domain.contact import CONSENT, Cap, ContactPolicy, CoolDown, QuietHours
from living_personas.workspace.file_records import REQUIRED, FileKey, FileRecord, ListOf, MapOf, Values
from living_personas.workspace.file_words import WITHIN
from living_personas.workspace.quantities import InvalidQuantityError
from living_personas.workspace.shapes import IDENTIFIER, NAME, TEXT, Number, Quantity

__all__ = ["CONTACT"]


def _clock(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise InvalidQuantityError(f"{text!r} is no time of day.", hint="write it like '21:00'.") from None


def _caps(of: Values) -> tuple[Cap, ...]:
    spans = {"day": timedelta(days=1), "week": timedelta(days=7)}
    return tuple(Cap(most=int(of[name]), within=span) for name, span in spans.items() if of[name] is not None)


def _quiet_hours(of: Values) -> QuietHours:
    return QuietHours(begins=of["from"], ends=of["to"])


def _contact(of: Values) -> ContactPolicy:
    return ContactPolicy(
        channels=of["channels"],
        caps=of["caps"],
        cool_downs=tuple(CoolDown(event=event, lasts=lasts) for event, lasts in of["cool_downs"].items()),
        quiet_hours=of["quiet_hours"],
        consent=tuple(dict.fromkeys([*CONSENT, *of["consent"]])),
    )


_CLOCK = Quantity(parse=_clock, pattern=r"^([01]\d|2[0-3]):[0-5]\d$", meant="a time of day", example="'21:00'")
_MOST = Number(least=1, whole=True)

CONTACT = FileRecord(
    what="contact",
    keys=(
        FileKey(
            name="channels",
            shape=ListOf(item=NAME, what="a list of channels", example="[email, in_product]", at_least=1),
            about="The channels on which we contact customers; caps count over all of them.",
            default=REQUIRED,
        ),
        FileKey(
            name="caps",
            shape=FileRecord(
                what="caps",
                keys=(
                    FileKey(name="day", shape=_MOST, about="The most contacts in any 24 hours."),
                    FileKey(name="week", shape=_MOST, about="The most contacts in any 7 days."),
                ),
                build=_caps,
                example="`{day: 1, week: 3}`.",
            ),
            about="How often a customer is contacted at most, over all channels.",
            default=(),
        ),
        FileKey(
            name="cool_downs",
            shape=MapOf(name=TEXT, item=WITHIN, what="times by event", example="`Order Completed: 2 days`"),
            about="For how long nobody is contacted after an event.",
            default={},
        ),
        FileKey(
            name="quiet_hours",
            shape=FileRecord(
                what="quiet_hours",
                keys=(
                    FileKey(
                        name="from", shape=_CLOCK, about="When they begin, by the customer's clock.", default=REQUIRED
                    ),
                    FileKey(name="to", shape=_CLOCK, about="When they end.", default=REQUIRED),
                ),
                build=_quiet_hours,
                example="`{from: '21:00', to: '08:00'}`.",
            ),
            about="When nothing is delivered, by the clock of the trait `time_zone`, or else of the workspace.",
        ),
        FileKey(
            name="consent",
            shape=ListOf(item=IDENTIFIER, what="a list of traits", example="[consent_profiling]"),
            about="Further traits that, when false, say no to everything.",
            default=(),
        ),
    ),
    build=_contact,
    example="`{channels: [email], caps: {week: 3}}`.",
)
