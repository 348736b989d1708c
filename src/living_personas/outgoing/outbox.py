"""Changes on their way out: kept until they were taken, tried again with growing pauses, given up aloud."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import numpy as np

from living_personas.channels.standard_webhooks import signed_headers
from living_personas.channels.webhooks.cloud_event import CONTENT_TYPE, cloud_event
from living_personas.channels.webhooks.post import Send
from living_personas.domain.announcement import Announcement
from living_personas.domain.outgoing import Outgoing
from living_personas.domain.settings import WebhookTarget
from living_personas.domain.value import value
from living_personas.errors import DeliveryError, LivingPersonasError
from living_personas.loop.context import Context
from living_personas.memory.records import ANNOUNCED, ANNOUNCING_SINCE, GIVEN_UP, OUTBOX
from living_personas.outgoing.announcements import changes_in
from living_personas.ports import Store

__all__ = [
    "LONGEST_PASS",
    "MOST_TRIES",
    "TAKEN",
    "SecretOf",
    "announce",
    "collect",
    "deliver_due",
    "outgoing",
    "pause",
    "rehearsed",
    "revive",
]

MOST_TRIES = 12
"""After so many tries, over a day and a half, a change is dead until a person revives it."""

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)

TAKEN = timedelta(minutes=2)
"""How long a change that was taken is left to whoever took it: a try takes seconds, and its process may end in it."""

LONGEST_PASS = timedelta(minutes=2)
"""How long what is due is tried at a stretch: slow receivers do not keep a worker from its days."""

Clock = Callable[[], datetime]

SecretOf = Callable[[str], str | None]
"""The secret in an environment variable."""


def collect(context: Context, *, now: datetime) -> int:
    """Put every change that is news into the outbox; how many there were.

    The first time, what is there already counts as told.
    """
    if not context.settings.webhooks:
        return 0
    with context.store.commit():
        if ANNOUNCING_SINCE.read(context.store) is None:
            ANNOUNCING_SINCE.write(context.store, now)
            ANNOUNCED.write_all(context.store, {change.id: True for change in changes_in(context)})
            return 0
        return announce(context, changes_in(context, told=frozenset(ANNOUNCED.names(context.store))), now=now)


def announce(context: Context, changes: Iterable[Announcement], *, now: datetime) -> int:
    """Put changes into the outbox for everybody who asked for their kind, each once for ever; how many were news."""
    with context.store.commit():
        news = [change for change in changes if ANNOUNCED.read(context.store, change.id) is None]
        for place, change in enumerate(news):
            body = cloud_event(change, workspace=context.settings.name).decode()
            asked = [each for each in context.settings.webhooks if not each.events or change.name in each.events]
            going = [_addressed(change, number, target, body, now) for number, target in enumerate(asked)]
            OUTBOX.write_all(context.store, {each.key: replace(each, place=place) for each in going})
        ANNOUNCED.write_all(context.store, {change.id: True for change in news})
        return len(news)


def outgoing(store: Store) -> tuple[Outgoing, ...]:
    """What is on its way or was given up, in order of when it is due."""
    return _by_due({**OUTBOX.all(store), **GIVEN_UP.all(store)}.values())


def deliver_due(
    context: Context, *, clock: Clock, rng: np.random.Generator, send: Send, secret_of: SecretOf
) -> tuple[Outgoing, ...]:
    """Collect what is news, and try everything that is due, once; what became of each that was tried.

    What was taken leaves the outbox; what was not is tried again later under the same id, and is dead after
    ``MOST_TRIES``: then it lies apart, where no pass reads it. Workers that do so at once each try what no other one is
    trying. Interrupted, something may be told twice, and nothing never. Who gave no answer, or is busy, is asked for
    nothing more, and after ``LONGEST_PASS`` nobody is: the rest stays due.
    """
    now = clock()
    collect(context, now=now)
    found: list[Outgoing] = []
    silent = set[str]()
    for each in _by_due(OUTBOX.all(context.store).values()):
        if each.state == "dead":  # before, what was given up lay in the outbox, too
            _put(context.store, each)
        if each.state != "waiting" or each.due > now or each.url in silent:
            continue
        at = clock()
        if at >= now + LONGEST_PASS:
            break
        if _is_mine(context.store, each, now=at):
            tried = _tried(each, now=at, send=send, secret_of=secret_of)
            found.append(_kept(context.store, each, tried, now=clock(), rng=rng))
            if not tried.is_there:
                silent.add(each.url)
    return tuple(found)


def _kept(store: Store, each: Outgoing, tried: _Tried, *, now: datetime, rng: np.random.Generator) -> Outgoing:
    """What became of it, in the outbox."""
    tries = each.tries + 1
    if not tried.failure:
        OUTBOX.write(store, each.key, None)
        return replace(each, tries=tries, state="delivered", failure="")
    later = replace(
        each,
        tries=tries,
        due=now + max(pause(tries, rng=rng), _asked_to_wait(tried.retry_after, now=now)),
        state="dead" if tries >= MOST_TRIES else "waiting",
        failure=tried.failure,
    )
    _put(store, later)
    return later


def _put(store: Store, each: Outgoing) -> None:
    """Keep it where it belongs: on its way, or given up."""
    with store.commit():
        OUTBOX.write(store, each.key, each if each.state == "waiting" else None)
        GIVEN_UP.write(store, each.key, each if each.state == "dead" else None)


def _by_due(found: Iterable[Outgoing]) -> tuple[Outgoing, ...]:
    return tuple(sorted(found, key=lambda each: (each.due, each.place, each.key)))


def _asked_to_wait(said: str, *, now: datetime) -> timedelta:
    """How long a receiver asks to be left alone, in seconds or until a moment; at most ``LONGEST_PAUSE``.

    >>> _asked_to_wait("90", now=datetime(2026, 11, 25, tzinfo=UTC))
    datetime.timedelta(seconds=90)
    """
    try:
        wait = timedelta(seconds=int(said[:9])) if said.isdecimal() else _moment(said) - now
    except (ValueError, OverflowError):
        return timedelta(0)
    return min(max(wait, timedelta(0)), LONGEST_PAUSE)


def _moment(said: str) -> datetime:
    found = parsedate_to_datetime(said)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def pause(tries: int, *, rng: np.random.Generator) -> timedelta:
    """How long to wait after so many tries: twice as long each time, at most six hours, give or take a half."""
    seconds = min(FIRST_PAUSE.total_seconds() * 2.0 ** min(tries - 1, 20), LONGEST_PAUSE.total_seconds())
    return timedelta(seconds=seconds * float(rng.uniform(0.5, 1.5)))


def revive(context: Context, *, now: datetime, key: str = "") -> tuple[Outgoing, ...]:
    """Make what is dead due again, or the one of this key whatever its state."""
    chosen = [each for each in outgoing(context.store) if (each.key == key if key else each.state == "dead")]
    if key and not chosen:
        raise DeliveryError(f"Nothing {key!r} is on its way.", hint="see `personas webhooks list`.")
    alive = [replace(each, state="waiting", tries=0, due=now) for each in chosen]
    with context.store.commit():
        for each in alive:
            _put(context.store, each)
    return tuple(alive)


def rehearsed(
    context: Context, change: Announcement, *, now: datetime, send: Send, secret_of: SecretOf
) -> tuple[Outgoing, ...]:
    """Send a change to everybody, whatever they asked for, and keep nothing of it; what became of each."""
    body = cloud_event(change, workspace=context.settings.name).decode()
    found = []
    for number, target in enumerate(context.settings.webhooks):
        each = _addressed(change, number, target, body, now)
        failure = _tried(each, now=now, send=send, secret_of=secret_of).failure
        found.append(replace(each, tries=1, state="dead" if failure else "delivered", failure=failure))
    return tuple(found)


def _is_mine(store: Store, each: Outgoing, *, now: datetime) -> bool:
    """Take a change to try it; False if somebody else has taken it, or is done with it."""
    with store.commit():
        if OUTBOX.read(store, each.key) != each:
            return False
        OUTBOX.write(store, each.key, replace(each, due=now + TAKEN))
        return True


def _addressed(change: Announcement, number: int, target: WebhookTarget, body: str, now: datetime) -> Outgoing:
    return Outgoing(
        key=f"{change.id}.{number}",
        id=change.id,
        name=change.name,
        url=target.url,
        secret_env=target.secret_env,
        body=body,
        due=now,
    )


@value
class _Tried:
    """What went wrong, in a sentence, or nothing; whether others may be tried there now, and when to come again."""

    failure: str = ""
    is_there: bool = True
    retry_after: str = ""


def _tried(each: Outgoing, *, now: datetime, send: Send, secret_of: SecretOf) -> _Tried:
    secret = secret_of(each.secret_env)
    if not secret:
        return _Tried(failure=f"The environment variable {each.secret_env!r} is not set.")
    body = each.body.encode()
    try:
        headers = signed_headers(body, id_=each.id, now=now, secret=secret)
        answer = send(each.url, body, {"Content-Type": CONTENT_TYPE, **headers})
    except LivingPersonasError as error:
        return _Tried(failure=error.message, is_there=False)
    if 200 <= answer.status < 300:
        return _Tried()
    is_there = answer.status != 429 and answer.status < 500
    return _Tried(failure=f"It was answered with {answer.status}.", is_there=is_there, retry_after=answer.retry_after)
