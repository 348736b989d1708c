"""An open workspace: record, run, decide, read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from living_personas.api.open_persona import OpenPersona
from living_personas.domain.belief import Subject
from living_personas.domain.contact import Delivery
from living_personas.domain.customer_id import customer_id
from living_personas.domain.decision import Decision
from living_personas.domain.event import Event, Json, Receipt
from living_personas.domain.refinement import Refinement
from living_personas.domain.report import PersonaReport, Report
from living_personas.errors import NotPublishedError, check_name
from living_personas.loop import cycle
from living_personas.loop.context import Progress, silent
from living_personas.loop.forgetting import Erased, erase, lift
from living_personas.loop.person_data import PersonRow, export_person
from living_personas.loop.recording.ingest import ingest
from living_personas.loop.recording.record import record
from living_personas.loop.recording.value_reading import intake_of
from living_personas.loop.segments.adopting import settle_files
from living_personas.loop.splits.part_files import write_parts
from living_personas.people.acting import pin, roll_back
from living_personas.people.person import Person
from living_personas.reporting.html import page_fragment
from living_personas.reporting.report import build_report, persona_reports
from living_personas.reporting.report_page import report_page
from living_personas.serving.counting import counted_event, met_event
from living_personas.serving.desk import Desk
from living_personas.serving.held_desk import HeldDesk
from living_personas.serving.lists import deciding_list
from living_personas.serving.question import Answer, Question, asked_customer
from living_personas.sources.own_events import own_event
from living_personas.wiring import Clock, open_context, owner, system_clock

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
    """One workspace, for the code of a product: record, decide, run, read, pin, go back and erase."""

    def __init__(self, root: Path, *, clock: Clock, progress: Progress) -> None:
        self.files, self._context = open_context(root, clock=clock, progress=progress)
        self._clock = clock
        self._held: HeldDesk | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        lines = [
            f"{found.persona}: version {found.version}, {_known(found)}" for found in persona_reports(self._context)
        ]
        return "\n".join([f"{self._context.settings.name} ({self.files.root})", *lines])

    def _repr_html_(self) -> str:
        """The report, where a notebook shows it."""
        return page_fragment(report_page(self.report(), goals={p.id: p.goal for p in self.files.personas}))

    def close(self) -> None:
        """Let go of files and locks."""
        self._context.store.close()

    def ingest(self, data: object, *, source: str = "", seed: int | None = None) -> Receipt:
        """Record a file, or any frame that speaks the Arrow capsule interface, as a source of the workspace maps it."""
        return ingest(self._context, data, received=self._clock(), source=source, seed=seed)

    def record(
        self,
        customer: str | int,
        event: str,
        *,
        message_id: str,
        time: datetime | None = None,
        channel: str = "",
        properties: Mapping[str, Json] | None = None,
    ) -> Receipt:
        """Record one event, durably; a message id that was seen before counts as a duplicate.

        Raises
        ------
        BadValueError
            If the customer, the id, the name, the time or a property cannot be what they are said to be.
        """
        found = Event(
            message_id=message_id,
            customer=customer_id(customer, nobody=self._context.settings.nobody.words),
            name=event,
            time=time or self._clock(),
            channel=channel,
            properties=properties,
        )
        received = self._clock()
        own = own_event(found, intake_of(self._context, received=received))
        return record(self._context, [own], received=received).receipt

    def decide(
        self,
        customer: str | int,
        *,
        channel: str = "",
        traits: Mapping[str, object] | None = None,
        visit: str = "",
        campaign: str = "",
        at: datetime | None = None,
        count: bool = False,
        dry_run: bool = False,
    ) -> Decision:
        """Choose for a customer now, by what is known of it and the ``traits`` given.

        Nothing is recorded: the choices count when ``exposed`` says that they were met. With ``count``, those of
        attributes that have an option which shows nothing count at once, unless the decision is held back (see
        ``delivery``) or it is a ``dry_run``. For customers who said no (``consent_...: False``, ``gpc: True``)
        nothing is chosen. What cannot be chosen, as a ``visit`` or ``campaign`` is missing, stands in ``undecided``.
        """
        answer = self._answer(customer, channel=channel, traits=traits, visit=visit, campaign=campaign, at=at)
        event = counted_event(answer) if count and not dry_run else None
        if event is not None:
            record(self._context, [event], received=self._clock())
        return answer.decision

    def delivery(
        self,
        customer: str | int,
        *,
        channel: str,
        traits: Mapping[str, object] | None = None,
        at: datetime | None = None,
    ) -> Delivery:
        """Whether what is decided for a customer may be delivered now, by ``contact`` in the workspace's file."""
        return self._answer(customer, channel=channel, traits=traits, at=at).delivery

    def exposed(self, decision: Decision, *, at: datetime | None = None) -> Receipt:
        """Record that the customer met what was decided."""
        event = met_event(decision, at=at or decision.time)
        return record(self._context, [event] if event else (), received=self._clock()).receipt

    def decide_list(
        self, customers: pa.Table, *, channel: str = "", campaign: str = "", at: datetime | None = None
    ) -> pa.Table:
        """Decide for a list (columns ``customer`` and traits) in one SQL statement, as ``decide`` does for each.

        A row for each customer and attribute; customers who said no, or whom no rule matches, have none.
        """
        moment = at or self._clock()
        with deciding_list(self._context, [customers], at=moment, channel=channel, campaign=campaign) as found:
            return pa.concat_tables(found.decided()).combine_chunks()

    def erase(self, *customers: str | int, by: str) -> Erased:
        """Erase customers, by any of their ids: what is known of them goes, what they counted for stays.

        Raises
        ------
        LeaseHeldError
            If a worker is running this workspace: wait until its turn is over.
        """
        ids = [str(each) for each in customers]
        return erase(self._context, ids, now=self._clock(), by=by, owner=owner())

    def lift_erasure(self, *customers: str | int, by: str) -> tuple[str, ...]:
        """Let customers come back who were erased and have signed up again; those who were erased."""
        return lift(self._context, [str(each) for each in customers], now=self._clock(), by=by)

    def export_person(self, customer: str | int, *, by: str) -> tuple[PersonRow, ...]:
        """All that is kept of one customer, under any of its ids; who asked is written down."""
        return export_person(self._context, customer, by=by, at=self._clock())

    def run(self, *, until: date | None = None) -> cycle.Cycle:
        """One cycle of the loop: fold what is recorded, close the days that are over, refine and publish.

        Files of parts of personas are written or taken away as was decided; open the workspace again to take them in.
        """
        done = cycle.run(self._context, now=self._clock(), owner=owner(), until=until)
        write_parts(self._context, root=self.files.root)
        settle_files(self._context.store, self.files.root)
        return done

    def refine(self, *, until: date | None = None) -> tuple[Refinement, ...]:
        """One cycle, and what it proposed."""
        return self.run(until=until).refinements

    def report(self) -> Report:
        """What is believed, what is proven, what is still unknown."""
        return build_report(self._context)

    def persona(self, name: str) -> OpenPersona:
        """A persona, with its versions and beliefs."""
        known = [version.id for version in self._context.store.versions.latest()]
        check_name("persona", name, known)
        return OpenPersona(self._context, name)

    def rollback(self, persona: str, *, version: int, by: str) -> None:
        """Go back to the values of an older version; it becomes the next version."""
        roll_back(self._context, persona, self._person(by), to=version)

    def pin(self, persona: str, attribute: str, *, by: str, value: str | None = None, channel: str = "") -> None:
        """Hold an attribute at a value, its present one unless given; evidence may no longer change it."""
        subject = Subject(persona=persona, attribute=attribute, channel=channel)
        pin(self._context, subject, self._person(by), value=value)

    def _person(self, by: str) -> Person:
        return Person(by=by, now=self._clock(), owner=owner())

    def _answer(
        self,
        customer: str | int,
        *,
        channel: str,
        traits: Mapping[str, object] | None,
        visit: str = "",
        campaign: str = "",
        at: datetime | None,
    ) -> Answer:
        question = Question(
            customer=asked_customer(customer, self._context.settings),
            at=at or self._clock(),
            channel=channel,
            visit=visit,
            campaign=campaign,
            traits=traits,
        )
        return self._desk().answer(question)

    def _desk(self) -> Desk:
        """The desk, from memory: read when it is first asked for, and again when anybody has changed anything."""
        if self._held is None:
            self._held = HeldDesk(self._context, at=self._clock())
        desk = self._held.current(at=self._clock())
        if desk is None:
            raise NotPublishedError
        return desk


def _known(found: PersonaReport) -> str:
    return ", ".join(f"{each.attribute} {each.value!r} ({each.status})" for each in found.attributes) or "no attributes"
