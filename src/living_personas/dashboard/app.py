"""The dashboard as an ASGI application: which page answers which path, and who may ask."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from html import escape
from pathlib import Path
from typing import TypeAlias
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from living_personas.dashboard import (
    changes,
    customer_pages,
    customer_requests,
    editing,
    experiments,
    health,
    home,
    mailing,
    member_pages,
    new_persona,
    noting,
    people_pages,
    persona_details,
    personas,
    picture_pages,
    review,
    segments,
    settings_pages,
    signing,
    tester,
)
from living_personas.dashboard.cache import Shelf, Shelves
from living_personas.dashboard.live import live_stream
from living_personas.dashboard.render import STATIC, Pages
from living_personas.dashboard.security_headers import SecureHeaders
from living_personas.dashboard.sessions import COOKIE, find_session
from living_personas.dashboard.sure import asked_first
from living_personas.dashboard.typed import is_from_here, typed_in
from living_personas.dashboard.visit import BEFORE, Board, StillReadingError, Visit
from living_personas.domain.account import Role
from living_personas.errors import LeaseHeldError, LivingPersonasError, UnknownNameError
from living_personas.loop.context import Context
from living_personas.workspace.picture_content import LARGEST_PICTURE

__all__ = ["dashboard_app"]

View: TypeAlias = Callable[[Visit], Response]

READS: tuple[tuple[str, View], ...] = (
    ("/", home.home),
    ("/worth", home.worth),
    ("/worth.csv", home.worth_file),
    ("/personas", personas.all_personas),
    ("/personas/{persona}", personas.one_persona),
    ("/personas/{persona}/gain", personas.gain),
    ("/personas/{persona}/details", persona_details.piece),
    ("/personas/{persona}/tables/{table}.csv", persona_details.table_file),
    ("/personas/{persona}/versions/{version:int}", personas.version_changes),
    ("/segments", segments.all_segments),
    ("/changes", changes.all_changes),
    ("/review", review.queue),
    ("/experiments", experiments.all_experiments),
    ("/experiments/{persona}/{attribute}", experiments.one_experiment),
    ("/experiments/{persona}/{attribute}/parts", experiments.parts),
    ("/tester", tester.tester),
    ("/health", health.health),
    ("/privacy", customer_requests.page),
    ("/pictures/{name}", picture_pages.show),
)
"""Pages that any person who is signed in may read."""

FORMS: tuple[tuple[str, View, Role], ...] = (
    ("/new-persona", new_persona.form, "approver"),
    ("/lists", mailing.lists, "approver"),
    ("/customer", customer_pages.form, "approver"),
    ("/settings", settings_pages.form, "approver"),
    ("/people", people_pages.everybody, "admin"),
    ("/keys", people_pages.keys, "admin"),
    ("/personas/{persona}/edit", editing.form, "approver"),
    ("/personas/{persona}/members", member_pages.form, "approver"),
)
"""Pages with forms that only those are shown who may send them."""

WRITES: tuple[tuple[str, View, Role], ...] = (
    ("/tester", tester.try_out, "viewer"),
    ("/sign-out", signing.sign_out, "viewer"),
    ("/personas/{persona}/propose", review.propose, "editor"),
    ("/personas/{persona}/notes", noting.add, "editor"),
    ("/review/{refinement}/hold", review.hold, "editor"),
    ("/review/{refinement}/more", review.more, "editor"),
    ("/review/{refinement}/take-up", review.take_up_again, "editor"),
    ("/review/{refinement}/approve", review.approve, "approver"),
    ("/review/{refinement}/reject", review.reject, "approver"),
    ("/review/{refinement}/reopen", review.reopen, "approver"),
    ("/personas/{persona}/pin", asked_first(changes.about_pin, changes.pin), "approver"),
    ("/personas/{persona}/acknowledge", asked_first(changes.about_acknowledge, changes.acknowledge), "approver"),
    ("/personas/{persona}/roll-back", asked_first(changes.about_roll_back, changes.roll_back), "approver"),
    ("/kill", asked_first(changes.about_kill, changes.kill), "approver"),
    ("/people/invite", people_pages.ask_in, "admin"),
    ("/people/{name}/role", people_pages.set_role, "admin"),
    ("/people/{name}/reset", people_pages.reset, "admin"),
    ("/people/{name}/remove", asked_first(people_pages.about_send_off, people_pages.send_off), "admin"),
    ("/keys/make", people_pages.make_key, "admin"),
    ("/keys/{key}/revoke", asked_first(people_pages.about_revoke, people_pages.revoke), "admin"),
    ("/new-persona", new_persona.create, "approver"),
    ("/new-persona/count", new_persona.count, "approver"),
    ("/new-persona/examples", new_persona.examples, "approver"),
    ("/personas/{persona}/edit", editing.edit, "approver"),
    ("/personas/{persona}/members", member_pages.members, "approver"),
    ("/personas/{persona}/members.csv", member_pages.take, "approver"),
    ("/saves/{number:int}/undo", editing.undo, "approver"),
    ("/settings", settings_pages.edit, "approver"),
    ("/segments/{segment}/name", segments.name, "editor"),
    ("/segments/{segment}/adopt", segments.adopt, "approver"),
    ("/segments/{segment}/dismiss", segments.dismiss, "editor"),
    ("/segments/{segment}/undo", segments.undo, "approver"),
    ("/segments/{segment}/reopen", segments.reopen, "editor"),
    ("/upkeep/{proposal}/apply", segments.apply_proposal, "approver"),
    ("/upkeep/{proposal}/undo", segments.undo_proposal, "approver"),
    ("/upkeep/{proposal}/dismiss", segments.dismiss_proposal, "editor"),
    ("/upkeep/{proposal}/reopen", segments.reopen_proposal, "editor"),
    ("/lists", mailing.count, "approver"),
    ("/lists/take", mailing.take, "approver"),
    ("/customer", customer_pages.history, "approver"),
    ("/privacy/export", customer_requests.tell_all, "approver"),
    ("/privacy/erase", customer_requests.forget, "approver"),
    ("/privacy/lift", customer_requests.let_back, "approver"),
)
"""What a form may ask for, and the role that it takes."""

_ASK = "Ask an admin: they give roles on the page People, or with `personas people add NAME --role ROLE`."

UPLOADS: tuple[tuple[str, View, Role], ...] = (("/personas/{persona}/picture", picture_pages.keep, "approver"),)
"""Forms that may bring a file of the size of a picture."""

LARGEST_FORM, MOST_FIELDS = 64 * 1024, 600
"""Bytes and fields of a form: a persona's has some twenty for each attribute."""


