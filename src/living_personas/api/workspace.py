"""An open workspace: record, run, decide, read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from living_personas import loop
from living_personas.api.persona import OpenPersona
from living_personas.deciding.contact import consented
from living_personas.domain.belief import Subject
from living_personas.domain.contact import Delivery
from living_personas.domain.decision import Decision
from living_personas.domain.event import Event, Json, Receipt
from living_personas.domain.refinement import Refinement
from living_personas.domain.report import PersonaReport, Report
from living_personas.errors import InvalidDecisionError, UnknownNameError
from living_personas.reporting.html import page_fragment
from living_personas.reporting.report import build_report, persona_reports
from living_personas.reporting.report_page import report_page
from living_personas.steps.acting import pin, roll_back
from living_personas.steps.contact import delivery_of
from living_personas.steps.expose import exposure_event, shows_nothing
from living_personas.steps.ingest import ingest
from living_personas.steps.members import known_of
from living_personas.steps.parts import Progress, silent
from living_personas.steps.person import Person
from living_personas.wiring import Clock, open_parts, owner, system_clock

__all__ = ["OpenWorkspace", "open_workspace"]


def open_workspace(root: str | Path, *, clock: Clock = system_clock, progress: Progress = silent) -> OpenWorkspace:
    """Open the workspace in a folder; close it, or use it in a ``with`` block.

    Raises
    ------
    InvalidFilesError
        With every problem of its files.
    """
    return OpenWorkspace(Path(root), clock=clock, progress=progress)


class OpenWorkspace:
    """One workspace, for the code of a product: everything the command line can do, as methods."""

    def __init__(self, root: Path, *, clock: Clock, progress: Progress) -> None:
        self.files, self._parts = open_parts(root, clock=clock, progress=progress)
        self._clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        lines = [f"{found.persona}: version {found.version}, {_known(found)}" for found in persona_reports(self._parts)]
        return "\n".join([f"{self._parts.settings.name} ({self.files.root})", *lines])

    def _repr_html_(self) -> str:
        """The report, where a notebook shows it."""
        return page_fragment(report_page(self.report(), goals={p.id: p.goal for p in self.files.personas}))

    def close(self) -> None:
        """Let go of files and locks."""
        self._parts.store.close()

    def ingest(self, data: object, *, source: str = "", seed: int | None = None) -> Receipt:
        """Record a file, or any frame that speaks the Arrow capsule interface, as a source of the workspace maps it."""
        return ingest(self._parts, data, received=self._clock(), source=source, seed=seed)

    def record(
        self,
        customer: str,
        event: str,
        *,
        message_id: str,
        time: datetime | None = None,
        channel: str = "",
        properties: Mapping[str, Json] | None = None,
    ) -> Receipt:
        """Record one event, durably; a message id that was seen before counts as a duplicate."""
        found = Event(
            message_id=message_id,
            customer=customer,
            name=event,
            time=time or self._clock(),
            channel=channel,
            properties=properties,
        )
        return loop.record(self._parts, [found], received=self._clock())

    def decide(
        self,
        customer: str,
        *,
        channel: str = "",
        traits: Mapping[str, object] | None = None,
        visit: str = "",
        campaign: str = "",
        at: datetime | None = None,
        dry_run: bool = False,
    ) -> Decision:
        """Choose for a customer now, by what is known of it and the ``traits`` given.

        Attributes with an option that shows nothing count from here: for them the exposure is recorded at once, unless
        it is a ``dry_run`` or held back (see ``delivery``). All others count when ``exposed`` says that they were met.
        For customers who said no (``consent_...: False``, ``gpc: True``) nothing is chosen.
        """
        known = {**known_of(self._parts, customer), **(traits or {})}
        moment = at or self._clock()
        decided = loop.decide(self._parts, customer, known, at=moment, channel=channel, visit=visit, campaign=campaign)
        found = delivery_of(self._parts, customer, known, at=moment, channel=channel)
        decision = consented(decided, found)
        if found.deliver and not dry_run:
            self._count(decision, met=False, at=moment)
        return decision

    def delivery(
        self,
        customer: str,
        *,
        channel: str,
        traits: Mapping[str, object] | None = None,
        at: datetime | None = None,
    ) -> Delivery:
        """Whether what is decided for a customer may be delivered now, by ``contact`` in the workspace's file."""
        known = {**known_of(self._parts, customer), **(traits or {})}
        return delivery_of(self._parts, customer, known, at=at or self._clock(), channel=channel)

    def exposed(self, decision: Decision, *, at: datetime | None = None) -> Receipt:
        """Record that the customer met what was decided."""
        return self._count(decision, met=True, at=at or decision.time)

    def decide_list(
        self, customers: pa.Table, *, channel: str = "", campaign: str = "", at: datetime | None = None
    ) -> pa.Table:
        """Decide for a list (columns ``customer`` and traits) in one SQL statement, as ``decide`` would for each."""
        snapshot = self._parts.store.snapshots.latest()
        if snapshot is None:
            raise InvalidDecisionError("Nothing has been published yet.", hint="run the workspace once.")
        moment = at or self._clock()
        return self._parts.engine.decide(snapshot, customers, at=moment, channel=channel, campaign=campaign)

    def run(self, *, until: date | None = None) -> loop.Cycle:
        """One cycle of the loop: fold what is recorded, close the days that are over, refine and publish."""
        return loop.run(self._parts, now=self._clock(), owner=owner(), until=until)

    def refine(self, *, until: date | None = None) -> tuple[Refinement, ...]:
        """One cycle, and what it proposed."""
        return self.run(until=until).refinements

    def report(self) -> Report:
        """What is believed, what is proven, what is still unknown."""
        return build_report(self._parts)

    def persona(self, name: str) -> OpenPersona:
        """A persona, with its versions and beliefs."""
        known = [version.id for version in self._parts.store.versions.latest()]
        if name not in known:
            raise UnknownNameError.among("persona", name, known)
        return OpenPersona(self._parts, name)

    def rollback(self, persona: str, *, version: int, by: str) -> None:
        """Go back to the values of an older version; it becomes the next version."""
        roll_back(self._parts, persona, self._person(by), to=version)

    def pin(self, persona: str, attribute: str, *, by: str, value: str | None = None, channel: str = "") -> None:
        """Hold an attribute at a value, its present one unless given; evidence may no longer change it."""
        subject = Subject(persona=persona, attribute=attribute, channel=channel)
        pin(self._parts, subject, self._person(by), value=value)

    def _person(self, by: str) -> Person:
        return Person(by=by, now=self._clock(), owner=owner())

    def _count(self, decision: Decision, *, met: bool, at: datetime) -> Receipt:
        """Record the choices that count when a decision is made, or those that count when it is met."""
        at_decision = self._counts_at_decision(decision.persona)
        choices = tuple(c for c in decision.choices if (c.attribute in at_decision) != met)
        if not choices:
            return Receipt()
        event = exposure_event(decision, choices, at=at, kind="exposed" if met else "decided")
        return loop.record(self._parts, [event], received=self._clock())

    def _counts_at_decision(self, persona: str) -> frozenset[str]:
        found = next((each for each in self._parts.personas if each.id == persona), None)
        return frozenset(a.name for a in found.attributes if shows_nothing(a.options)) if found else frozenset()


def _known(found: PersonaReport) -> str:
    return ", ".join(f"{each.attribute} {each.value!r} ({each.status})" for each in found.attributes) or "no attributes"
