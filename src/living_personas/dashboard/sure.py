"""What holds for everybody at once is asked about once before it is done, and can be undone where it is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from starlette.responses import Response

from living_personas.dashboard.visit import Visit
from living_personas.domain.value import value

__all__ = ["Undo", "asked_first", "undo_at", "undo_of"]


@value
class Undo:
    """A form that takes back what was done just now: where it goes, and its fields."""

    action: str
    fields: Mapping[str, str]


def asked_first(
    question: Callable[[Visit], tuple[str, str]], view: Callable[[Visit], Response]
) -> Callable[[Visit], Response]:
    """A view that is asked for twice: first it shows the ``question`` (a title, and what it means)."""

    def ask(visit: Visit) -> Response:
        if visit.form.get("sure") == "1":
            return view(visit)
        title, meaning = question(visit)
        fields = {name: said for name, said in visit.form.items() if name not in ("csrf", "sure")}
        back = _persona(visit) if "persona" in visit.request.path_params else "/changes"
        return visit.page("sure.html", title=title, meaning=meaning, fields=fields, back=back)

    return ask


def undo_at(path: str, **fields: str) -> str:
    """The address of a page that offers to undo what was done, by the fields of the form that does."""
    return f"{path}?{urlencode({f'undo.{name}': said for name, said in fields.items()})}"


def undo_of(visit: Visit) -> Undo | None:
    """The way back that the address of a page offers; it is a form like any other, with its token and its role."""
    fields = {
        name.removeprefix("undo."): said
        for name, said in visit.request.query_params.items()
        if name.startswith("undo.")
    }
    if fields.keys() == {"state"}:
        return Undo(action="/kill", fields=fields)
    if fields.keys() == {"save"} and fields["save"].isdecimal():
        return Undo(action=f"/saves/{fields['save'][:9]}/undo", fields={})
    actions = {frozenset({"attribute", "hold"}): "pin", frozenset({"to"}): "roll-back"}
    named = actions.get(frozenset(fields))
    is_about = "persona" in visit.request.path_params
    return Undo(action=f"{_persona(visit)}/{named}", fields=fields) if named and is_about else None


def _persona(visit: Visit) -> str:
    return f"/personas/{visit.request.path_params['persona']}"
