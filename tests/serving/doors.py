"""Every door through which a question can come, each really opened: what it says of a customer, in one form."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pyarrow as pa
import pytest
from starlette.testclient import TestClient

from living_personas.api.open_workspace import OpenWorkspace
from living_personas.cli import app
from living_personas.cli.failures import code_of
from living_personas.dashboard import tester
from living_personas.dashboard.visit import Visit
from living_personas.errors import InsufficientEvidenceError, InvalidDecisionError
from living_personas.loop.context import Context
from living_personas.mcp.arguments import PreviewDecision
from living_personas.mcp.asking import Asked, Caller
from living_personas.mcp.framing import Frame, unframed
from living_personas.mcp.persona_questions import preview_decision
from living_personas.reporting.anonymous import Discretion
from living_personas.reporting.labels import labels_of
from living_personas.serving.desk import desk_of


@dataclass(frozen=True)
class Wanted:
    """A question, as any door can be asked it."""

    customer: str
    channel: str = "email"
    traits: tuple[tuple[str, object], ...] = ()
    visit: str = ""
    campaign: str = ""


@dataclass(frozen=True)
class Said:
    """What a door said: the option of each attribute; persona and delivery where the door says them."""

    options: tuple[tuple[str, str], ...]
    persona: str | None = None
    held_for: str | None = None

    def agrees(self, other: Said) -> bool:
        """Whether two doors say the same, as far as both say it."""
        return self.options == other.options and all(
            one is None or another is None or one == another
            for one, another in ((self.persona, other.persona), (self.held_for, other.held_for))
        )


class Doors:
    """The doors of one workspace at one moment."""

    def __init__(
        self, folder: Path, workspace: OpenWorkspace, context: Context, client: TestClient, key: str, *, now: datetime
    ) -> None:
        self._folder, self._workspace, self._context = folder, workspace, context
        self._client, self._now = client, now
        self._headers = {"Authorization": f"Bearer {key}"}

    def one(self, wanted: Wanted, *, slow: bool) -> dict[str, Said]:
        """What the doors for single customers say, if they can be asked this; ``slow`` ones read the store."""
        doors: dict[str, Callable[[Wanted], Said | None]] = {
            "ws.decide": self._python,
            "/v1/decide": self._decide,
            "ofrep": self._ofrep,
            "/flags/": self._flags,
        }
        doors |= {"dashboard": self._dashboard, "mcp": self._mcp} if slow else {}
        return {name: said for name, door in doors.items() if (said := door(wanted)) is not None}

    def many(self, wanted: Sequence[Wanted]) -> dict[str, list[Said]]:
        """What the doors for lists say of customers whose questions differ in nothing but themselves and traits."""
        names = sorted({name for each in wanted for name, _ in each.traits})
        first = wanted[0]
        rows = [{"customer": each.customer, **{n: dict(each.traits).get(n) for n in names}} for each in wanted]
        table = pa.Table.from_pylist([{k: None if v is None else str(v) for k, v in row.items()} for row in rows])
        if first.visit:
            table = table.append_column("visit", pa.array([first.visit] * len(rows)))
        decided = self._workspace.decide_list(
            table, channel=first.channel, campaign=first.campaign, at=self._now
        ).to_pylist()
        return {"ws.decide_list": [_listed(decided, each.customer) for each in wanted]}

    def typed(self, wanted: Wanted) -> dict[str, Said]:
        """What the command line says, of the customer and of a list of one."""
        where = ("--channel", wanted.channel, "--campaign", wanted.campaign, "--at", self._now.isoformat())
        given = [word for name, said in wanted.traits for word in ("--trait", f"{name}={_text(said)}")]
        visit = ("--visit", wanted.visit) if wanted.visit else ()
        form = ("--format", "json", "--workspace", str(self._folder))
        question = ("decide", wanted.customer, *where, *visit, *given, *form)
        if self._is_unread(wanted):
            assert _code_of(*question) != 0
            return {}
        found = json.loads(_typed(*question))
        alone = Said(options=_options(found["choices"], "attribute"), persona=found["persona"])
        if any(said is None for _, said in wanted.traits):
            return {"personas decide": alone}
        file = self._folder / "one.csv"
        header = ["customer", *(name for name, _ in wanted.traits), *(["visit"] if wanted.visit else [])]
        row = [wanted.customer, *(_text(said) for _, said in wanted.traits), *([wanted.visit] if wanted.visit else [])]
        with file.open("w", newline="") as out:
            csv.writer(out).writerows([header, row])
        listed = csv.DictReader(
            io.StringIO(_typed("decide", "--list", str(file), *where, "--workspace", str(self._folder)))
        )
        return {"personas decide": alone, "personas decide --list": _listed(list(listed), wanted.customer)}

    def _is_unread(self, wanted: Wanted) -> bool:
        """Whether a trait is none that rules read: people who try a decision out are told, all others go on."""
        return bool(desk_of(self._context).published.decider.unread(dict(wanted.traits)))

    def _python(self, wanted: Wanted) -> Said:
        asked: dict[str, Any] = {"channel": wanted.channel, "traits": dict(wanted.traits), "at": self._now}
        found = self._workspace.decide(wanted.customer, visit=wanted.visit, campaign=wanted.campaign, **asked)
        held = self._workspace.delivery(wanted.customer, **asked)
        options = tuple(sorted((choice.attribute, choice.option) for choice in found.choices))
        return Said(options=options, persona=found.persona, held_for=held.reason)

    def _decide(self, wanted: Wanted) -> Said:
        asked = {"customer": wanted.customer, "channel": wanted.channel, "traits": dict(wanted.traits)}
        found = self._post("/v1/decide", asked | {"visit": wanted.visit, "campaign": wanted.campaign})
        options = tuple(sorted((name, each["option"]) for name, each in found["attributes"].items()))
        return Said(options=options, persona=found["persona"], held_for=found["held_for"])

    def _ofrep(self, wanted: Wanted) -> Said | None:
        if any(said is None for _, said in wanted.traits):
            return None  # the protocol's contexts have no null
        occasion = {"channel": wanted.channel, "visit": wanted.visit, "campaign": wanted.campaign}
        context = {"targetingKey": wanted.customer, **occasion, **dict(wanted.traits)}
        persona, *flags = self._post("/ofrep/v1/evaluate/flags", {"context": context})["flags"]
        about = persona["metadata"]
        options = tuple(sorted((flag["key"], flag["value"]) for flag in flags if "value" in flag))
        return Said(options=options, persona=persona["value"], held_for=about.get("held_for", ""))

    def _flags(self, wanted: Wanted) -> Said | None:
        if wanted.channel or wanted.visit or wanted.campaign or any(said is None for _, said in wanted.traits):
            return None  # these clients know no channel and no occasion
        body = {"distinct_id": wanted.customer, "person_properties": dict(wanted.traits)}
        flags = self._post("/flags/", body)["flags"]
        return Said(options=tuple(sorted((key, flag["variant"]) for key, flag in flags.items())))

    def _dashboard(self, wanted: Wanted) -> Said | None:
        if wanted.visit or wanted.campaign:
            return None  # the page asks for neither
        told: dict[str, Any] = {}
        form = {
            "customer": wanted.customer,
            "channel": wanted.channel,
            "traits": "\n".join(f"{name} = {json.dumps(said)}" for name, said in wanted.traits),
        }
        if any(said is None for _, said in wanted.traits):
            return None  # a line without a value says nothing
        request = SimpleNamespace(base_url="http://desk/", headers={"hx-request": "true"})
        visit = SimpleNamespace(
            form=form,
            context=self._context,
            board=SimpleNamespace(clock=lambda: self._now, prefix=""),
            request=request,
            newest=dict,
            labels=labels_of(()),
            piece=lambda _template, **values: told.update(values),
        )
        tester.try_out(cast("Visit", visit))
        answer = told["tried"].answer
        drawn = [(each.attribute, each.option) for each in answer.decision.choices if each.epoch != "tester"]
        return Said(options=tuple(sorted(drawn)), persona=answer.decision.persona, held_for=answer.delivery.reason)

    def _mcp(self, wanted: Wanted) -> Said | None:
        if wanted.visit or wanted.campaign or any(said is None for _, said in wanted.traits):
            return None  # the tool asks for neither
        asked = Asked(
            context=self._context,
            caller=Caller(name="a"),
            frame=Frame(boundary="00000000"),
            now=self._now,
            owner="tests",
            discretion=Discretion(smallest=20),
        )
        given = PreviewDecision(
            customer=wanted.customer, channel=wanted.channel, traits=cast("Mapping[str, Any]", dict(wanted.traits))
        )
        if self._is_unread(wanted):
            with pytest.raises(InvalidDecisionError, match="rules would take it for unknown"):
                preview_decision(asked, given)
            return None
        try:
            found = cast("dict[str, Any]", preview_decision(asked, given))
        except InsufficientEvidenceError:
            return None  # so few people are not told about
        choices = [{name: unframed(str(each[name])) for name in ("attribute", "option")} for each in found["choices"]]
        return Said(options=_options(choices, "attribute"), persona=unframed(str(found["persona"])))

    def _post(self, path: str, body: object) -> dict[str, Any]:
        answer = self._client.post(path, json=body, headers=self._headers)
        assert answer.status_code == 200, answer.text
        return cast("dict[str, Any]", answer.json())


def _listed(rows: Iterable[Mapping[str, Any]], customer: str) -> Said:
    mine = [row for row in rows if row["customer"] == customer]
    return Said(options=_options(mine, "attribute"), persona=mine[0]["persona"] if mine else None)


def _options(choices: Iterable[Mapping[str, Any]], name: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((str(each[name]), str(each["option"])) for each in choices))


def _text(said: object) -> str:
    return json.dumps(said) if isinstance(said, bool) else str(said)


def _typed(*words: str) -> str:
    out = io.StringIO()
    with redirect_stdout(out):
        assert _code_of(*words) == 0, words
    return out.getvalue()


def _code_of(*words: str) -> int:
    with redirect_stderr(io.StringIO()):
        return code_of(lambda: app(list(words)))
