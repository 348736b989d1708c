"""People and keys, for an admin: links to join and to choose a new password, roles, and what keys may do."""

from __future__ import annotations

import secrets
from typing import cast, get_args

from starlette.responses import RedirectResponse, Response

from living_personas.dashboard.visit import Visit
from living_personas.domain.account import Role
from living_personas.domain.key import SCOPES_OF, KeyKind
from living_personas.domain.legible import check_legible
from living_personas.errors import InvalidDecisionError, LivingPersonasError, UnknownNameError
from living_personas.people.invites import INVITE_DAYS, find_invite, invite, join, open_invites
from living_personas.people.keys import create_key, keys_of, revoke_key
from living_personas.people.person_accounts import MIN_PASSWORD, change_role, people, remove_person
from living_personas.wiring import key_text

__all__ = [
    "about_revoke",
    "about_send_off",
    "ask_in",
    "choose",
    "everybody",
    "join_page",
    "keys",
    "make_key",
    "reset",
    "revoke",
    "send_off",
    "set_role",
]

LONGEST_NOTE = 200


def everybody(visit: Visit, *, link: str = "", name: str = "") -> Response:
    """Who may sign in, and who was asked to; a link is shown once, to whoever made it."""
    return visit.page(
        "people.html",
        people=people(visit.context.store),
        invites=open_invites(visit.context.store, now=visit.board.clock()),
        roles=get_args(Role),
        link=link,
        name=name,
        days=INVITE_DAYS,
    )


def ask_in(visit: Visit) -> Response:
    """Make the link for a new person."""
    return _with_link(visit, visit.form.get("name", "").strip(), role=visit.form.get("role", ""), is_reset=False)


def reset(visit: Visit) -> Response:
    """Make the link by which a person chooses another password; the present one holds until then."""
    return _with_link(visit, visit.request.path_params["name"], role="viewer", is_reset=True)


def set_role(visit: Visit) -> Response:
    """A person gets another role, from the next request on."""
    name, role = _other(visit, "role"), visit.form.get("role", "")
    account = change_role(visit.context, name, role=cast("Role", role))
    return visit.to("/people", said=f"{account.name} is {account.role} now.")


def about_send_off(visit: Visit) -> tuple[str, str]:
    """What removing a person means."""
    name = _other(visit, "account")
    return f"Remove {name}?", f"{name} may not sign in any more, at once. What they did keeps their name."


def send_off(visit: Visit) -> Response:
    """A person may not sign in any more."""
    name = _other(visit, "account")
    remove_person(visit.context, name, now=visit.board.clock())
    return visit.to("/people", said=f"{name} may not sign in any more.")


def join_page(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    """Where somebody who holds a link chooses a password."""
    token = visit.request.path_params["secret"]
    found = find_invite(visit.context.store, token, now=visit.board.clock())
    if found is None:
        message, hint = "The link was used, or ran out.", "Ask for another one."
        return visit.page("problem.html", status=404, title="Not found", message=message, hint=hint)
    return visit.before_signing_in(
        "join.html", status=status, problem=problem, invite=found, secret=token, least=MIN_PASSWORD
    )


def choose(visit: Visit) -> Response:
    """Take the password, and show the way in."""
    password = visit.form.get("password", "")
    if password != visit.form.get("again", ""):
        return join_page(visit, problem="The two passwords are not the same.", status=409)
    try:
        secret, salt = visit.request.path_params["secret"], secrets.token_bytes(16)
        join(visit.context, secret, password=password, salt=salt, now=visit.board.clock())
    except LivingPersonasError as error:
        return join_page(visit, problem=error.in_sentences, status=409)
    return RedirectResponse(f"{visit.board.prefix}/sign-in", status_code=303)


def keys(visit: Visit, *, secret: str = "") -> Response:
    """All keys by what they may do; a new one is shown once, to whoever made it."""
    found = keys_of(visit.context)
    return visit.page("keys.html", keys=found[::-1], kinds=get_args(KeyKind), scopes=SCOPES_OF, secret=secret)


def make_key(visit: Visit) -> Response:
    """Make a key that may do all that its kind may."""
    kind, note = visit.form.get("kind", ""), visit.form.get("note", "").strip()
    if kind not in get_args(KeyKind):
        raise UnknownNameError.among("kind of key", kind, get_args(KeyKind))
    check_legible(note, what="The note", longest=LONGEST_NOTE, least=0)
    secret, origins = key_text(kind), visit.form.get("origins", "").split()
    now = visit.board.clock()
    create_key(visit.context, cast("KeyKind", kind), secret, now=now, origins=origins, note=note)
    return keys(visit, secret=secret)


def about_revoke(visit: Visit) -> tuple[str, str]:
    """What revoking a key means."""
    key = visit.request.path_params["key"]
    return f"Revoke key {key}?", "Whatever uses it is refused within a second, for ever. This cannot be undone."


def revoke(visit: Visit) -> Response:
    """A key opens nothing any more."""
    key = revoke_key(visit.context, visit.request.path_params["key"], now=visit.board.clock())
    return visit.to("/keys", said=f"Revoked: key {key.id} opens nothing any more.")


def _with_link(visit: Visit, name: str, *, role: str, is_reset: bool) -> Response:
    secret = secrets.token_urlsafe(32)
    made = invite(visit.context, name, visit.person, role=cast("Role", role), secret=secret, reset=is_reset)
    server = str(visit.request.base_url).removesuffix("/").removesuffix(visit.board.prefix)
    return everybody(visit, link=f"{server}{visit.board.prefix}/join/{secret}", name=made.name)


def _other(visit: Visit, what: str) -> str:
    """The person that a form is about: nobody takes away their own, so that an admin is always left."""
    name = str(visit.request.path_params["name"])
    if name == visit.account.name:
        raise InvalidDecisionError(f"This is your own {what}.", hint="ask another admin.")
    return name
