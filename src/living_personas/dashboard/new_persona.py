"""A new persona from a workshop: who it is, counted while it is built, its goal, and what to choose for it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.responses import Response

from living_personas.dashboard.count_budget import COUNTS
from living_personas.dashboard.editing import said_at_fields
from living_personas.dashboard.persona_form import attribute_content
from living_personas.dashboard.rule_form import COMPARISONS, rows_of, rule_of
from living_personas.dashboard.visit import Visit
from living_personas.domain.decision import UNMATCHED
from living_personas.domain.persona import before_all
from living_personas.domain.told_number import share_words
from living_personas.domain.value import value
from living_personas.errors import LivingPersonasError
from living_personas.loop.corrections.promised import budget_of_first
from living_personas.loop.previews.rule_counts import RuleCount, count_rule, examples_of, expected_days, met_lately
from living_personas.people.file_saves import LONGEST_WHY, save_file
from living_personas.reporting.anonymous import Discretion
from living_personas.reporting.reading import stamp_of
from living_personas.reporting.spreads import Spread
from living_personas.rules.tree import Kind
from living_personas.workspace.file_problems import InvalidFilesError, Problem
from living_personas.workspace.files import declared_goals
from living_personas.workspace.persona_shape import PERSONA_ID
from living_personas.workspace.persona_text import SCHEMA_LINE
from living_personas.workspace.round_trip import Change, Put, rewritten
from living_personas.workspace.workspace_folder import PERSONAS
from living_personas.workspace.yaml_content import Bare, Content, Flow

__all__ = ["count", "create", "examples", "form"]

EXAMPLES = 10
LIFT = 0.2
"""The relative lift for which it is told how long it takes to know."""

_FIELDS: Mapping[tuple[str, ...], str] = {
    ("persona",): "id",
    ("name",): "name",
    ("who",): "who",
    ("brief",): "brief",
    ("goal",): "goal",
    ("goal", "event"): "goal.event",
    ("goal", "within"): "goal.within",
    ("channels",): "channels",
}


@value
class _Told:
    """What may be told of whom a rule holds: counts in whole crowds, and examples that name nobody."""

    rule: str
    customers: int | None
    overlap: tuple[tuple[str, int], ...]
    examples: tuple[Mapping[str, str], ...]
    time: str
    takes: bool = False
    problem: str = ""


def form(visit: Visit) -> Response:
    """The empty form."""
    return _page(visit, typed={})


def count(visit: Visit) -> Response:
    """Whom the rule that is being built would hold: a piece beside the form."""
    return visit.piece("counted.html", told=_told(visit, visit.form, examples=False))


def examples(visit: Visit) -> Response:
    """The same, with some of those customers."""
    return visit.piece("counted.html", told=_told(visit, visit.form, examples=True))


def create(visit: Visit) -> Response:
    """Write the file of the persona; or show one row more of the form."""
    typed = visit.form
    if typed.get("more"):
        return _page(visit, typed={name: said for name, said in typed.items() if name != "more"}, more=typed)
    try:
        rule = rule_of(typed, _kinds(visit))
    except LivingPersonasError as error:
        return _page(visit, typed=typed, said_at={"who": error.in_sentences})
    id_ = typed.get("id", "").strip() or _id(typed.get("name", ""))
    path = visit.board.root / PERSONAS / f"{id_ if re.fullmatch(PERSONA_ID, id_) else 'new'}.yaml"
    first = before_all(visit.context.personas) if typed.get("overlap") == "take" else None
    text = _text(typed, id_, rule, priority=first)
    try:
        save_file(
            visit.context,
            path,
            text,
            visit.person,
            root=visit.board.root,
            before=None,
            persona=id_,
            why=typed.get("why", "") or "From a workshop.",
        )
    except InvalidFilesError as error:
        wrong, others = _problems(error.problems, text, path.as_posix(), typed)
        return _page(visit, typed=typed, said_at=wrong, others=others)
    said = "It is written down. It is version 1 after the next cycle (`personas run`)."
    return visit.to(f"/personas/{id_}/edit", said=said)


def _problems(
    problems: tuple[Problem, ...], text: str, file: str, typed: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    name = typed.get("a.name", "").strip()
    fields: dict[tuple[str, ...], str] = {
        ("attributes", name, "options"): "a.options",
        ("attributes", name, "we_believe"): "a.believe",
        ("attributes", name, "labels"): "a.labels",
    }
    fields |= {("attributes", name): "a.name", ("attributes", name, "confidence"): "a.confidence"}
    return said_at_fields(problems, text, file=file, names={**_FIELDS, **fields})


def _text(typed: Mapping[str, str], id_: str, rule: str, *, priority: int | None) -> str:
    """The file as it was typed; what is wrong with it is said by those who read it."""
    start = f"{SCHEMA_LINE}\npersona: new\n"
    changes = [Put(way=("persona",), content=id_), *_changes(typed, rule)]
    if priority is not None:
        changes.append(Put(way=("priority",), content=Bare(text=str(priority)), after=("who",)))
    return rewritten(start, changes, file="personas/new.yaml")


def _changes(typed: Mapping[str, str], rule: str) -> list[Change]:
    said = {name: text.replace("\r\n", "\n").strip() for name, text in typed.items()}
    changes: list[Change] = [Put(way=("name",), content=said["name"])] if said.get("name") else []
    changes.append(Put(way=("who",), content=rule))
    goal: Content = said["goal"] if said.get("goal") else _goal(said)
    changes.append(Put(way=("goal",), content=goal))
    if channels := [each.strip() for each in said.get("channels", "").split(",") if each.strip()]:
        changes.append(Put(way=("channels",), content=channels))
    if said.get("a.name") or said.get("a.options"):
        changes.append(Put(way=("attributes", said.get("a.name") or "?"), content=attribute_content(typed, "a")))
    if said.get("brief"):
        changes.append(Put(way=("brief",), content=said["brief"]))
    return changes


def _goal(said: Mapping[str, str]) -> Flow:
    return Flow(fields={"event": said.get("goal.event", ""), "within": said.get("goal.within", "") or "7 days"})


def _id(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:64]


def _page(
    visit: Visit,
    *,
    typed: Mapping[str, str],
    more: Mapping[str, str] | None = None,
    said_at: Mapping[str, str] | None = None,
    others: list[str] | None = None,
) -> Response:
    found = visit.spreads()
    rows = rows_of(more or typed)
    counts = {"groups": str(len(rows)), **{f"rows{number}": str(len(group)) for number, group in enumerate(rows)}}
    return visit.page(
        "new-persona.html",
        status=422 if said_at or others else 200,
        typed={**typed, **counts},
        groups=rows,
        spreads=found,
        comparisons={name: words for kind in COMPARISONS.values() for name, words in kind.items()},
        goals=sorted(declared_goals(visit.board.root)),
        said_at=said_at or {},
        others=others or [],
        told=_told(visit, typed, examples=False),
        longest_why=LONGEST_WHY,
    )


def _told(visit: Visit, typed: Mapping[str, str], *, examples: bool) -> _Told:
    """What may be told; what is wrong with the rule instead, where something is."""
    discretion, rule = Discretion(), ""
    try:
        rule = rule_of(typed, _kinds(visit))
        if not rule:
            return _Told(rule="", customers=None, overlap=(), examples=(), time="")
        if not visit.board.counts.allows(visit.account.name, rule, now=visit.board.clock()):
            return _Told(rule=rule, customers=None, overlap=(), examples=(), time="", problem=_SPENT)
        counted = count_rule(visit.context, rule)
    except LivingPersonasError as error:
        said = error.in_sentences
        return _Told(rule=rule, customers=None, overlap=(), examples=(), time="", problem=said)
    labels = visit.labels
    overlap = {labels.persona(id_): discretion.count(number) for id_, number in counted.of.items() if id_ != UNMATCHED}
    told = discretion.count(counted.customers)
    return _Told(
        rule=rule,
        customers=told,
        overlap=tuple((name, number) for name, number in overlap.items() if number is not None),
        examples=_examples(visit, rule) if examples and told is not None else (),
        time=_time(visit, counted, typed) if told is not None else "",
        takes=typed.get("overlap") == "take",
    )


_SPENT = f"You had {COUNTS} rules counted within an hour: this one is not counted now, and can be saved all the same."


def _examples(visit: Visit, rule: str) -> tuple[Mapping[str, str], ...]:
    """Some customers by what is known of them, rounded: frequent words and two digits, for the names of the form."""
    known = {each.name: each for each in visit.spreads()}
    rows = examples_of(visit.context, rule, most=EXAMPLES).to_pylist()
    return tuple(
        {name: _rounded(said, known[name]) for name, said in list(row.items())[:_MOST_COLUMNS] if name in known}
        for row in rows
    )


_MOST_COLUMNS = 8


def _rounded(said: object, spread: Spread) -> str:
    if said is None:
        return "not known"
    if isinstance(said, float | int) and not isinstance(said, bool):
        return f"{float(f'{min(max(said, spread.lower), spread.upper):.2g}'):g}"
    return str(said) if spread.kind == "boolean" or str(said) in spread.words else "something else"


def _time(visit: Visit, counted: RuleCount, typed: Mapping[str, str]) -> str:
    options = [each for each in typed.get("a.options", "").splitlines() if each.strip()]
    met = visit.board.met.get(stamp_of(visit.context).published, lambda: met_lately(visit.context)) or {}
    budget = budget_of_first(visit.context)
    days = expected_days(counted, met, options=max(2, len(options)), lift=LIFT, alpha=budget)
    if days is None:
        return "How long until we would know is not known yet: nobody like them has been met."
    return (
        f"If another of {max(2, len(options))} options were better by {share_words(LIFT)}, we would know after about "
        f"{days:,} days, if they are met as the personas that they come from."
    )


def _kinds(visit: Visit) -> Mapping[str, Kind]:
    return {each.name: each.kind for each in visit.spreads()}
