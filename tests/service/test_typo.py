"""The service starts, decides and can be stopped while a persona file has a typo."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from dashboard.desk import csrf
from living_personas.http.app import create_app
from living_personas.http.mounts import mounted
from living_personas.http.service import open_service
from living_personas.memory.people_records import KILLED
from living_personas.people.person_accounts import add_person
from living_personas.wiring import open_published
from living_personas.workspace.file_problems import InvalidFilesError
from service.shop import KEYS, Hands, write_shop

TYPO = "persona: saver\nattributs: {}\n"
PASSWORD = "correct horse battery"  # noqa: S105 - of nobody


def test_it_serves_what_was_published_last_says_so_and_is_stopped_from_the_dashboard(
    published: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(published, tmp_path / "shop"))
    context = open_published(folder)
    add_person(context, "Ada", role="approver", password=PASSWORD, salt=b"salt", n=2)
    context.store.close()
    written = (folder / "personas" / "saver.yaml").read_text()
    (folder / "personas" / "saver.yaml").write_text(TYPO)
    service = open_service(folder, clock=Hands())
    with TestClient(create_app(service, mounts=mounted(folder, service))) as client:
        ready = client.get("/readyz")
        assert ready.status_code == 200
        assert "what was published last is served" in ready.text
        asked = {"customer": "ann", "channel": "email"}
        answer = client.post("/v1/decide", json=asked, headers={"Authorization": f"Bearer {KEYS['secret']}"})
        assert answer.status_code == 200, answer.text
        page = "/dashboard/sign-in"
        signed = client.post(page, data={"csrf": csrf(client.get(page).text), "name": "Ada", "password": PASSWORD})
        assert signed.status_code == 200, signed.text
        token = csrf(client.get("/dashboard/changes").text)
        thrown = client.post("/dashboard/kill", data={"csrf": token, "state": "on", "sure": "1"})
        assert thrown.status_code == 200, thrown.text
        assert KILLED.read(service.context.store) == "Ada"
        (folder / "personas" / "saver.yaml").write_text(written)
        service.watch.look()
        assert "published last" not in client.get("/readyz").text


def test_it_does_not_start_where_nothing_was_published(tmp_path: Path) -> None:
    folder = write_shop(tmp_path / "shop")
    (folder / "personas" / "saver.yaml").write_text(TYPO)
    with pytest.raises(InvalidFilesError):
        open_service(folder, clock=Hands())
