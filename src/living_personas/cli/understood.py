"""What the files of a workspace were taken to mean, and what a person may not have meant."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.channels.email_providers.secrets import secret_problems
from living_personas.cli.opened import DATABASE
from living_personas.domain.consent import LEAVING
from living_personas.domain.counted import counted
from living_personas.domain.duration_text import duration_text
from living_personas.domain.goal import Goal, Guardrail
from living_personas.domain.names import attribute_name, named
from living_personas.domain.persona import Persona
from living_personas.domain.settings import Settings
from living_personas.domain.value import value
from living_personas.errors import Location
from living_personas.loop.context import Context
from living_personas.loop.event_days.lateness import unmeasured
from living_personas.loop.event_days.seen import browsers_sent
from living_personas.loop.feed.summed_values import summed_values
from living_personas.loop.feed.uncounted import left_out, uncounted_units
from living_personas.loop.known.counted_from import counted_from
from living_personas.loop.learning.cap_state import capped_goals
from living_personas.loop.previews.planning import BeliefPlan, plan_beliefs
from living_personas.loop.relations import filtered, table_of
from living_personas.memory.records import CLOSED, ROWS_TOLD_BY, TIMES_SAID
from living_personas.memory.tables import CUSTOMERS, EXPOSURES, UNITS
from living_personas.reporting.cap_words import cap_warning
from living_personas.reporting.dropped_words import incomplete_words
from living_personas.reporting.labels import labels_of
from living_personas.reporting.uncounted_words import uncounted_words
from living_personas.rules.aggregate import EVENT_KINDS, PROPERTY
from living_personas.rules.withheld import uses_protected
from living_personas.sources.roles import travelling_columns
from living_personas.stats.value_caps import ENOUGH
from living_personas.wiring import open_context
from living_personas.workspace.files import Workspace, read_workspace
from living_personas.workspace.persona_picture import picture_problems
from living_personas.workspace.workspace_folder import SETTINGS_FILE
from living_personas.workspace.yaml_text import scalar_text

__all__ = ["Understood", "Warned", "understood"]


LOOKS_FAR = 3
"""Days beyond which a goal holds up what changes daily: known after 35 days at 3, 49 at 7, where 1 takes 30."""


@value
class Warned:
    """Something that works, but may not be what was meant."""

    where: Location
    message: str
    hint: str


@value
class Understood:
    """The files of a workspace in the program's own words.

    ``plans`` is empty until there was traffic. The salt is left out: who knows it can tell what anybody draws.
    """

    settings: Settings
    personas: tuple[Persona, ...]
    warnings: tuple[Warned, ...]
    plans: tuple[BeliefPlan, ...]


def understood(folder: Path, *, environment: Mapping[str, str] = os.environ) -> Understood:
    """What the files say, and what the data (if there are any) say about them; nothing is written.

    Raises
    ------
    InvalidFilesError
        With every problem of the files.
    """
    workspace = read_workspace(folder)
    warnings = [*_hidden(workspace), *_unreachable(workspace), *_protected(workspace), *_timing(workspace)]
    warnings += _pictures(workspace)
    warnings += [
        Warned(where=Location(file="environment"), message=problem.message, hint=problem.hint)
        for problem in secret_problems(environment)
    ]
    plans: tuple[BeliefPlan, ...] = ()
    if not (workspace.store / DATABASE).is_file():
        warnings += _capped(workspace, None)
    else:
        _, context = open_context(folder)
        with closing(context.store):
            plans = tuple(plan for plan in plan_beliefs(context) if plan.times)
            warnings += [
                *_capped(workspace, context),
                *_hidden(workspace, context),
                *_overlaps(workspace, context),
                *_twins(context),
                *_undecided(workspace, context),
                *_unknown(workspace, context),
                *_uncounted(workspace, browsers_sent(context.store)),
                *_dated_in_two_ways(workspace, context),
                *_nobody_agreed(workspace, context),
                *_unmeasured(workspace, context),
                *_incomplete(workspace, context),
            ]
    return Understood(
        settings=replace(workspace.settings, salt=""),
        personas=workspace.personas,
        warnings=tuple(warnings),
        plans=plans,
    )


def _pictures(workspace: Workspace) -> Iterator[Warned]:
    """Pictures that are not there, or cannot be shown."""
    for persona in workspace.personas:
        for error in picture_problems(workspace.root, persona):
            yield Warned(where=error.where or workspace.where(persona.id), message=error.message, hint=error.hint)


def _capped(workspace: Workspace, context: Context | None) -> Iterator[Warned]:
    """Goals that wait for their cap, and those whose cap is far too high or often reached."""
    labels = labels_of(workspace.personas)
    goals = capped_goals(context) if context else ()
    known = {each.persona: cap_warning(labels.capped(each)) for each in goals}
    for persona in workspace.personas:
        waits = (
            f"{named(persona.name)} has no `at_most` for {named(persona.goal.value or '')}."
            if persona.goal.waits_for_cap
            else ""
        )
        if message := known.get(persona.id, waits):
            yield Warned(
                where=workspace.where(persona.id, "goal"),
                message=message,
                hint="`at_most` is the most that one customer counts; without it, it is fixed from the first "
                f"{ENOUGH} values seen, and until then no occasion counts.",
            )


def _timing(workspace: Workspace) -> Iterator[Warned]:
    """Attributes whose goal looks far beyond their occasions, and those whose outcomes count from the first one on."""
    for persona in workspace.personas:
        within = persona.goal.within
        for attribute in persona.attributes:
            where = workspace.where(persona.id, "attributes", attribute.name)
            each = f"{named(attribute_name(attribute.name))} of {named(persona.name)}"
            if attribute.assign in ("day", "visit") and persona.goal.horizon_days > LOOKS_FAR:
                yield Warned(
                    where=where,
                    message=f"{each} changes every {attribute.assign}, and its goal looks {duration_text(within)} "
                    "ahead.",
                    hint="what people do meanwhile for other reasons hides the difference: shorten `within` of the "
                    "goal, or `assign: week`.",
                )
            elif attribute.assign in ("campaign", "always"):
                yield Warned(
                    where=where,
                    message=f"{each} is judged by the first {_first(within)} after it was met: where people only "
                    "follow sooner, an option looks better.",
                    hint="let `within` of the goal be so long that nearly all who follow have done so.",
                )


def _first(within: timedelta) -> str:
    return duration_text(within).removeprefix("1 ")


def _incomplete(workspace: Workspace, context: Context) -> Iterator[Warned]:
    """Features that lack something of what was dropped because of its age."""
    for name, day in counted_from(context).items():
        hint = "it was edited or added since, or does not add up over days; look back over fewer days (`within`)."
        yield Warned(
            where=workspace.where(SETTINGS_FILE, "features", name), message=incomplete_words(name, day), hint=hint
        )


def _unmeasured(workspace: Workspace, context: Context) -> Iterator[Warned]:
    """Sources of which nobody knows how late they bring the outcomes that beliefs are corrected by."""
    unknown = unmeasured(context)
    silent = {
        unknown(persona, attribute, attribute.options)
        for persona in context.personas
        for attribute in persona.attributes
    }
    for source in sorted(silent - {""}):
        yield Warned(
            where=workspace.where(SETTINGS_FILE, "sources", source),
            message=f"How late {named(source)} delivers is not known yet: corrections that rest on it wait for a"
            " person.",
            hint="say how long after they happened its last events come: `late: 2 days`, or `late: 0 days`.",
        )


def _overlaps(workspace: Workspace, context: Context) -> Iterator[Warned]:
    """Personas whose rules, as written now, are true for the same customers, as the last cycle knew them."""
    table = table_of(CUSTOMERS.newest(context.store))
    customers = table.select([name for name in table.column_names if name not in ("persona", "matches")])
    if not customers.num_rows:
        return
    held = {persona.id: _holds(context, customers, persona) for persona in workspace.personas}
    for first, second in combinations(workspace.personas, 2):
        if first.split_of in (second.id, second.split_of or second.id):
            continue  # a part is meant to come before its whole
        both = pc.sum(pc.and_(held[first.id], held[second.id])).as_py() or 0
        if both:
            many = counted(both, "customer matches", "customers match")
            yield Warned(
                where=workspace.where(second.id, "who"),
                message=f"{many} {named(first.name)} and {named(second.name)}; the first has them, by priority.",
                hint="narrow one of the rules, or state the `priority` that you mean.",
            )


def _twins(context: Context) -> Iterator[Warned]:
    """Customers of whom another one has the same UUID in other letters: which system writes which, nobody can know."""
    table = table_of(CUSTOMERS.newest(context.store))
    if not table.num_rows:
        return
    uuids = table["customer"].filter(pc.match_substring_regex(table["customer"], _UUID))
    spelled = pa.table({"uuid": pc.utf8_lower(uuids), "id": uuids}).group_by("uuid").aggregate([("id", "list")])
    twins = [ids for ids in spelled["id_list"].to_pylist() if len(ids) > 1]
    if twins:
        many = sum(map(len, twins)) - len(twins)
        one, other, *_ = sorted(twins[0])
        yield Warned(
            where=Location(file=SETTINGS_FILE),
            message=f"{counted(many, 'customer differs', 'customers differ')} from another one only in the case of a "
            f"UUID, as {one!r} does from {other!r}.",
            hint="if they are one, let all systems write it alike, and join each two by `alias` from a server "
            f'(docs/reference/http.md), each with a `messageId` of its own: `{{"type": "alias", "messageId": '
            f'"join-{other}", "previousId": "{one}", "userId": "{other}"}}`.',
        )


_UUID = "(?i)^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"


def _holds(context: Context, customers: pa.Table, persona: Persona) -> pa.ChunkedArray:
    return pc.equal(context.engine.members(customers, personas=[persona])["persona"], persona.id)


def _undecided(workspace: Workspace, context: Context) -> Iterator[Warned]:
    """Attributes that no exposure has carried, although there are exposures: nothing can be learned of them."""
    exposures = filtered(EXPOSURES.all(context.store), schema=EXPOSURES.schema, columns=["attribute"])
    met = set(exposures["attribute"].unique().to_pylist())
    for persona in workspace.personas:
        for attribute in persona.attributes:
            if met and attribute.name not in met:
                what = f"{named(attribute_name(attribute.name))} of {named(persona.name)}"
                yield Warned(
                    where=workspace.where(persona.id, "attributes", attribute.name),
                    message=f"Nobody decides {what}: no exposure has carried it.",
                    hint="ask for decisions and report the exposures, or map it in a source.",
                )


def _hidden(workspace: Workspace, context: Context | None = None) -> Iterator[Warned]:
    """Properties that are called like something that every event has: a feature asks for that instead."""
    for source in workspace.settings.sources:
        named_in_file = set(source.properties)
        if context is not None:  # what travels by `*` is known once a file was read
            travelling = travelling_columns(source, tuple(ROWS_TOLD_BY.read(context.store, source.name) or ()))
            named_in_file = set(travelling) - named_in_file
        for name in sorted(named_in_file & EVENT_KINDS.keys()):
            yield Warned(
                where=workspace.where(SETTINGS_FILE, "sources", source.name),
                message=f"In a feature {named(name)} is the event's own, not the property of source {source.name}.",
                hint=f'ask for the property as "{PROPERTY}{name}", in double quotes.',
            )


def _unreachable(workspace: Workspace) -> Iterator[Warned]:
    """Personas that come after one that holds everybody."""
    before: Persona | None = None
    for persona in sorted(workspace.personas, key=lambda each: each.rank):
        if before is not None:
            yield Warned(
                where=workspace.where(persona.id, "who"),
                message=f"Persona {named(persona.name)} holds nobody: {named(before.name)}, which holds everybody, "
                "comes before it.",
                hint=f"give it a `priority` below {before.priority}, so that it is asked first.",
            )
        elif persona.who.strip().lower() == "true":
            before = persona


def _protected(workspace: Workspace) -> Iterator[Warned]:
    """Personas whose rule people wrote with what is protected: it holds, and is theirs to answer for."""
    settings = workspace.settings
    for persona in workspace.personas:
        used = uses_protected(settings, settings.features, persona.who)
        if used:
            yield Warned(
                where=workspace.where(persona.id, "who"),
                message=f"The rule of {named(persona.name)} uses {', '.join(map(named, used))}, which is protected.",
                hint="say whom it holds by what they do; if it must be so, be ready to say why.",
            )


def _dated_in_two_ways(workspace: Workspace, context: Context) -> Iterator[Warned]:
    """Sources of which some rows are known by their day alone: these begin or end with it."""
    for source in workspace.settings.sources:
        said = TIMES_SAID.read(context.store, source.name) or {}
        days, moments = said.get("days", 0), said.get("moments", 0)
        if moments and 2 * said.get("midnights", 0) > moments and not source.exposure:
            yield Warned(
                where=workspace.where(SETTINGS_FILE, "sources", source.name),
                message=f"{said['midnights']:,} of {moments:,} times of source {source.name} are midnight: are they "
                "days? What was met later on such a day then came too late for its own outcome.",
                hint="if the time says nothing, `time: {column: "
                f"{scalar_text(source.time.column or '')}, precision: day}}` ends what happened with its day; it holds "
                "for what comes then.",
            )
        if days and moments:
            rows, say = counted(days, "row"), "says" if days == 1 else "say"
            yield Warned(
                where=workspace.where(SETTINGS_FILE, "sources", source.name),
                message=f"{rows} of source {source.name} {say} only the day, and {moments:,} the time.",
                hint="a day alone is its first moment for an exposure, its last for all else: export times if you can.",
            )


def _nobody_agreed(workspace: Workspace, context: Context) -> Iterator[Warned]:
    """A workspace that requires a yes, and has customers of whom nobody ever said one."""
    required = context.settings.consent == "required"
    if required and context.store.inbox.recorded() and not context.store.consents.last(refuses=False).num_rows:
        yield Warned(
            where=workspace.where(SETTINGS_FILE, "consent"),
            message="Consent is required, and nobody ever agreed: nothing is decided for anybody.",
            hint="bring traits such as `consent_email`, by a source or `identify`; or write `consent: assumed`.",
        )


def _unknown(workspace: Workspace, context: Context) -> Iterator[Warned]:
    """Units under names that the files do not know (any more), sums in other currencies, and how to keep them."""
    labels = labels_of(workspace.personas)
    closed = CLOSED.read(context.store)
    summed = [each for each in summed_values(context, closed) if each.is_much] if closed else []
    for found in (*uncounted_units(context, UNITS.all(context.store)), *left_out(context), *summed):
        match found.kind:
            case "option":
                where = workspace.where(found.persona, "attributes", found.attribute, "options")
                hint = f"if it has another name now, say so in the attribute: `was: {{NEW: {found.option}}}`."
            case "attribute" if found.persona:
                where = workspace.where(found.persona, "attributes")
                hint = "write the attribute into the persona's file again, or ignore this."
            case "attribute" | "persona":
                where = workspace.where(SETTINGS_FILE)
                hint = "write it into a persona's file, or call it in the source what the files call it."
            case "currency":
                where = Location(file=SETTINGS_FILE)
                hint = "declare what each is worth, such as `rates: {EUR: 1, USD: 0.92}`; it holds for what comes then."
            case "currencies":
                where = Location(file=SETTINGS_FILE)
                hint = "name the currency of the sum, `currency: EUR` beside its `value`; others then need `rates`."
            case "empty":
                where = Location(file=SETTINGS_FILE)
                hint = "bring it under this name, by `columns` of the source; or judge by the event, without `value`."
            case "leaving":
                where = Location(file=SETTINGS_FILE)
                hint = (
                    f"if that is what they mean, call them one of {', '.join(map(named, LEAVING))} where they are "
                    "sent, or by `words` of a column of your own; if not, give them a rest of their own: "
                    f"`cool_downs: {{{scalar_text(found.event)}: 1 day}}`."
                )
            case "unclear":
                where = Location(file=SETTINGS_FILE)
                hint = (
                    f"let the source say what they mean, such as `columns: {{{found.because}: {{from: COLUMN, words: "
                    "{SAID: yes}}}`; it holds for what comes then."
                )
            case _:
                continue
        yield Warned(where=where, message=uncounted_words(labels.uncounted(found)), hint=hint)


def _uncounted(workspace: Workspace, sent: Collection[str]) -> Iterator[Warned]:
    """Outcomes that browsers or agents send, and that count for nobody."""
    for persona in workspace.personas:
        judged: list[tuple[str, Goal | Guardrail]] = [("goal", persona.goal)]
        for key, counts in judged + [("guardrails", guardrail) for guardrail in persona.guardrails]:
            if counts.event in sent and counts.from_browsers == "never":
                yield Warned(
                    where=workspace.where(persona.id, key),
                    message=f"Browsers or agents send {named(counts.event)}, and for {named(persona.name)} that does "
                    "not count.",
                    hint="send it from a server, or add `from_browsers: review` to the goal or metric.",
                )
