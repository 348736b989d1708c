"""The workspace is edited: goals, metrics, guardrails, holdout, autonomy and contacts, as a persona's file is."""

from __future__ import annotations

from starlette.responses import Response

from living_personas.dashboard.editing import (
    FileDraft,
    read_draft,
    refuse_stale,
    said_at_fields,
    save_draft,
    shown_saves,
)
from living_personas.dashboard.persona_form import Fields
from living_personas.dashboard.settings_form import (
    IN_THE_FORM,
    NOT_HERE,
    settings_changes,
    settings_fields,
    settings_places,
)
from living_personas.dashboard.visit import Visit
from living_personas.domain.key import digest_of
from living_personas.loop.previews.edit_preview import Begun, begun_beliefs
from living_personas.people.file_saves import LONGEST_WHY
from living_personas.workspace.file_problems import InvalidFilesError, Problem
from living_personas.workspace.files import read_workspace
from living_personas.workspace.round_trip import rewritten
from living_personas.workspace.settings_shape import SETTINGS
from living_personas.workspace.workspace_folder import SETTINGS_FILE

__all__ = ["edit", "form"]


def form(visit: Visit) -> Response:
    """The form, as the file is."""
    return _page(visit, _draft(visit), typed={})


def edit(visit: Visit) -> Response:
    """Save what was typed; first ask about beliefs that would begin anew."""
    draft, typed = _draft(visit), visit.form
    refuse_stale(draft, typed)
    text = rewritten(draft.text, settings_changes(draft.of, typed), file=draft.path.as_posix())
    if text == draft.text:
        return visit.to("/settings", said="Nothing was changed.")
    try:
        meant = read_workspace(visit.board.root, instead={draft.path: text})
        begun = begun_beliefs(visit.context, meant.personas, meant.settings, now=visit.board.clock())
        if begun and typed.get("seen") != digest_of(text):
            return _page(visit, draft, typed=typed, begun=begun, seen=digest_of(text))
        save_draft(visit, draft, text, why=typed.get("why", ""))
    except InvalidFilesError as error:
        return _page(visit, draft, typed=typed, problems=error.problems, text=text)
    said = "Saved: the files say so now. Beliefs, and who is held out, follow with the next cycle (`personas run`)."
    return visit.to("/settings", said=said)


def _draft(visit: Visit) -> FileDraft:
    return read_draft(visit.board.root / SETTINGS_FILE, SETTINGS)


def _page(
    visit: Visit,
    draft: FileDraft,
    *,
    typed: Fields,
    begun: tuple[Begun, ...] = (),
    seen: str = "",
    problems: tuple[Problem, ...] = (),
    text: str = "",
) -> Response:
    said, others = (
        said_at_fields(problems, text, file=draft.path.as_posix(), names=settings_places(draft.of))
        if problems
        else ({}, [])
    )
    of, contact = draft.of, draft.of["contact"]
    fields = {name: field.said for name, field in settings_fields(of).items()}
    return visit.page(
        "settings.html",
        status=422 if problems else 200,
        typed={"contact.channels": ", ".join(contact.channels) if contact else "", **fields, **typed},
        goals=list(of["goals"]),
        metrics=list(of["metrics"]),
        cool_downs=[each.event for each in contact.cool_downs] if contact else [],
        has_contact=contact is not None,
        guardrails=of["guardrails"],
        base=digest_of(draft.text),
        begun=begun,
        seen=seen,
        said_at=said,
        others=others,
        elsewhere=_elsewhere(draft),
        saves=shown_saves(visit, draft, file=SETTINGS_FILE),
        longest_why=LONGEST_WHY,
    )


def _elsewhere(draft: FileDraft) -> list[tuple[str, int, str]]:
    """The keys of the file that have no field: their names, lines, and why."""
    keys = [key for key, _ in draft.of.node.pairs if key.text not in IN_THE_FORM]
    return [(key.text, key.where.line or 0, NOT_HERE[key.text]) for key in keys]
