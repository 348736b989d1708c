"""Robots and headless browsers that come with the key of a page get the defaults, and count nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from living_personas.channels.email_providers.machines import is_machine
from living_personas.channels.robots import is_robot
from living_personas.loop.feed.uncounted import uncounted
from living_personas.loop.recording.receipts import receipts_by_day, robots_since
from living_personas.reporting.report import build_report
from living_personas.reporting.uncounted_words import uncounted_words
from service.shop import NOON, Served, track

GOOGLE = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
HEADLESS = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/140.0.0.0 Safari/537.36"
PERSON = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Safari/604.1"
ROBOTS = (
    GOOGLE,
    HEADLESS,
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
    "Mozilla/5.0 (Linux; Android 11) AppleWebKit/537.36 Chrome/134 Mobile Safari/537.36 Chrome-Lighthouse",
    "Mozilla/5.0 (linux) AppleWebKit/537.36 (KHTML, like Gecko) jsdom/26.0.0",
)
PEOPLE = (
    PERSON,
    "Mozilla/5.0 (Linux; Android 9; CUBOT X19) AppleWebKit/537.36 Chrome/120.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:141.0) Gecko/20100101 Firefox/141.0",
    "okhttp/4.12.0",
    "axios/1.7.2",
    "analytics-node/2.1.0",
    "python-requests/2.32.3",
    "",
)


def asked(served: Served, path: str, body: object, agent: str, key: str = "publishable") -> Any:
    answer = served.client.post(path, json=body, headers={**served.bearer(key), "User-Agent": agent})
    assert answer.status_code == 200, answer.text
    return answer.json()


def batch(*ids: str) -> dict[str, Any]:
    return {"batch": [track(id_) for id_ in ids]}


@pytest.mark.parametrize("agent", ROBOTS)
def test_robots_are_told_at_both_doors(agent: str) -> None:
    assert is_robot(agent)
    assert is_machine(opened=False, agent=agent, ip="")


@pytest.mark.parametrize("agent", PEOPLE)
def test_people_and_the_libraries_of_apps_are_no_robots(agent: str) -> None:
    assert not is_robot(agent)


def test_events_of_robots_are_answered_and_kept_nowhere(served: Served) -> None:
    before = served.service.context.store.inbox.recorded()
    said = asked(served, "/v1/batch", {"batch": [*batch("m1", "m2")["batch"], {"type": "track"}]}, GOOGLE)
    assert (said["received"], said["ignored"], said["stored"], said["quarantined"]) == (3, 3, 0, 0)
    assert said["events"][0] == {"message_id": "m1", "fate": "ignored", "reason": "robot"}
    assert served.service.context.store.inbox.recorded() == before
    assert not served.service.context.store.quarantine.counts()
    assert not receipts_by_day(served.service.context)
    assert asked(served, "/v1/batch", batch("m1"), PERSON)["stored"] == 1
    assert asked(served, "/v1/batch", batch("m3"), HEADLESS, key="secret")["stored"] == 1


def test_the_numbers_are_in_metrics_report_and_health(served: Served) -> None:
    asked(served, "/v1/batch", batch("m1", "m2"), GOOGLE)
    asked(served, "/v1/track", track("m3"), HEADLESS)
    asked(served, "/v1/decide", {"customer": "u1"}, HEADLESS)
    metrics = served.client.get("/metrics", headers=served.bearer("admin")).text
    assert 'living_personas_robots_total{what="event"} 3.0' in metrics
    assert 'living_personas_robots_total{what="question"} 1.0' in metrics
    assert served.counts()['_total{fate="ignored"}'] == served.counts()["_received_total"] == 3
    assert robots_since(served.service.context, NOON.date()) == 3
    words = "3 events of the last weeks came from robots or headless browsers: they are not kept."
    assert words in map(uncounted_words, uncounted(served.service.context))
    assert words in map(uncounted_words, build_report(served.service.context).health.uncounted)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/decide", {"customer": "u1", "count": True}),
        ("/ofrep/v1/evaluate/flags", {"context": {"targetingKey": "u1"}}),
        ("/flags/", {"distinct_id": "u1"}),
    ],
)
def test_robots_get_the_defaults_at_every_door(served: Served, path: str, body: object) -> None:
    assert options(asked(served, path, body, PERSON)) != []
    before = served.service.context.store.inbox.recorded()
    assert options(asked(served, path, body, GOOGLE)) == []
    assert options(asked(served, path, body, HEADLESS)) == []
    assert served.service.context.store.inbox.recorded() == before
    assert options(asked(served, path, body, HEADLESS, key="secret")) != []


def options(said: Any) -> list[str]:
    """The attributes that an answer chose."""
    if "attributes" in said:
        assert said["attributes"] or said["persona"] == "unmatched"
        return sorted(said["attributes"])
    flags = said["flags"]
    names = list(flags) if isinstance(flags, dict) else [flag["key"] for flag in flags]
    return sorted(set(names) - {"persona"})
