"""One request: who asks, of which workspace, and the ways to answer."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from datetime import datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from living_personas.dashboard.attempts import Attempts
from living_personas.dashboard.cache import Shelf, Shelves
from living_personas.dashboard.count_budget import CountBudget
from living_personas.dashboard.render import Pages
from living_personas.dashboard.sessions import SignedIn, csrf_of, tell_once, told
from living_personas.dashboard.typed import is_from_here, typed_in
from living_personas.domain.account import Account, Role
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.refinement import Refinement
from living_personas.domain.report import AttributeReport, LogEntry, PartsReport
from living_personas.domain.value import value
from living_personas.errors import InvalidPersonaError, LivingPersonasError
from living_personas.loop.context import Context
from living_personas.loop.previews.rule_counts import MemberTraffic
from living_personas.memory.tables import CUSTOMERS
from living_personas.people.person import Person
from living_personas.people.person_accounts import may
from living_personas.people.reviewing import waiting
from living_personas.reporting.beside_goal import BesideGoal
from living_personas.reporting.charts import Chart
from living_personas.reporting.gain import HeldOut, held_out
from living_personas.reporting.labels import Labels, labels_of
from living_personas.reporting.member_spreads import MemberSpread
from living_personas.reporting.plain import quoted
from living_personas.reporting.reading import Published, Reading, Stamp, stamp_of
from living_personas.reporting.report import log_entries
from living_personas.reporting.segment_map import SegmentMap
from living_personas.reporting.spreads import Spread, spreads
from living_personas.workspace.persona_picture import FILE_PATTERN, picture_file
from living_personas.workspace.workspace_folder import PERSONAS

__all__ = ["BEFORE", "Board", "Figures", "PersonaDetails", "StillReadingError", "Visit"]


BEFORE = "lp_before"
"""The cookie that ties a form for those who are not signed in to the browser that was given it."""


class StillReadingError(Exception):
    """The workspace is being read for the first time."""


@value
class Figures:
    """The charts of one attribute."""

    attribute: AttributeReport
    belief: Chart
    effect: Chart | None


@value
class PersonaDetails:
    """What takes a moment to find out about one persona."""

    beside: BesideGoal
    parts: tuple[PartsReport, ...]
    spreads: tuple[MemberSpread, ...]


@value
class Board:
    """What all pages share."""

    context: Callable[[], Context]
    root: Path
    clock: Callable[[], datetime]
    owner: str
    secret: bytes
    prefix: str
    pages: Pages
    readings: Shelf[Stamp, Reading]
    comparisons: Shelf[Published, HeldOut]
    maps: Shelf[object, SegmentMap | None]
    met: Shelf[Published, Mapping[str, MemberTraffic]]
    spreads: Shelf[str, tuple[Spread, ...]]
    details: Shelves[tuple[Published, str], PersonaDetails]
    attempts: Attempts = field(default_factory=Attempts)
    counts: CountBudget = field(default_factory=CountBudget)
    figures: dict[tuple[Stamp, str], list[Figures]] = field(default_factory=dict)


@value
class Visit:
    """A request with everything that a page needs to answer it."""

    request: Request
    board: Board
    context: Context
    form: Mapping[str, str]
    token: str
    session: SignedIn | None
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def account(self) -> Account:
        """Who is signed in; pages that need nobody do not ask."""
        if self.session is None:
            raise LookupError
        return self.session.account

    @property
    def person(self) -> Person:
        """The person whose name a change carries."""
        return Person(by=self.account.name, now=self.board.clock(), owner=self.board.owner)

    def may(self, role: Role) -> bool:
        """Whether whoever is signed in may do what needs this role."""
        return self.session is not None and may(self.account.role, role)

    def reading(self) -> Reading:
        """The workspace as it was read last; the page says so if a newer snapshot is being read."""
        stamp = stamp_of(self.context)
        found = self.board.readings.get(stamp, lambda: Reading(self.context, stamp))
        if found is None:
            raise StillReadingError
        return found

    def snapshot(self) -> int:
        """The number of the newest snapshot; 0 before the first."""
        return self.context.store.snapshots.held()

    def log(self, reading: Reading) -> tuple[LogEntry, ...]:
        """Every version of every persona, oldest first, as written; those since the reading, too."""
        return reading.report.log if reading.stamp.snapshot == self.snapshot() else log_entries(self.context)

    def entries(self, found: Iterable[LogEntry]) -> tuple[LogEntry, ...]:
        """Entries of the log as people read them: with labels in the place of options, in the quotes of pages.

        Only those that are shown: it takes a while for all that there are.
        """
        labels = self.labels
        return tuple(labels.entry(each, quote=quoted) for each in found)

    @property
    def labels(self) -> Labels:
        """What people call every persona and its options."""
        return labels_of(version.persona for version in self.newest().values())

    def option(self, persona: str, attribute: str, option: str) -> str:
        """What people call an option, set off; its name, where nobody keeps such an attribute any more."""
        return quoted(self.labels.option(persona, attribute, option))

    def called(self, persona: str) -> str:
        """What people call a persona."""
        return self.labels.persona(persona)

    def compared(self, reading: Reading) -> HeldOut | None:
        """Living against static; None while it is being compared."""
        newest = tuple(reading.versions.values())
        return self.board.comparisons.get(reading.stamp.published, lambda: held_out(self.context, newest))

    def spreads(self) -> tuple[Spread, ...]:
        """How customers are spread; nothing while that is being found out."""
        told_by = f"{CUSTOMERS.etags(self.context.store)} {self.context.settings.protected}"
        return self.board.spreads.get(told_by, lambda: spreads(self.context)) or ()

    def picture(self, name: str) -> str:
        """The address of a picture that is a file beside the personas; empty if there is no such file."""
        if not re.fullmatch(FILE_PATTERN, name) or not (path := self.board.root / PERSONAS / name).is_file():
            return ""
        return f"{self.board.prefix}/pictures/{name}?v={path.stat().st_mtime_ns:x}"

    def face(self, persona: str, named: str | None = None) -> str:
        """The address of a persona's picture: the one that is ``named``, or that its file names now."""
        if named is None:
            named = next((each.picture for each in self.context.personas if each.id == persona), "")
        try:
            return self.picture(picture_file(self.board.root, persona, named=named))
        except InvalidPersonaError:  # two files of its name: `personas check` says so
            return ""

    def waiting(self) -> tuple[Refinement, ...]:
        """What waits for a person now."""
        return waiting(self.context)

    def newest(self) -> Mapping[str, PersonaVersion]:
        """The newest version of every persona, by its id."""
        return {version.id: version for version in self.context.store.versions.latest()}

    def page(self, template: str, *, status: int = 200, **values: object) -> Response:
        """A whole page."""
        reading = values.get("reading")
        common: dict[str, object] = {
            "workspace": self.context.settings.name,
            "zone": self.context.zone,
            "me": self.session.account if self.session else None,
            "may": self.may,
            "csrf": csrf_of(self.token, secret=self.board.secret),
            "here": self.request.scope["path"].removeprefix(self.request.scope.get("root_path", "")),
            "theme": self._theme(),
            "said": told(self.context.store, self.token) if self.session else "",
            "stamp": reading.stamp if isinstance(reading, Reading) else None,
            "snapshot": self.snapshot() if self.session else 0,
            "older": isinstance(reading, Reading) and reading.stamp != stamp_of(self.context),
            "reviews": len(self.waiting()) if self.session else 0,
            "reading": None,
            "undo": None,
            "typed": (),
            "root": self.board.prefix,
            "picture_of": self.picture,
            "face_of": self.face,
            "option_of": self.option,
            "called": self.called,
        }
        return HTMLResponse(self.board.pages.render(template, **{**common, **values}), status_code=status)

    def refused(self, error: LivingPersonasError, *, status: int, title: str) -> Response:
        """That something was not done, and what was typed, so that nobody has to write it again."""
        typed = typed_in(self.form)
        return self.page(
            "problem.html", status=status, title=title, message=error.message, hint=error.hint, typed=typed
        )

    def forbidden(self, *, title: str, message: str, hint: str) -> Response:
        """That something may not be done by whoever asks; what a page of this dashboard sent is not lost by that."""
        typed = typed_in(self.form) if is_from_here(self.request) else ()
        return self.page("problem.html", status=403, title=title, message=message, hint=hint, typed=typed)

    def before_signing_in(self, template: str, *, status: int, **values: object) -> Response:
        """A page with a form for a browser in which nobody is signed in: a cookie ties the form to it."""
        token = self.request.cookies.get(BEFORE) or secrets.token_urlsafe(32)
        page = self.page(template, status=status, before=csrf_of(token, secret=self.board.secret), **values)
        secure = self.request.url.scheme == "https"
        page.set_cookie(BEFORE, token, path=self.board.prefix or "/", httponly=True, samesite="strict", secure=secure)
        return page

    def piece(self, template: str, **values: object) -> Response:
        """A part of a page, to be swapped in."""
        return HTMLResponse(self.board.pages.render(template, **values))

    def to(self, path: str, *, said: str = "") -> Response:
        """Go to another page, which says once what was done."""
        if said and self.session:
            tell_once(self.context.store, self.token, said)
        return RedirectResponse(self.board.prefix + path, status_code=303)

    def _theme(self) -> str:
        chosen = self.request.cookies.get("lp_theme", "")
        return chosen if chosen in ("light", "dark") else ""
