"""Signing in and out."""

from __future__ import annotations

import hmac
import secrets

from starlette.responses import RedirectResponse, Response

from living_personas.dashboard.sessions import (
    COOKIE,
    HOURS,
    close_session,
    csrf_of,
    known_browser,
    mark_browser,
    open_session,
)
from living_personas.dashboard.visit import Visit
from living_personas.domain.loopback import is_loopback
from living_personas.memory.people_records import PEOPLE
from living_personas.people.person_accounts import check_password, people

__all__ = ["is_forged", "sign_in", "sign_in_page", "sign_out"]

KNOWN, KNOWN_DAYS = "lp_known", 180
"""The cookie of a browser in which somebody has signed in: guesses from elsewhere do not keep this person out of it."""


def is_forged(visit: Visit) -> bool:
    """Whether a write does not come from a page that was given to this browser."""
    given, meant = visit.form.get("csrf", "").encode(), csrf_of(visit.token, secret=visit.board.secret).encode()
    return not visit.token or not hmac.compare_digest(given, meant)


def sign_in_page(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    """The form; while there is nobody who could sign in, how to add somebody."""
    template = "sign-in.html" if people(visit.context.store) else "nobody.html"
    return visit.before_signing_in(
        template,
        status=status,
        problem=problem,
        onward=_onward(visit),
        on_this_machine=is_loopback(_address(visit)),
        folder=str(visit.board.root),
    )


def sign_in(visit: Visit) -> Response:
    """Check the password and begin a session."""
    name, password, address = visit.form.get("name", ""), visit.form.get("password", ""), _address(visit)
    now = visit.board.clock()
    browser = known_browser(visit.request.cookies.get(KNOWN, ""), name, secret=visit.board.secret)
    if not visit.board.attempts.enter(name, address, now=now, browser=browser):
        return sign_in_page(visit, problem="Too many attempts. Wait a quarter of an hour.", status=429)
    account = PEOPLE.read(visit.context.store, name)
    if not check_password(account, password) or account is None:
        return sign_in_page(visit, problem="The name or the password is wrong.", status=403)
    visit.board.attempts.succeeded(name, address, browser=browser)
    answer = RedirectResponse(visit.board.prefix + _onward(visit), status_code=303)
    answer.set_cookie(
        COOKIE,
        open_session(visit.context.store, account, now=now),
        max_age=HOURS * 3600,
        path=visit.board.prefix or "/",
        httponly=True,
        samesite="lax",
        secure=_tls(visit),
    )
    answer.set_cookie(
        KNOWN,
        mark_browser(name, browser or secrets.token_urlsafe(16), secret=visit.board.secret),
        max_age=KNOWN_DAYS * 24 * 3600,
        path=f"{visit.board.prefix}/sign-in",
        httponly=True,
        samesite="strict",
        secure=_tls(visit),
    )
    return answer


def sign_out(visit: Visit) -> Response:
    """End the session, here and in the store."""
    close_session(visit.context.store, visit.token)
    answer = RedirectResponse(visit.board.prefix + "/sign-in", status_code=303)
    answer.delete_cookie(COOKIE, path=visit.board.prefix or "/")
    return answer


def _onward(visit: Visit) -> str:
    """Where to go after signing in: a path of this dashboard, and nowhere else."""
    asked = visit.form.get("onward") or visit.request.query_params.get("onward", "/")
    is_ours = asked.startswith("/") and not asked.startswith(("//", "/\\")) and asked.isprintable()
    return asked if is_ours else "/"


def _address(visit: Visit) -> str:
    return visit.request.client.host if visit.request.client else "unknown"


def _tls(visit: Visit) -> bool:
    return visit.request.url.scheme == "https"
