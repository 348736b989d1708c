"""Unmodified browser clients in a real browser, on a site of its own: installed from the lock, skipped without npm.

Each customer is one whom a server named: what a page sends is theirs only if it proves for whom it speaks.
"""

from __future__ import annotations

import hmac
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from faults.shop import open_shop
from service.browsing import site, visiting
from service.running import KEY, Running, personas, serving

pytestmark = pytest.mark.slow

PAGE_KEY = "pk_of_the_page"
SITE_SECRET = "known-to-the-server-of-the-site"  # noqa: S105 - of a test
COUNT = 3
SCRIPTS = {
    "segment": "@segment/analytics-next/dist/umd/index.js",
    "rudderstack": "@rudderstack/analytics-js/dist/npm/modern/bundled/umd/index.js",
    "posthog": "posthog-js/dist/array.no-external.js",
}
"""What a page loads of each client."""

SENDS = {
    "segment": """async ([key, host, customer, user_hash, inBatches]) => {
        const strategy = inBatches ? {deliveryStrategy: {strategy: "batching", config: {size: 2, timeout: 100}}} : {};
        const place = {apiKey: key, apiHost: `${host}/v1`, protocol: "http", ...strategy};
        const client = AnalyticsNext.AnalyticsBrowser.load(
            {writeKey: key, cdnSettings: {integrations: {"Segment.io": place}}});
        await client.addSourceMiddleware(({payload, next}) => {
            payload.obj.integrations = {...payload.obj.integrations, "Living Personas": {user_hash}};
            next(payload);
        });
        await client.identify(customer, {plan: "pro"});
        for (let n = 0; n < 3; n++) await client.track("Counted", {n});
    }""",
    "rudderstack": """([key, host, customer, user_hash, beacons]) => {
        const source = {id: "s", name: "s", writeKey: key, enabled: true, config: {}, destinations: []};
        const own = {useBeacon: beacons, beaconQueueOptions: {maxItems: 2, flushQueueInterval: 300}};
        const client = new rudderanalytics.RudderAnalytics();
        client.load(key, `http://${host}`, {...own, getSourceConfig: () => ({source, updatedAt: ""})});
        client.identify(customer, {plan: "pro", user_hash});
        for (let n = 0; n < 3; n++) client.track("Counted", {n});
    }""",
    "posthog": """async ([key, host, customer, user_hash, beacons]) => {
        const own = {autocapture: false, capture_pageview: false, opt_out_useragent_filter: true};
        const flags = await new Promise(done => posthog.init(key, {
            api_host: `http://${host}`, ...own, bootstrap: {distinctID: customer},
            loaded: client => client.onFeatureFlags((names, values) => done(values)),
        }));
        posthog.register({user_hash});
        posthog.setPersonProperties({plan: "pro"});
        for (let n = 0; n < 3; n++) posthog.capture("Counted", {n}, beacons ? {transport: "sendBeacon"} : {});
        return flags;
    }""",
}
"""A page's script: the last word says whether it sends in batches or, as a page does that is left, by beacons."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with visiting() as found:
        yield found


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, str]]:
    """A shop that is served, and the address of a site that may use its key."""
    folder = open_shop(tmp_path_factory.mktemp("pages") / "shop")
    with site() as (origin, show):
        show("<!doctype html><title>A page</title>")
        words = ["keys", "create", "publishable", "--value", PAGE_KEY, "--origin", origin, "--workspace", str(folder)]
        subprocess.run(personas(*words), check=True)
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("LIVING_PERSONAS_IDENTITY_SECRET", SITE_SECRET)
            with serving(folder) as running:
                yield running, origin


@pytest.mark.parametrize("leaving", [False, True])
@pytest.mark.parametrize("client", SCRIPTS)
def test_every_event_of_a_page_is_stored_exactly_once(
    browser: Browser,
    served: tuple[Running, str],
    node: Path,
    client: str,
    leaving: bool,  # noqa: FBT001 - pytest names it
) -> None:
    running, origin = served
    customer = f"{client}-{leaving}"
    named = {"userId": customer, "event": "Named", "messageId": customer}
    httpx.post(f"{running.url}/v1/track", json=named, auth=(KEY, "")).raise_for_status()
    proof = hmac.digest(SITE_SECRET.encode(), customer.encode(), "sha256").hex()
    page = browser.new_context().new_page()
    page.goto(origin)
    page.add_script_tag(path=str(node / "node_modules" / SCRIPTS[client]))
    said = page.evaluate(SENDS[client], [PAGE_KEY, running.url.removeprefix("http://"), customer, proof, leaving])
    for _ in range(40):
        if len(running.said("Counted", customer)) >= COUNT:
            break
        page.wait_for_timeout(250)
    page.wait_for_timeout(500)
    page.close()
    assert sorted(each["n"] for each in running.said("Counted", customer)) == list(range(COUNT))
    if client == "posthog":
        assert said["framing"] in ("discount", "quality")
