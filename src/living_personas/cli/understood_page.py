"""What the files of a workspace were taken to mean, as a page that says it back."""

from __future__ import annotations

from collections.abc import Iterator

from living_personas.cli.plan import plan_page
from living_personas.cli.understood import Understood, Warned
from living_personas.domain.persona import Persona
from living_personas.domain.settings import Settings, Source
from living_personas.refining.promise import beliefs, promise_of
from living_personas.reporting.labels import labels_of
from living_personas.reporting.page import Block, Bullets, Heading, Page, Table, Text
from living_personas.reporting.promise_words import promise_sentence
from living_personas.reporting.settings_words import settings_words

__all__ = ["understood_page"]


def understood_page(found: Understood) -> Page:
    """A page that says it all back."""
    settings = found.settings
    count = beliefs(found.personas)
    promise = promise_of(settings.promise, attributes=count)
    promised = promise_sentence(promise, beliefs=count, error_budget=settings.error_budget)
    return (
        Heading(text="Understood", level=1),
        Text(text=settings_words(settings, personas=len(found.personas))),
        *((Text(text=promised),) if count else ()),
        *_persona_blocks(found.personas),
        *_name_blocks(settings),
        *_warning_blocks(found.warnings),
        *(
            (Heading(text="How long it takes to overturn a belief"), *plan_page(found.plans, labels_of(found.personas)))
            if found.plans
            else ()
        ),
    )


def _persona_blocks(personas: tuple[Persona, ...]) -> Iterator[Block]:
    if not personas:
        yield Text(text="There is no persona yet: write one into personas/NAME.yaml.")
        return
    yield Heading(text="Personas, first match wins")
    rows = tuple((str(p.priority), p.id, p.name, p.who, p.goal.in_words) for p in personas)
    yield Table(columns=("priority", "persona", "name", "who", "goal"), rows=rows, numbers=("priority",))
    yield Heading(text="Attributes and beliefs")
    beliefs = tuple(
        (p.id, a.name, a.believed, a.confidence, ", ".join(a.options), a.change, a.assign, a.per)
        for p in personas
        for a in p.attributes
    )
    columns = ("persona", "attribute", "we believe", "confidence", "options", "change", "assign", "per")
    yield Table(columns=columns, rows=beliefs)


def _name_blocks(settings: Settings) -> Iterator[Block]:
    if settings.features:
        yield Heading(text="Features")
        rows = tuple((f.name, f.sql, f.of or "", f.unit) for f in settings.features)
        yield Table(columns=("feature", "sql", "of", "unit"), rows=rows)
    if settings.sources:
        yield Heading(text="Sources")
        columns = ("source", "from", "customer", "exposure", "outcomes", "traits")
        yield Table(columns=columns, rows=tuple(map(_source_row, settings.sources)))


def _source_row(source: Source) -> tuple[str, ...]:
    return (
        source.name,
        f"table {source.table.name}" if source.table else "files",
        source.customer or "each row",
        source.exposure.attribute if source.exposure else "",
        ", ".join(outcome.event for outcome in source.outcomes),
        ", ".join(source.traits),
    )


def _warning_blocks(warnings: tuple[Warned, ...]) -> Iterator[Block]:
    yield Heading(text="Warnings")
    lines = tuple(f"{warned.where}: {warned.message} Hint: {warned.hint}" for warned in warnings)
    yield Bullets(items=lines or ("None.",))