def dashboard_app(
    context: Callable[[], Context],
    *,
    root: Path,
    clock: Callable[[], datetime],
    owner: str,
    secret: bytes | None = None,
    prefix: str = "",
    patience: float = 2.0,
    ended: Callable[[], bool] = lambda: False,
) -> ASGIApp:
    """The dashboard of one workspace.

    Parameters
    ----------
    context
        Called for every request: the opened context, with what the files say now (``files.FreshContext``).
    root
        The workspace's folder: adopted segments become files in it.
    clock, owner
        What time it is, with a time zone, and the name of this worker for the lease.
    secret
        Signs the tokens of forms; several processes that serve one dashboard need the same. Fresh unless given.
    prefix
        The path below which it is mounted, such as ``/dashboard``; empty if it stands alone.
    patience
        Seconds that a request waits for a newer reading before it is shown the one before.
    ended
        Whether the process was told to stop: streams end then.
    """
    board = Board(
        context=context,
        root=root,
        clock=clock,
        owner=owner,
        secret=secret or secrets.token_bytes(32),
        prefix=prefix.rstrip("/"),
        pages=Pages(prefix.rstrip("/")),
        readings=Shelf(patience=patience),
        comparisons=Shelf(patience=patience / 4),
        maps=Shelf(patience=patience),
        met=Shelf(patience=patience),
        spreads=Shelf(patience=patience),
        details=Shelves(patience=patience / 4),
    )
    return SecureHeaders(Starlette(routes=_routes(board, clock, ended)))


def _routes(board: Board, clock: Callable[[], datetime], ended: Callable[[], bool]) -> list[BaseRoute]:
    return [
        Mount("/static", GZipMiddleware(_KeptFiles(directory=STATIC), minimum_size=2_000), name="static"),
        Route("/live", live_stream(board.context, clock, ended=ended), methods=["GET"]),
        Route("/sign-in", _open_to_all(board, signing.sign_in_page), methods=["GET"]),
        Route("/sign-in", _open_to_all(board, _checked(signing.sign_in)), methods=["POST"]),
        Route("/join/{secret}", _open_to_all(board, people_pages.join_page), methods=["GET"]),
        Route("/join/{secret}", _open_to_all(board, _checked(people_pages.choose)), methods=["POST"]),
        *(Route(path, _for(board, view, "viewer"), methods=["GET"]) for path, view in READS),
        *(Route(path, _for(board, view, role), methods=["GET"]) for path, view, role in FORMS),
        *(Route(path, _for(board, _checked(view), role), methods=["POST"]) for path, view, role in WRITES),
        *(
            Route(path, _for(board, _checked(view), role, file=LARGEST_PICTURE), methods=["POST"])
            for path, view, role in UPLOADS
        ),
        Route("/{rest:path}", _for(board, _nowhere, "viewer"), methods=["GET"]),
    ]


