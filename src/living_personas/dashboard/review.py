"""The review queue, and the answers to it."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from living_personas.dashboard.sure import undo_at, undo_of
from living_personas.dashboard.visit import Visit
from living_personas.domain.belief import Subject
from living_personas.domain.counted import counted
from living_personas.domain.names import attribute_name
from living_personas.domain.refinement import Refinement
from living_personas.loop.splits.part_files import write_parts
from living_personas.people import acting, proposing
from living_personas.people.file_saves import saves_of
from living_personas.people.reviewing import FEWEST, MORE, asides, ask_for_more, set_aside, take_up
from living_personas.reporting.proposals import with_evidence
from living_personas.reporting.queue import Waiting, review_queue
from living_personas.reporting.reading import Reading

__all__ = ["approve", "hold", "more", "propose", "queue", "reject", "reopen", "take_up_again", "waiting_for"]


def queue(visit: Visit) -> Response:
    """What waits, by stakes."""
    reading = visit.reading()
    found = waiting_for(visit, reading)
    return visit.page(
        "review.html",
        reading=reading,
        found=found,
        now=[item for item in found if not item.aside],
        later=[item for item in found if item.aside],
        undo=undo_of(visit),
        rejected=_as_read(visit, reading, acting.reopenable(visit.context)),
        alone=proposing.is_alone(visit.context.store, visit.account.name),
        more=MORE,
        fewest=FEWEST,
    )


def waiting_for(visit: Visit, reading: Reading) -> tuple[Waiting, ...]:
    """What waits for a person, the highest stakes first; what was set aside comes last."""
    return _as_read(visit, reading, visit.waiting())


def _as_read(visit: Visit, reading: Reading, waiting: Sequence[Refinement]) -> tuple[Waiting, ...]:
    proposers = {each.id: proposing.proposer_of(visit.context.store, each.id) for each in waiting}
    return review_queue(
        with_evidence(visit.context, waiting, reading.known),
        reading,
        asides=asides(visit.context),
        proposers=proposers,
    )


def approve(visit: Visit) -> Response:
    """The change is the next version."""
    refinement = visit.request.path_params["refinement"]
    version = acting.approve(visit.context, refinement, visit.person)
    files = write_parts(visit.context, root=visit.board.root)
    if not files:
        return visit.to("/review", said=f"Approved: {version.persona.name} is at version {version.version}.")
    done = " and ".join(f"{each.name} {'written' if each.exists() else 'taken away'}" for each in files)
    number = max(saves_of(visit.context.store))
    said = f"Approved: {done}. It holds after the next cycle (`personas run`)."
    return visit.to(undo_at("/review", save=str(number)), said=said)


def reject(visit: Visit) -> Response:
    """The change is turned down."""
    rejected = acting.reject(visit.context, visit.request.path_params["refinement"], visit.person)
    subject = rejected.subject
    name = attribute_name(subject.attribute, subject.channel)
    old = visit.option(subject.persona, subject.attribute, rejected.old)
    return visit.to("/review", said=f"Rejected: {name} stays {old}. It can be opened again below.")


def reopen(visit: Visit) -> Response:
    """A change that was rejected waits for a person again."""
    waits = acting.reopen(visit.context, visit.request.path_params["refinement"], visit.person)
    name = attribute_name(waits.subject.attribute, waits.subject.channel)
    return visit.to("/review", said=f"Open again: {name}.")


def hold(visit: Visit) -> Response:
    """The change is set aside until somebody takes it up again."""
    set_aside(visit.context, visit.request.path_params["refinement"], visit.person)
    return visit.to("/review", said="Set aside. It is kept below, with each day's numbers.")


def more(visit: Visit) -> Response:
    """The change is asked about again once there are more units."""
    stored = visit.context.store.refinements.get(visit.request.path_params["refinement"])
    (seen,) = with_evidence(visit.context, [stored], visit.reading().known)
    aside = ask_for_more(visit.context, seen, visit.person)
    return visit.to("/review", said=f"It is asked again from {counted(aside.until_units, 'occasion')} on.")


def take_up_again(visit: Visit) -> Response:
    """What was set aside waits again."""
    take_up(visit.context, visit.request.path_params["refinement"], visit.person)
    return visit.to("/review", said="Taken up again.")


def propose(visit: Visit) -> Response:
    """A change that a person wants, for another person to approve."""
    attribute, _, channel = visit.form.get("attribute", "").partition("|")
    new = visit.form.get("new", "")
    subject = Subject(persona=visit.request.path_params["persona"], attribute=attribute, channel=channel)
    proposing.propose(visit.context, subject, visit.person, value=new, why=visit.form.get("why", "")[:500])
    return visit.to("/review", said="Proposed. Somebody else decides.")
