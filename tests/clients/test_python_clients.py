"""Unmodified Python clients against the service: every event exactly once, whatever fails between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.provider import FeatureProvider
from openfeature.track import TrackingEventDetails
from posthog import Posthog
from rudderstack.analytics.client import Client as RudderStackClient
from segment.analytics.client import Client as SegmentClient

from clients.flaky import Failure, flaky
from living_personas.openfeature.provider import LivingPersonasProvider
from service.running import KEY, Running

pytestmark = pytest.mark.long

COUNT = 23
CUSTOMER = EvaluationContext(targeting_key="ada", attributes={"channel": "email", "utm_campaign": "spring_deal"})


def segment(url: str, customer: str) -> None:
    client = SegmentClient(KEY, host=url, gzip=True, upload_size=5, upload_interval=0.1)
    client.identify(customer, {"plan": "pro"})
    for n in range(COUNT):
        client.track(customer, "Counted", {"n": n})
    client.shutdown()


def rudderstack(url: str, customer: str) -> None:
    client = RudderStackClient(KEY, host=url, gzip=True, upload_size=5, upload_interval=0.1)
    client.identify(customer, {"plan": "pro"})
    for n in range(COUNT):
        client.track(customer, "Counted", {"n": n})
    client.shutdown()


def posthog(url: str, customer: str) -> None:
    client = Posthog(KEY, host=url, gzip=True, flush_at=5, flush_interval=0.1, max_retries=10)
    client.set(distinct_id=customer, properties={"plan": "pro"})
    for n in range(COUNT):
        client.capture("Counted", distinct_id=customer, properties={"n": n})
    client.shutdown()


@pytest.mark.parametrize("failure", [None, "500", "429", "lost"])
@pytest.mark.parametrize("send", [segment, rudderstack, posthog])
def test_every_event_is_stored_exactly_once(
    running: Running, send: Callable[[str, str], None], failure: Failure | None
) -> None:
    customer = f"python-{send.__name__}-{failure}"
    with flaky(running.address, failure=failure or "500", times=2 if failure else 0) as between:
        send(between.url, customer)
        assert between.failed == (2 if failure else 0)
    assert sorted(said["n"] for said in running.said("Counted", customer)) == list(range(COUNT))
    assert [said["plan"] for said in running.said("identify", customer)] == ["pro"]


@contextmanager
def provided(provider: FeatureProvider) -> Iterator[Any]:
    """An OpenFeature client with a provider, for as long as the block lasts."""
    api.set_provider_and_wait(provider)
    try:
        yield api.get_client()
    finally:
        api.shutdown()


def test_a_decision_comes_through_openfeature_with_its_metadata(running: Running) -> None:
    with provided(OFREPProvider(running.url, headers_factory=lambda: {"Authorization": f"Bearer {KEY}"})) as client:
        found = client.get_string_details("framing", "default", CUSTOMER)
        missing = client.get_string_details("no_such_attribute", "default", CUSTOMER)
    assert found.value in ("discount", "quality")
    assert found.flag_metadata["persona"] == "saver"
    assert 0 < found.flag_metadata["propensity"] <= 1
    assert {"persona_version", "decision_id", "holdout", "token"} <= set(found.flag_metadata)
    assert (missing.value, str(missing.error_code.value)) == ("default", "FLAG_NOT_FOUND")


def test_our_provider_tells_what_was_met_and_done(running: Running) -> None:
    provider = LivingPersonasProvider(running.url, key=KEY)
    with provided(provider) as client:
        met = client.get_string_details("framing", "default", CUSTOMER)
        provider.exposed(met, CUSTOMER)
        client.track("Order Completed", CUSTOMER, TrackingEventDetails(42.0, {"currency": "EUR"}))
    [order] = [row for row in running.events("Order Completed") if row["customer"] == "ada"]
    assert order["properties"] == {"currency": "EUR", "value": 42.0}
    [exposure] = [row for row in running.exposures() if (row["customer"], row["attribute"]) == ("ada", "framing")]
    assert (exposure["option"], exposure["decision_id"]) == (met.value, met.flag_metadata["decision_id"])
    assert exposure["propensity"] == met.flag_metadata["propensity"]
