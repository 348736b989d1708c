"""The files of a workspace, drafted from the exports that somebody has: what was seen, and what is a guess."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from itertools import chain, count
from string import Template
from zoneinfo import ZoneInfo

from living_personas.domain.consent import Consent, is_consent
from living_personas.domain.number_text import DecimalMark
from living_personas.domain.value import value
from living_personas.recipes.evidence import SeenInSource
from living_personas.recipes.open_points import open_points
from living_personas.recipes.recipe import FirstPersona, recipe_named
from living_personas.recipes.understood_file import UnderstoodFile, describe_column
from living_personas.workspace.default_features import name_of
from living_personas.workspace.yaml_text import scalar_text

__all__ = ["Draft", "Said", "draft"]


_NONE: Counter[str] = Counter()


@value
class Said:
    """What a person said beside the files; what is None nobody said."""

    within: str
    consent: Consent
    zone: str | None = None
    currency: str | None = None
    decimal: DecimalMark | None = None
    day: str | None = None


@value
class Draft:
    """The texts of the files by their paths in the workspace, and sentences on what a person has to settle."""

    texts: dict[str, str]
    unsettled: tuple[str, ...]


def draft(found: Sequence[UnderstoodFile], said: Said, *, name: str, salt: str, spoken: Counter[str] = _NONE) -> Draft:
    """Draft a workspace for some files.

    Parameters
    ----------
    spoken
        The events, by name, of files of messages, which need no source.
    salt
        The hexadecimal digits that make its hashes its own.
    """
    unsettled: list[str] = []
    persona = next((each.recipe.persona for each in found if each.recipe), _ANYBODY)
    texts = {
        "workspace.yaml": _filled(
            "workspace.yaml",
            name=scalar_text(name),
            salt=salt,
            zone=_zone(found, said, unsettled),
            goal=_goal(found, said, unsettled, spoken),
            consent=_consent(found, said, unsettled),
            sources="\n".join(_blocks(found, said, unsettled)),
        ),
        f"personas/{persona.id}.yaml": _filled(
            "persona.yaml", id=persona.id, name=scalar_text(persona.name), who=persona.who, why=persona.why
        ),
    }
    return Draft(texts=texts, unsettled=tuple(unsettled))


_SENT = "sent"
"""The source of the lists that came back."""

_ANYBODY = FirstPersona(
    id="anybody",
    name="Anybody",
    who="active_days_90d >= 0",
    why="Everybody, until you know what tells your customers apart.",
)


_CONSENT = """\
# What it means that a customer said neither yes nor no (traits such as `consent_email`): assumed is a yes; required is
# a no, so that nothing is decided for them, and nothing learned. Who said no, or unsubscribed, gets nothing either way.
consent: {consent}
"""


def _zone(found: Sequence[UnderstoodFile], said: Said, unsettled: list[str]) -> str:
    if said.zone is not None:
        return f"{scalar_text(said.zone)}  # whose midnight ends a day, and the zone of times that say none"
    why = [
        f"{each.rows.file.name}: {asked}" for each in found if each.recipe and (asked := each.recipe.asks.get("zone"))
    ]
    unsettled.append(" ".join(["days end at midnight in UTC: nobody said where you are (--zone).", *why]))
    return "UTC  # a guess: whose midnight ends a day, such as Europe/Berlin"


def _goal(found: Sequence[UnderstoodFile], said: Said, unsettled: list[str], spoken: Counter[str]) -> str:
    lines = []
    event, worth, seen = _success(found, spoken)
    if not seen:
        known = bool(spoken) or any(each.recipe for each in found)
        why = "no row that was looked at is this event" if known else "which column names events is not known yet"
        unsettled.append(f"the goal {event!r} is a guess: {why}. Name the event that is success.")
        lines.append(f"  # A guess: {why}. Name the one that is success.")
    others = [
        name for each in (*(file.events for file in found), spoken) for name, _ in each.most_common(10) if name != event
    ]
    if others:
        lines.append(f"  # Also seen: {', '.join(map(scalar_text, dict.fromkeys(others)))}.")
    goal = f"event: {scalar_text(event)}, within: {said.within}"
    if worth is not None and said.currency:
        goal += f", value: {worth}, currency: {said.currency}"
    elif said.currency:
        unsettled.append(
            f"nothing is judged in {said.currency} yet: no file that is known says what {event!r} is worth. Add "
            f"`value: COLUMN, currency: {said.currency}` to the goal."
        )
    elif worth is not None:
        code = _currency(found)
        by = f"value: {worth}" + (f", currency: {code}" if code else "")
        lines.append(f"  # To be judged by what is earned, add `{by}`: it takes more customers to know.")
    return "\n".join([*lines, f"  success: {{{goal}}}"])


def _success(found: Sequence[UnderstoodFile], spoken: Counter[str]) -> tuple[str, str | None, bool]:
    """The event that is success, the property of its worth, and whether it was seen; what has a worth goes first."""
    known = [each for each in found if each.recipe is not None]
    suggested = sorted(known, key=lambda each: each.recipe is None or each.recipe.goal.value is None)
    for each in suggested:
        goal = each.recipe.goal if each.recipe else None
        event = next((event for event in goal.events if each.events[event]), None) if goal else None
        if goal and event:
            return event, goal.value, True
    tracked = recipe_named("segment").goal
    if event := next((event for event in tracked.events if spoken[event]), ""):
        return event, tracked.value, True
    if suggested and suggested[0].recipe:
        goal = suggested[0].recipe.goal
        return goal.events[0], goal.value, False
    return "Order Completed", None, False


def _currency(found: Sequence[UnderstoodFile]) -> str:
    codes = sum((seen.currencies for each in found for seen in each.seen), Counter[str]())
    return codes.most_common(1)[0][0] if codes else ""


def _consent(found: Sequence[UnderstoodFile], said: Said, unsettled: list[str]) -> str:
    traits = {trait for each in found for seen in each.seen for trait in seen.source.traits}
    if said.consent == "required" and not any(map(is_consent, traits)):
        unsettled.append(
            "no file says who agreed, and consent is required: bring the trait `consent_email`, or nobody is asked."
        )
    return _CONSENT.format(consent=said.consent)


def _blocks(found: Sequence[UnderstoodFile], said: Said, unsettled: list[str]) -> Iterator[str]:
    written: set[str] = set()
    taken = {_SENT, *(source.name for each in found if each.recipe for source in each.recipe.sources)}
    for each in found:
        unsettled += [f"{each.rows.file.name}: {open_point}" for open_point in _not_clear(each, said)]
        if each.recipe is None:
            name = _other_than(taken, name_of(each.rows.file.name.split(".")[0]))
            taken.add(name)
            yield _to_fill_in(each, name)
        elif each.recipe.id not in written:
            written.add(each.recipe.id)
            unsettled += [f"{each.rows.file.name}: {open_point}" for open_point in each.recipe.unsettled]
            day = said.day or _day_of(each, unsettled)
            yield f"  # {each.recipe.name}: {each.recipe.export}\n  # {each.recipe.documented}"
            yield _written(each, each.recipe.source_text(day).rstrip(), indent="  ")
            yield from _numbers(each.seen, said, unsettled)
    yield _template("sent.yaml").rstrip()


def _not_clear(found: UnderstoodFile, said: Said) -> Iterator[str]:
    told = (source.time for source in found.recipe.sources) if found.recipe else ()
    dated = {time.column for time in told if time.column and not time.zone} if found.recipe else found.rows.columns
    return open_points(found.rows, tuple(dated), zone=ZoneInfo(said.zone) if said.zone else None)


def _day_of(found: UnderstoodFile, unsettled: list[str]) -> str:
    day = datetime.fromtimestamp(found.rows.file.stat().st_mtime, UTC).date().isoformat()
    if found.recipe and "day" in found.recipe.asks:
        unsettled.append(
            f"{found.rows.file.name} happened on {day}, when it was last written. {found.recipe.asks['day']} (--day)"
        )
    return day


def _numbers(seen: Sequence[SeenInSource], said: Said, unsettled: list[str]) -> Iterator[str]:
    """How the numbers of the last source are written, below its block."""
    for each in seen:
        found = each.numbers
        if each.source.decimal is None and said.decimal is not None:
            yield f'    numbers: {{decimal: "{said.decimal}"}}'
        elif found.decimal is not None and (found.decimal == "," or found.doubtful):
            yield f'    numbers: {{decimal: "{found.decimal}"}}  # a guess, by {scalar_text(found.example)}'
            unsettled.append(
                f"numbers are written with {found.decimal!r} before the decimals, as in {found.example!r}."
            )
        elif found.doubtful:
            yield f'    # numbers: {{decimal: "."}}  # to fill in: {scalar_text(found.doubtful)} may be two numbers'
            unsettled.append(
                f"{found.doubtful!r} may be two numbers, and such rows are quarantined until the source says "
                "`numbers` (--decimal)."
            )


def _written(found: UnderstoodFile, sources: str, *, indent: str) -> str:
    """The blocks of sources, each with the encoding of the file, and the escape that a row of it shows."""
    keys = [f"encoding: {scalar_text(found.rows.encoding)}"] if found.rows.encoding else []
    if found.rows.escape:
        keys.append(f"escape: '{found.rows.escape}'  # one of its rows can be read in no other way")
    lines = "".join(f"\n{indent}  {key}" for key in keys)
    return re.sub(rf"^{indent}\S+:$", lambda name: name[0] + lines, sources, flags=re.MULTILINE)


def _other_than(taken: Collection[str], name: str) -> str:
    """A name for a source beside others."""
    return next(each for each in chain([name], (f"{name}_{n}" for n in count(2))) if each not in taken)


def _to_fill_in(found: UnderstoodFile, name: str) -> str:
    """A source of a file that nobody knows, as a comment: its own columns, and what can be said of them."""
    columns = [f"  #   {scalar_text(column)}: {describe_column(found.rows, column)}" for column in found.rows.columns]
    blocks = _written(found, _filled("unknown.yaml", name=scalar_text(name)), indent="")
    return "\n".join(
        [
            f"  # {scalar_text(found.rows.file.name)} is no export that is known: nothing is guessed. Its columns:",
            *columns,
            *(f"  # {line}".rstrip() for line in blocks.splitlines()),
        ]
    )


def _filled(template: str, **said: str) -> str:
    return Template(_template(template)).substitute(said)


def _template(name: str) -> str:
    return files(__package__).joinpath("templates", name).read_text(encoding="utf-8")