class _KeptFiles(StaticFiles):
    """Files whose address changes with their content: caches keep them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file."""
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


def _for(board: Board, view: View, role: Role, *, file: int = 0) -> Callable[[Request], object]:
    """A page for those who are signed in with a role; others are shown the way in, or told that they may not.

    Its form may bring one file of so many bytes.
    """

    def allowed(visit: Visit) -> Response:
        if visit.session is None:
            if typed_in(visit.form) and is_from_here(visit.request):
                message, hint = "You are signed out: nothing was done.", "Sign in, and send it again."
                return visit.forbidden(title="Not done", message=message, hint=hint)
            onward = quote(str(visit.request.scope["path"]).removeprefix(board.prefix)) if not visit.form else "/"
            return RedirectResponse(f"{board.prefix}/sign-in?onward={onward}", status_code=303)
        if not visit.may(role):
            message, hint = f"It takes the role {role!r}, and yours is {visit.account.role!r}.", _ASK
            return visit.forbidden(title="You may not do this", message=message, hint=hint)
        return view(visit)

    return _open_to_all(board, allowed, file=file)


def _open_to_all(board: Board, view: View, *, file: int = 0) -> Callable[[Request], object]:
    async def answer(request: Request) -> Response:
        if file and not await run_in_threadpool(_is_signed_in, board, request):
            return RedirectResponse(f"{board.prefix}/sign-in", status_code=303)
        try:
            form, files = await _form(request, file)
        except HTTPException as error:
            return HTMLResponse(escape(error.detail), status_code=error.status_code)
        return await run_in_threadpool(_answer, board, view, request, form, files)

    return answer


def _answer(
    board: Board, view: View, request: Request, form: Mapping[str, str], files: Mapping[str, bytes]
) -> Response:
    try:
        context = board.context()
    except LivingPersonasError:  # what is wrong names files and lines: for those who may read them, on a terminal
        return HTMLResponse(board.pages.render("broken.html", theme="", workspace=""), status_code=500)
    token = request.cookies.get(COOKIE, "")
    session = find_session(context.store, token, now=board.clock())
    before = request.cookies.get(BEFORE, "")
    visit = Visit(
        request=request,
        board=board,
        context=context,
        form=form,
        token=token if session else before,
        session=session,
        files=files,
    )
    try:
        return view(visit)
    except StillReadingError:
        return visit.page("reading.html", status=200)
    except UnknownNameError as error:
        return visit.refused(error, status=404, title="Not found")
    except LeaseHeldError as error:
        return visit.refused(error, status=503, title="The workspace is busy")
    except LivingPersonasError as error:
        return visit.refused(error, status=409, title="Not done")


def _is_signed_in(board: Board, request: Request) -> bool:
    """Whether somebody is: a file is read of nobody else."""
    try:
        return find_session(board.context().store, request.cookies.get(COOKIE, ""), now=board.clock()) is not None
    except LivingPersonasError:
        return False


def _checked(view: View) -> View:
    """A view that writes: only for forms that this dashboard gave to this browser."""

    def check(visit: Visit) -> Response:
        if signing.is_forged(visit):
            title, hint = "Not done", "Reload the page that you came from, and send it again."
            message = "The form is not one that was given to this browser, or it is too old."
            return visit.forbidden(title=title, message=message, hint=hint)
        return view(visit)

    return check


def _nowhere(visit: Visit) -> Response:
    message, hint = "There is no such page.", "Begin at the personas."
    return visit.page("problem.html", status=404, title="Not found", message=message, hint=hint)


async def _form(request: Request, largest: int) -> tuple[Mapping[str, str], Mapping[str, bytes]]:
    """The fields of a form, as browsers send those of our pages, and its file, of ``largest`` bytes; none if that is 0.

    Raises
    ------
    HTTPException
        413 if it is too large, 400 if it cannot be read as UTF-8.
    """
    if request.method != "POST":
        return {}, {}
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or not length.isascii() or int(length[:20]) > LARGEST_FORM + largest:
        raise HTTPException(413, "The form is too large, or does not say how long it is.")
    async with _readable(), request.form(max_files=int(largest > 0), max_fields=MOST_FIELDS) as form:
        found = {name: said for name, said in form.items() if isinstance(said, str)}
        files = {name: await said.read() for name, said in form.items() if isinstance(said, UploadFile)}
        "".join((*found, *found.values())).encode()  # other charsets can spell what UTF-8 cannot: half a surrogate pair
    return found, files


@asynccontextmanager
async def _readable() -> AsyncIterator[None]:
    """What a form's bytes or their charset are wrong about is the sender's error."""
    try:
        yield
    except (LookupError, UnicodeError, ValueError) as error:
        raise HTTPException(400, "The form cannot be read: send it in UTF-8.") from error
