"""A pass over what is news reads nothing that was told before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from living_personas.domain.persona import PersonaVersion
from living_personas.domain.settings import WebhookTarget
from living_personas.outgoing import outbox
from living_personas.refining.apply import baseline
from living_personas.stores.memory import MemoryVersions
from loop.shops import SETTINGS, context_of

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TOLD = replace(SETTINGS, webhooks=(WebhookTarget(url="https://hooks.example/in", secret_env="HOOK"),))  # noqa: S106 - the name of a variable


def test_versions_that_were_told_are_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    context, read = context_of(settings=TOLD), list[str]()
    first = [baseline(replace(context.personas[0], id=name), day=NOW.date()) for name in ("early", "bird")]
    for version in first:
        context.store.versions.append(version)
    outbox.collect(context, now=NOW)
    history = MemoryVersions.history

    def noted(versions: MemoryVersions, persona: str) -> tuple[PersonaVersion, ...]:
        read.append(persona)
        return history(versions, persona)

    monkeypatch.setattr(MemoryVersions, "history", noted)
    assert (outbox.collect(context, now=NOW), read) == (0, [])
    context.store.versions.append(replace(first[1], version=2))
    read.clear()  # what adding one reads
    assert (outbox.collect(context, now=NOW), read) == (1, ["bird"])
    assert (outbox.collect(context, now=NOW), read) == (0, ["bird"])
