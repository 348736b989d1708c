"""The OpenFeature providers of the edge say what the service's OFREP says, of every id, consent and context."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from edge.test_vectors import STATIC, needs_node
from service.shop import Served

HERE = Path(__file__).parent
SIDES = {"server": "LivingPersonasServerProvider", "web": "LivingPersonasWebProvider"}
STAND_IN = """\
export class OpenFeatureEventEmitter { emit() {} }
export const ProviderEvents = { ConfigurationChanged: "", Stale: "", Ready: "" };
"""
IDS: list[Any] = [
    "u1", " u1\u200b", "\xadu1", "17.0", "17.50", 17, 0, "0", "-1", "007", "-0.0", "9007199254740993.0", "1.23E+11",
    "1e+5", "1e5", "N/A", "(not set)", "Guest", "unknown", "", None, True, 12.5, 2**53 - 1, "a\0b", "é", "e\u0301",
    "x" * 512, "x" * 513, "\U0001f600" * 512, "Ann@Example.com", "0" * 32, "\u2065u1", "\x1cu1\x85", "INVIT\u00c9",
]  # fmt: skip
CONSENTS: list[dict[str, Any]] = [
    {name: said}
    for name in ("consent", "consent_marketing", "consent_personalisation", "consent_email", "consent_sms", "gpc")
    for said in (
        True,
        False,
        "yes",
        "Opt-Out",
        "opted_in",
        "maybe",
        "NULL",
        "",
        " ",
        None,
        0,
        1,
        2,
        "0.0",
        "1",
        "DENIED",
        "\xa0",
    )
]
CONTEXTS: list[dict[str, Any]] = [
    {}, {"utm_campaign": "spring_deal"}, {"utm_campaign": 3, "channel": "email"}, {"channel": 7}, {"visit": "v" * 513},
    {"campaign": "a\0b"}, {"utm_campaign": ["deal"], "more": {"a": 1}}, {"utm_campaign": True}, {"targetingkey": "u2"},
]  # fmt: skip


def asked() -> list[dict[str, Any]]:
    """Each id, consent and context, of flags of every kind."""
    contexts = [{"targetingKey": id_} for id_ in IDS]
    contexts += [{"targetingKey": "u1", "channel": "email", "utm_campaign": "a deal", **said} for said in CONSENTS]
    contexts += [{"targetingKey": f"u{number}", **said} for said in CONTEXTS for number in range(5)]
    return [{"flag": flag, "context": each} for each in contexts for flag in ("framing", "offer", "persona", "none")]


@pytest.mark.long
@needs_node
@pytest.mark.parametrize("side", SIDES)
def test_a_provider_says_what_the_service_says(served: Served, tmp_path: Path, side: str) -> None:
    questions = asked()
    told = provided(tmp_path, side, served, questions)
    different = []
    for question, found in zip(questions, told, strict=True):
        body = {"context": question["context"]}
        answer = served.post(f"/ofrep/v1/evaluate/flags/{question['flag']}", body, key="secret").json()
        if said(found) != said(answer):
            different.append((question, said(found), said(answer)))
    assert different[:3] == []
    codes = {found.get("errorCode") for found in told}
    assert codes == {None, "FLAG_NOT_FOUND", "TARGETING_KEY_MISSING", "INVALID_CONTEXT"}


def said(found: dict[str, Any]) -> dict[str, Any]:
    """What both must say alike: ours has no token, and says of which table and epoch a choice is."""
    metadata = found.get("flagMetadata", found.get("metadata", {}))
    kept = ("persona", "persona_version", "holdout", "propensity", "held_for")
    value = "fallback" if "errorCode" not in found and "value" not in found else found.get("value")
    return {
        "value": "fallback" if "errorCode" in found else value,
        "variant": found.get("variant"),
        "reason": None if "errorCode" in found else found["reason"],
        "errorCode": found.get("errorCode"),
        **{name: metadata.get(name) for name in kept},
    }


@pytest.mark.long
@needs_node
@pytest.mark.parametrize("side", SIDES)
def test_a_service_that_was_restored_is_followed_back_and_on(served: Served, tmp_path: Path, side: str) -> None:
    """It counts on from its backup: what comes then has a number that was another's."""
    snapshot = _snapshot(served)
    number = snapshot["number"]
    published = [(number, False), (number - 1, True), (number, False), (number, True), (number + 1, False)]
    snapshots = [{**snapshot, "number": of, "holdout_below": "g" if held else "0"} for of, held in published]
    details = told_by(
        "follow.mjs", tmp_path, side, {**_now(served), "snapshots": snapshots, "context": {"targetingKey": "u1"}}
    )
    assert [(found["flagMetadata"]["snapshot"], found["flagMetadata"]["holdout"]) for found in details] == published


def provided(folder: Path, side: str, served: Served, questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The details that the provider gives in Node."""
    said = {"snapshot": _snapshot(served), **_now(served), "asked": questions}
    return told_by("evaluate.mjs", folder, side, said)


def _snapshot(served: Served) -> dict[str, Any]:
    snapshot: dict[str, Any] = served.client.get("/v1/snapshot", headers=served.bearer("secret")).json()
    return snapshot


def _now(served: Served) -> dict[str, str]:
    return {"at": served.clock.now.isoformat()}


def told_by(program: str, folder: Path, side: str, said: dict[str, Any]) -> list[dict[str, Any]]:
    """What a program in Node says of the provider, with a stand-in for the SDK."""
    sdk = folder / "node_modules" / "@openfeature" / f"{side}-sdk"
    sdk.mkdir(parents=True)
    (sdk / "package.json").write_text(json.dumps({"name": f"@openfeature/{side}-sdk", "exports": "./sdk.mjs"}))
    (sdk / "sdk.mjs").write_text(STAND_IN)
    script = shutil.copy(STATIC / f"living-personas-openfeature-{side}.mjs", folder)
    command = ["node", str(HERE / program), str(script), SIDES[side]]
    done = subprocess.run(command, input=json.dumps(said), check=True, capture_output=True, text=True, timeout=60)
    details: list[dict[str, Any]] = json.loads(done.stdout)
    return details
