"""A persona is edited: its file is rewritten, checked and saved with a name; nothing learned is lost in silence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from starlette.responses import Response

from living_personas.dashboard.persona_form import Fields, changes_of, fields_of, places_of
from living_personas.dashboard.visit import Visit
from living_personas.domain.file_save import FileSave
from living_personas.domain.key import digest_of
from living_personas.domain.persona import Persona
from living_personas.domain.value import value
from living_personas.errors import InvalidDecisionError, in_sentences
from living_personas.loop.previews.edit_preview import Begun, Touched, begun_beliefs, touched_values
from living_personas.people.file_saves import LONGEST_WHY, persona_path, save_file, saves_of, text_of, undo_save
from living_personas.reporting.experiments import time_to_know
from living_personas.reporting.what_is_known import holds_proven
from living_personas.workspace.file_problems import InvalidFilesError, Problem, Problems, UnreadableError
from living_personas.workspace.file_records import FileRecord, Values
from living_personas.workspace.files import declared_goals, read_workspace
from living_personas.workspace.nodes import parse_yaml, places
from living_personas.workspace.persona_shape import PERSONA
from living_personas.workspace.round_trip import rewritten, unified_diff

__all__ = [
    "FileDraft",
    "draft_of",
    "edit",
    "edit_page",
    "form",
    "read_draft",
    "refuse_stale",
    "said_at_fields",
    "save_draft",
    "shown_saves",
    "undo",
]

SAVES_SHOWN = 10


@value
class FileDraft:
    """A file of the workspace as it is, and what it says; ``persona`` is whose it is, empty for the settings."""

    persona: str
    path: Path
    text: str
    of: Values


@value
class _Question:
    """A settled value that the edit touches, and whether it is proven; one of an attribute ``asks`` for all."""

    touched: Touched
    field: str
    proven: bool
    asks: bool
    labels: Mapping[str, str]

    def named(self, option: str) -> str:
        """What people call an option."""
        return self.labels.get(option, option)


def form(visit: Visit) -> Response:
    """The form, as the file is."""
    return edit_page(visit, draft_of(visit), typed={})


def edit(visit: Visit) -> Response:
    """Save what was typed; first ask about settled values that it touches, and beliefs that it begins anew."""
    draft, typed = draft_of(visit), visit.form
    refuse_stale(draft, typed)
    text, unasked = _rewritten(visit, draft, typed), _unasked(visit, draft, typed)
    if text == draft.text:
        return visit.to(f"/personas/{draft.persona}/edit", said="Nothing was changed.")
    try:
        meant = read_workspace(visit.board.root, instead={draft.path: unasked})
        written, now = meant.persona(draft.persona), visit.board.clock()
        questions = _questions(visit, draft, written, now)
        begun = begun_beliefs(visit.context, [written], meant.settings, now=now)
        if (questions or begun) and typed.get("seen") != digest_of(unasked):
            return edit_page(visit, draft, typed=typed, questions=questions, begun=begun, seen=digest_of(unasked))
        save_draft(visit, draft, text, why=typed.get("why", ""))
    except InvalidFilesError as error:
        return edit_page(visit, draft, typed=typed, problems=error.problems, text=text)
    said = "Saved. It holds from the next cycle on (`personas run`)."
    return visit.to(f"/personas/{draft.persona}/edit", said=said)


def save_draft(visit: Visit, draft: FileDraft, text: str, *, why: str) -> None:
    """Save another text of a file, by whoever visits.

    Raises
    ------
    InvalidFilesError
        With every problem that the files would have; nothing is written.
    """
    save_file(
        visit.context,
        draft.path,
        text,
        visit.person,
        root=visit.board.root,
        before=draft.text,
        persona=draft.persona,
        why=why,
    )


def undo(visit: Visit) -> Response:
    """Take back a save."""
    save = undo_save(visit.context, int(visit.request.path_params["number"]), visit.person, root=visit.board.root)
    to = "/personas" if save.before is None else f"/personas/{save.persona}/edit" if save.persona else "/settings"
    return visit.to(to, said=f"Undone: {save.file} is what it was before {save.by} saved it.")


def said_at_fields(
    problems: tuple[Problem, ...], text: str, *, file: str, names: Mapping[tuple[str, ...], str]
) -> tuple[dict[str, str], list[str]]:
    """What is wrong with a text, by the name of the field that it is about, and what is about none.

    ``names`` are the fields by their places; a problem is shown at the last field that begins before it on its line.
    """
    at = places(parse_yaml(text, file=file, problems=Problems()))
    by_field: dict[str, str] = {}
    others: list[str] = []
    for problem in problems:
        on_line = [
            (where.column or 0, names[way])
            for way, where in at.items()
            if way in names and problem.where.file == file and where.line == problem.where.line
        ]
        before = [each for each in sorted(on_line) if each[0] <= (problem.where.column or 0)]
        said = in_sentences(problem.message, problem.hint)
        if before:
            by_field[before[-1][1]] = said
        else:
            others.append(f"{Path(problem.where.file or '').name}, line {problem.where.line}: {said}")
    return by_field, others


def draft_of(visit: Visit) -> FileDraft:
    """The file of the persona that the address names.

    Raises
    ------
    InvalidFilesError
        If it cannot be read.
    """
    persona = visit.request.path_params["persona"]
    return read_draft(persona_path(visit.board.root, persona), PERSONA, persona=persona)


def read_draft(path: Path, shape: FileRecord[Values], *, persona: str = "") -> FileDraft:
    """A file of the workspace, of a persona or of its settings, as it is to be edited.

    Raises
    ------
    InvalidFilesError
        If it cannot be read.
    """
    text, problems = text_of(path) or "", Problems()
    try:
        of = shape.read(parse_yaml(text, file=path.as_posix(), problems=problems), problems)
    except UnreadableError:
        problems.raise_if_any()
        raise
    return FileDraft(persona=persona, path=path, text=text, of=of)


def refuse_stale(draft: FileDraft, typed: Fields) -> None:
    """Refuse what was typed into the form of an older text.

    Raises
    ------
    InvalidDecisionError
        If the file is another one by now.
    """
    if typed.get("base") != digest_of(draft.text):
        raise InvalidDecisionError(
            f"{draft.path.name} was changed in the meantime, elsewhere or in another tab.",
            hint="reload the page, and change it anew.",
        )


def _rewritten(visit: Visit, draft: FileDraft, typed: Fields) -> str:
    changes = changes_of(draft.of, typed, today=visit.context.today(visit.board.clock()))
    return rewritten(draft.text, changes, file=draft.path.as_posix())


def _unasked(visit: Visit, draft: FileDraft, typed: Fields) -> str:
    """The text without the answers to what was asked."""
    return _rewritten(visit, draft, {name: said for name, said in typed.items() if not name.endswith(".settled")})


def _questions(visit: Visit, draft: FileDraft, written: Persona, now: datetime) -> tuple[_Question, ...]:
    touched = touched_values(visit.context, written, now=now)
    names = list(draft.of["attributes"])
    reports = visit.reading().persona(draft.persona).attributes if touched else ()
    proven = {(each.attribute, each.channel) for each in reports if holds_proven(each)}
    asking = {each.subject.attribute: each for each in reversed(touched) if each.stays}
    return tuple(
        _Question(
            touched=each,
            asks=asking.get(each.subject.attribute) is each,
            field=f"a{names.index(each.subject.attribute)}.settled",
            proven=(each.subject.attribute, each.subject.channel) in proven,
            labels=dict(draft.of["attributes"][each.subject.attribute].called_by),
        )
        for each in touched
        if each.subject.attribute in names
    )


def edit_page(
    visit: Visit,
    draft: FileDraft,
    *,
    typed: Fields,
    questions: tuple[_Question, ...] = (),
    begun: tuple[Begun, ...] = (),
    seen: str = "",
    problems: tuple[Problem, ...] = (),
    text: str = "",
    wrong_picture: str = "",
) -> Response:
    """The form, with what was typed, what is asked about it, and what is wrong with it."""
    said, others = (
        said_at_fields(problems, text, file=draft.path.as_posix(), names=places_of(draft.of)) if problems else ({}, [])
    )
    return visit.page(
        "edit.html",
        status=422 if problems or wrong_picture else 200,
        draft=draft,
        typed={**{name: field.said for name, field in fields_of(draft.of).items()}, **typed},
        attributes=list(draft.of["attributes"].values()),
        guardrails=draft.of["guardrails"],
        goals=sorted(declared_goals(visit.board.root)),
        base=digest_of(draft.text),
        times=_times(visit, draft.persona),
        has_version=draft.persona in visit.newest(),
        questions=questions,
        begun=begun,
        seen=seen,
        said_at=said,
        others=others,
        saves=shown_saves(visit, draft),
        longest_why=LONGEST_WHY,
        face=visit.face(draft.persona, draft.of["picture"]),
        wrong_picture=wrong_picture,
    )


def _times(visit: Visit, persona: str) -> Mapping[str, str]:
    """How long until we would know, for each attribute of a persona that has lived; its busiest channel tells."""
    reading = visit.reading()
    if persona not in reading.versions or not reading.shown(persona):
        return {}
    found = sorted(
        (plan for plan in reading.plans if plan.subject.persona == persona), key=lambda plan: plan.units_a_day or 0.0
    )
    return {plan.subject.attribute: "; ".join(time_to_know(plan)) for plan in found}


def shown_saves(visit: Visit, draft: FileDraft, *, file: str = "") -> list[tuple[int, FileSave, str, bool]]:
    """The newest saves of a file: their numbers, what they changed, and whether they can be undone."""
    found = saves_of(visit.context.store, draft.persona, file=file)
    last = list(found)[-1:]
    return [
        (
            number,
            save,
            unified_diff(save.before or "", save.after or "", Path(save.file)),
            [number] == last and save.after == draft.text,
        )
        for number, save in list(found.items())[::-1][:SAVES_SHOWN]
    ]
