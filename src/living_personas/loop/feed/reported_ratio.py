"""Do browsers report what they were given? Whoever chooses which exposures to report makes one option look better."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import pyarrow.compute as pc

from living_personas.domain.belief import Subject
from living_personas.domain.command_text import subject_words
from living_personas.domain.event import DECIDED_ON, STANDING
from living_personas.domain.reported import Reported, ReportedShares
from living_personas.domain.stranger import UNVOUCHED
from living_personas.loop.context import Context
from living_personas.loop.folding.vouched_exposures import unvouched_events
from living_personas.loop.relations import filtered
from living_personas.memory.records import GIVEN, REPORTED
from living_personas.memory.tables import EXPOSURES
from living_personas.ports import Store
from living_personas.refining.panel import Panel
from living_personas.stats.quality import RATIO_ALARM, mixture_log_factor

__all__ = ["Given", "add_given", "and_reported", "begin_anew", "given_key", "reported_alarms", "watch_reported"]

Given = Mapping[str, Mapping[str, int]]
"""How many customers browsers were given each option for: by day, and by ``given_key``."""

_WINDOW, _KEPT = 8, 60
"""Days in which a decision may still be reported (tokens live for a week), and days that are remembered."""

_WHOM = {"known": "customers of servers", "visitor": "visitors"}


def given_key(persona: str, attribute: str, option: str, standing: str) -> str:
    """The name under which the customers are counted who were given an option."""
    return json.dumps([persona, attribute, option, standing], ensure_ascii=False)


def add_given(context: Context, given: Given) -> None:
    """Add what browsers were given to the counts of its days; days that nobody may report any more are forgotten."""
    for day, counts in given.items():
        known = GIVEN.read(context.store, day) or {}
        GIVEN.write(context.store, day, {**known, **{key: known.get(key, 0) + n for key, n in counts.items()}})
    for name in GIVEN.names(context.store)[: -2 * _WINDOW]:
        GIVEN.write(context.store, name, None)


def watch_reported(context: Context, day: date) -> None:
    """Compare what browsers reported up to a day with what they were given, by persona, attribute and whom they named.

    If reporting has nothing to do with the option, those who report come to the options in the shares of those who
    were given them. Each day of decisions is counted anew while it may be reported.
    """
    first = day - timedelta(days=_WINDOW)
    known = {each.of: each for each in REPORTED.read(context.store) or []}
    reported = _customers(context, first, day)
    for each in (first + timedelta(days=back) for back in range(1, _WINDOW + 1)):
        for of, given in _given(context.store, each).items():
            before = known.get(of) or Reported(of=of)
            if before.since is None or each > before.since:
                options = {
                    option: _shares(len(reported.get((of, each, option), ())), count) for option, count in given.items()
                }
                known[of] = before.with_day(each, options, most=_KEPT)
    found = [_reckoned(each) for _, each in sorted(known.items())]
    if found:
        REPORTED.write(context.store, found)


def reported_alarms(context: Context) -> Iterator[tuple[str, str, str]]:
    """Persona, attribute and a sentence for each that is there, whose reports do not come as the options were given."""
    personas = {version.id: version.persona for version in context.versions()}
    for each in REPORTED.read(context.store) or []:
        persona, attribute, standing = each.of
        asked = [a for a in personas[persona].attributes if a.name == attribute] if persona in personas else []
        if asked and each.peak >= np.log(RATIO_ALARM):
            channel = personas[persona].scopes(asked[0])[0]
            subject = Subject(persona=persona, attribute=attribute, channel=channel)
            text = (
                f"browsers that name {_WHOM[standing]} do not report the options as they were given: somebody may "
                "choose which to report; it stays until somebody acknowledges it "
                f"(`personas acknowledge {subject_words(subject)}`)."
            )
            yield persona, attribute, text


def and_reported(context: Context, panel: Panel, wrong: Mapping[int, list[str]]) -> dict[int, list[str]]:
    """What is wrong with the data of each subject, and what is wrong with what browsers report, if that counts."""
    counts = {persona.id for persona in context.personas if persona.goal.from_browsers != "never"}
    found = {a: list(texts) for a, texts in wrong.items()}
    for persona, attribute, text in reported_alarms(context):
        for a, subject in enumerate(panel.subjects):
            if (subject.persona, subject.attribute) == (persona, attribute) and persona in counts:
                found.setdefault(a, []).append(text)
    return found


def begin_anew(store: Store, persona: str, attribute: str, *, since: date) -> None:
    """Check anew what is decided after a day, as a person took note of an alarm."""
    known = REPORTED.read(store) or []
    if any(each.of[:2] == (persona, attribute) for each in known):
        begun = [Reported(of=each.of, since=since) if each.of[:2] == (persona, attribute) else each for each in known]
        REPORTED.write(store, begun)


def _shares(reported: int, given: int) -> ReportedShares:
    return ReportedShares(reported=reported, given=max(given, reported))


def _given(store: Store, day: date) -> Mapping[tuple[str, str, str], Mapping[str, int]]:
    """How many customers were given each option on a day."""
    found: defaultdict[tuple[str, str, str], dict[str, int]] = defaultdict(dict)
    for key, count in (GIVEN.read(store, day.isoformat()) or {}).items():
        persona, attribute, option, standing = json.loads(key)
        found[persona, attribute, standing][option] = count
    return found


def _customers(
    context: Context, first: date, last: date
) -> Mapping[tuple[tuple[str, str, str], date, str], Sequence[str] | set[str]]:
    """The customers of whom browsers reported each option, by the day of the decision."""
    events = unvouched_events(context, first, last).select(["message_id", "properties"])
    said = {row["message_id"]: json.loads(row["properties"]) for row in events.to_pylist()}
    kept = pc.field("message_id").isin(events["message_id"].combine_chunks())
    rows = filtered(EXPOSURES.read(context.store, first, last), kept, EXPOSURES.schema) if said else None
    found: defaultdict[tuple[tuple[str, str, str], date, str], set[str]] = defaultdict(set)
    for row in rows.to_pylist() if rows is not None else ():
        properties = said[row["message_id"]]
        if properties[STANDING] in UNVOUCHED and DECIDED_ON in properties:
            of = (row["persona"], row["attribute"], properties[STANDING])
            found[of, date.fromisoformat(properties[DECIDED_ON]), row["option"]].add(row["customer"])
    return found


def _reckoned(each: Reported) -> Reported:
    """The account anew, day by day: a bet on the shares reported so far."""
    options = sorted({option for day in each.days.values() for option in day})
    seen, expected, log, peak = np.zeros(len(options)), np.zeros(len(options)), 0.0, each.peak
    for _, day in sorted(each.days.items()):
        zero = ReportedShares(reported=0, given=0)
        n = np.array([day.get(option, zero).reported for option in options], dtype=np.float64)
        given = np.array([day.get(option, zero).given for option in options], dtype=np.float64)
        if not given.sum():
            continue
        shares = given / given.sum()
        log += float(mixture_log_factor(n, shares, seen=seen, expected=expected))
        seen, expected, peak = seen + n, expected + shares * n.sum(), max(peak, log)
    return each.with_peak(peak)
