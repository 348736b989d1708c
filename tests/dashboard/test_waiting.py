"""While something is being read, counted or compared, a page says so, and what is missing comes by itself."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from dashboard.desk import Desk, sign_in
from dashboard.lived import PASSWORD
from living_personas.dashboard.app import dashboard_app
from living_personas.dashboard.cache import Shelf
from living_personas.dashboard.render import STATIC


@pytest.fixture
def impatient(shown: Desk, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A dashboard whose requests wait for nothing, as whatever is dear is still being reckoned."""
    monkeypatch.setattr(Shelf, "_reckon", lambda _shelf, _key, _build: None)
    app = dashboard_app(shown.fresh, root=shown.root, clock=shown.clock, owner="test", secret=b"s" * 32, patience=0.0)
    client = TestClient(app, base_url="http://desk", follow_redirects=False)
    assert sign_in(client, "Dana", PASSWORD).status_code == 303
    return client


@pytest.mark.parametrize("path", ["/", "/personas", "/personas/deal-hunter", "/changes", "/review", "/experiments"])
def test_a_page_that_is_not_read_yet_says_so_and_comes_by_itself(impatient: TestClient, path: str) -> None:
    answer = impatient.get(path)
    assert answer.status_code == 200
    assert "This workspace is being read for the first time since the dashboard began." in answer.text
    assert "The page comes by itself." in answer.text
    assert '<meta http-equiv="refresh" content="3">' in answer.text


def test_no_template_waits_in_silence() -> None:
    """What asks again after a moment says so where it will stand."""
    folder = STATIC.parent / "templates"
    asking = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.html")}
    asking = {name: text for name, text in asking.items() if 'hx-trigger="load' in text}
    assert {name for name, text in asking.items() if "look again in a moment" not in text} == set()
    assert len(asking) >= 4
