"""Notes on a persona's page."""

from __future__ import annotations

from starlette.responses import Response

from living_personas.dashboard.visit import Visit
from living_personas.domain.note import Note
from living_personas.loop.notes import add_note

__all__ = ["add"]


def add(visit: Visit) -> Response:
    """Add a note, in the name of whoever is signed in."""
    persona = str(visit.request.path_params["persona"])
    text = visit.form.get("text", "").replace("\r\n", "\n").strip()
    number = add_note(
        visit.context,
        Note(
            persona=persona,
            about=visit.form.get("about", ""),
            text=text,
            by=visit.account.name,
            at=visit.board.clock(),
        ),
    )
    return visit.to(f"/personas/{persona}#note-{number}", said="Noted.")
