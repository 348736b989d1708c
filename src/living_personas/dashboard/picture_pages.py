"""Pictures of personas and options: shown from the files beside the personas, and brought by a form."""

from __future__ import annotations

import re

from starlette.responses import Response

from living_personas.dashboard.editing import FileDraft, draft_of, edit_page, save_draft
from living_personas.dashboard.visit import Visit
from living_personas.errors import InvalidPersonaError, UnknownNameError
from living_personas.workspace.persona_picture import keep_picture, read_picture_file
from living_personas.workspace.picture_content import read_picture
from living_personas.workspace.round_trip import Change, Drop, Put, Way, rewritten

__all__ = ["keep", "show"]

_HEADERS = {
    "content-security-policy": "default-src 'none'; sandbox",
    "cache-control": "private, max-age=31536000, immutable",
}
"""A picture that is opened by itself may load and run nothing; another content has another address."""


def show(visit: Visit) -> Response:
    """A picture beside the personas, as what its content is; none if it cannot be shown."""
    try:
        found = read_picture_file(visit.board.root, visit.request.path_params["name"])
    except InvalidPersonaError:
        return Response(status_code=404)
    return Response(found.content, media_type=f"image/{found.kind}", headers=_HEADERS)


def keep(visit: Visit) -> Response:
    """Keep the picture that was brought beside the persona's file, and name it there; or name none any more."""
    draft, gone = draft_of(visit), bool(visit.form.get("remove"))
    way, stem, what = _place(draft, visit.form.get("of", ""))
    change: Change = Drop(way=way)
    if not gone:
        content = visit.files.get("file", b"")
        if not content:
            return edit_page(visit, draft, typed={}, wrong_picture="No file was chosen: choose a PNG, JPEG or WebP.")
        try:
            found = read_picture(content)
        except InvalidPersonaError as error:
            said = error.in_sentences
            return edit_page(visit, draft, typed={}, wrong_picture=said)
        change = Put(way=way, content=keep_picture(visit.board.root, stem, found), after=("brief", "name", "persona"))
    text = rewritten(draft.text, [change], file=draft.path.as_posix())
    page = f"/personas/{draft.persona}/edit"
    if text == draft.text:
        return visit.to(page, said=f"The picture of {what} is what it was.")
    save_draft(visit, draft, text, why=f"{'No picture' if gone else 'A picture'} of {what}.")
    return visit.to(page, said=f"There is {'no' if gone else 'a new'} picture of {what}.")


def _place(draft: FileDraft, of: str) -> tuple[Way, str, str]:
    """Where the file names the picture, how the picture's own file begins, and what it shows."""
    if not of:
        return ("picture",), draft.persona, draft.of["name"] or draft.persona
    attribute, _, option = of.partition("|")
    known = draft.of["attributes"]
    if attribute not in known or option not in known[attribute].options:
        options = [f"{name}|{each}" for name, found in known.items() for each in found.options]
        raise UnknownNameError.among("option", of, options)
    stem = re.sub(r"[^A-Za-z0-9]+", "-", f"{draft.persona}-{option}").strip("-")[:100]
    return ("attributes", attribute, "pictures", option), stem, known[attribute].label(option)
