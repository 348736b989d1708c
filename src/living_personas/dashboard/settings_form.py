"""The form of workspace.yaml: what a marketer decides in it, in fields; and why the rest is for an editor."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from living_personas.dashboard.persona_form import Field, Fields, cleaned, field_change, guardrail_changes
from living_personas.domain.contact import ContactPolicy
from living_personas.domain.duration_text import duration_text
from living_personas.domain.goal import Goal
from living_personas.domain.settings import Metric
from living_personas.domain.told_number import number_text
from living_personas.workspace.file_records import Values
from living_personas.workspace.quantities import share_text
from living_personas.workspace.round_trip import Change, Drop, Put, Way
from living_personas.workspace.yaml_content import Bare, Content, Flow

__all__ = ["IN_THE_FORM", "NOT_HERE", "settings_changes", "settings_fields", "settings_places"]

IN_THE_FORM = ("name", "autonomy", "holdout", "goals", "metrics", "guardrails", "contact")
"""The keys of workspace.yaml that have fields."""

_DATA = (
    "It says how data are read: a slip loses rows in silence. Edit the file, and try it on data: `personas check FILE`."
)
_RULE = "It is a rule or a formula over events: edit the file; `personas check` says what it holds."
_PROMISE = "It is part of what evidence promises: a change in the middle makes what was promised before untrue."
_MACHINE = "It says where the product runs, and may hold addresses of machines: whoever runs it edits the file."
_PERSONS = "It says who may be known or kept: a slip cannot be taken back for those whom it befalls. Edit the file."

NOT_HERE: Mapping[str, str] = {
    "salt": "Never change it: every customer would draw anew.",
    "time_zone": "It says whose midnight ends a day: days that are closed would be other days.",
    "error_budget": _PROMISE,
    "promise": _PROMISE,
    "half_life": _PROMISE,
    "late": _DATA,
    "features": _RULE,
    "traits": _DATA,
    "protected": _PERSONS,
    "breakdowns": "Each column is counted for the last 120 days at once, which takes a night: edit the file.",
    "discovery": "It says who lets new personas into the workspace: whoever answers for it edits the file.",
    "means": _DATA,
    "campaigns": "Attributes with `assign: campaign` begin anew with each: edit the file when a campaign is planned.",
    "sources": _DATA,
    "nobody": _DATA,
    "ignore": _RULE,
    "rates": "It converts values that come from then on: edit the file when the books do.",
    "earliest": _DATA,
    "consent": _PERSONS,
    "browser_identity": _PERSONS,
    "store": _MACHINE,
    "files": _MACHINE,
    "engine": _MACHINE,
    "retention": _PERSONS,
    "webhooks": _MACHINE,
}
"""Why the other keys are not edited here."""

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def settings_fields(of: Values) -> Mapping[str, Field]:
    """The fields whose content is one value of the file, by their names."""
    return {field.name: field for field in _fields(of)}


def settings_places(of: Values) -> Mapping[Way, str]:
    """The name of the field for every place of the file that has one."""
    return {field.way: name for name, field in settings_fields(of).items()}


def settings_changes(of: Values, typed: Fields) -> tuple[Change, ...]:
    """What was typed, as changes of the file: only what differs from what it says.

    A field that was not sent changes nothing.
    """
    changes = (field_change(field, typed) for field in _fields(of))
    return (
        *(_as_number(change) for change in changes if change is not None),
        *(change for kind in ("goals", "metrics") for change in _of_named(of, kind, typed)),
        *guardrail_changes(of["guardrails"], typed),
        *_of_contact(of["contact"], typed),
    )


def _fields(of: Values) -> Iterator[Field]:
    yield Field(name="name", way=("name",), said=of["name"], optional=False)
    yield Field(name="autonomy", way=("autonomy",), said=of["autonomy"], after=("time_zone", "salt", "name"))
    yield Field(name="holdout", way=("holdout",), said=share_text(of["holdout"]), after=("autonomy", "salt", "name"))
    for kind in ("goals", "metrics"):
        for place, (name, outcome) in enumerate(of[kind].items()):
            yield from _outcome_fields((kind, name), f"{kind}{place}", outcome)
    yield from _contact_fields(of["contact"])


def _outcome_fields(way: Way, start: str, of: Goal | Metric) -> Iterator[Field]:
    yield Field(name=f"{start}.event", way=(*way, "event"), said=of.event, optional=False)
    within = duration_text(of.within)
    yield Field(name=f"{start}.within", way=(*way, "within"), said=within, after=("event",), optional=False)
    yield Field(name=f"{start}.value", way=(*way, "value"), said=of.value or "", after=("event",))
    at_most = number_text(of.at_most) if of.at_most is not None else ""
    yield Field(name=f"{start}.at_most", way=(*way, "at_most"), said=at_most, after=("value", "event"))


def _contact_fields(of: ContactPolicy | None) -> Iterator[Field]:
    if of is None:
        return
    caps = {cap.within.days: str(cap.most) for cap in of.caps}
    for name, days in (("day", 1), ("week", 7)):
        yield Field(name=f"caps.{name}", way=("contact", "caps", name), said=caps.get(days, ""))
    quiet = of.quiet_hours
    for name, at in (("from", quiet.begins if quiet else None), ("to", quiet.ends if quiet else None)):
        yield Field(name=f"quiet.{name}", way=("contact", "quiet_hours", name), said=f"{at:%H:%M}" if at else "")
    for place, each in enumerate(of.cool_downs):
        way = ("contact", "cool_downs", each.event)
        yield Field(name=f"cool{place}", way=way, said=duration_text(each.lasts))


def _as_number(change: Change) -> Change:
    """Numbers are written as such; what was typed in their place and is none is for the check to refuse."""
    is_number = change.way[-1] == "at_most" or change.way[:2] == ("contact", "caps")
    if is_number and isinstance(change, Put) and isinstance(change.content, str) and _NUMBER.fullmatch(change.content):
        return Put(way=change.way, content=Bare(text=change.content), after=change.after)
    return change


def _of_named(of: Values, kind: str, typed: Fields) -> Iterator[Change]:
    """Goals or metrics that come and go."""
    for place, name in enumerate(of[kind]):
        if typed.get(f"{kind}{place}.remove"):
            yield Drop(way=(kind, name))
    said = {key: cleaned(typed.get(f"{kind}.new.{key}", "")) for key in ("name", "event", "within", "value", "at_most")}
    if not said["name"] and not said["event"]:
        return
    fields: dict[str, Content] = {"event": said["event"], "within": said["within"] or "7 days"}
    fields |= {"value": said["value"]} if said["value"] else {}
    if said["at_most"]:
        fields["at_most"] = Bare(text=said["at_most"]) if _NUMBER.fullmatch(said["at_most"]) else said["at_most"]
    yield Put(way=(kind, said["name"] or "?"), content=Flow(fields=fields))


def _of_contact(of: ContactPolicy | None, typed: Fields) -> Iterator[Change]:
    channels = [each for said in typed.get("contact.channels", "").split(",") if (each := cleaned(said))]
    if of is None:
        yield from _new_contact(channels, typed)
        return
    if "contact.channels" in typed and tuple(channels) != of.channels:
        yield Put(way=("contact", "channels"), content=channels)
    if of.quiet_hours is not None and not cleaned(typed.get("quiet.from", "x")) + cleaned(typed.get("quiet.to", "x")):
        yield Drop(way=("contact", "quiet_hours"))
    event, lasts = (cleaned(typed.get(f"cool.new.{key}", "")) for key in ("event", "lasts"))
    if event or lasts:
        yield Put(way=("contact", "cool_downs", event or "?"), content=lasts)


def _new_contact(channels: list[str], typed: Fields) -> Iterator[Change]:
    """The first rules about contacts: with a channel on which they hold, or none."""
    said = {name: cleaned(typed.get(name, "")) for name in ("caps.day", "caps.week", "quiet.from", "quiet.to")}
    if not channels and not any(said.values()):
        return
    yield Put(way=("contact", "channels"), content=channels)
    for name, text in said.items():
        if text:
            key, _, part = name.partition(".")
            yield _as_number(Put(way=("contact", "quiet_hours" if key == "quiet" else key, part), content=text))
