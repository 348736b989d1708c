"""The how-to pages about the service are run as written, against a workspace that is served."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from living_personas.cli import app
from living_personas.cli.failures import code_of
from service.browsing import site, visiting
from service.running import Running, serving
from service.shop import write_shop

PAGES = Path(__file__).parents[1] / "docs" / "how-to"


@dataclass
class Followed:
    """Who follows a page: what was typed, what was written, and the service that was started on the way."""

    folder: Path
    stack: ExitStack
    names: dict[str, Any] = field(default_factory=dict)
    key: str = ""
    service: Running | None = None
    printed: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    origin: str = "https://www.example.com"

    @property
    def running(self) -> Running:
        assert self.service is not None, "the page has not started the service yet"
        return self.service

    def follow(self, page: str) -> None:
        """Do what the blocks of the page say, in order."""
        text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
        for language, block in re.findall(r"```(\w+)\n(.*?)```", text, flags=re.DOTALL):
            if language == "console":
                for line in block.splitlines():
                    self._type(line.removeprefix("$ "))
            elif language == "python":
                exec(compile(self.filled(block), page, "exec"), self.names)  # noqa: S102 - that is the test
            elif language == "yaml":
                self._write(block)
            elif language == "html":
                self.html.append(self.filled(block))

    def filled(self, text: str) -> str:
        """A text with the key that was made, and the port that was free."""
        found = re.sub(r"lp_\w+_\.\.\.", self.key, text).replace("localhost:8321", f"127.0.0.1:{self.running.port}")
        return found.replace("https://personas.example.com", self.running.url)

    def _type(self, line: str) -> None:
        program, *words = line.replace("https://www.example.com", self.origin).split()
        if (program, words[:1]) == ("personas", ["serve"]):
            self.service = self.stack.enter_context(serving(self.folder, words=words[1:]))
        elif program == "personas":
            said = typed(*words, "--workspace", str(self.folder))
            self.key = said.strip() if words[0] == "keys" else self.key
        else:
            environment = {**os.environ, "KEY": self.key}
            done = subprocess.run(
                ["bash", "-c", self.filled(line)], check=True, capture_output=True, text=True, env=environment
            )
            self.printed.append(done.stdout)

    def _write(self, goal: str) -> None:
        """A goal takes the place of the one in the personas' files."""
        for path in (self.folder / "personas").iterdir():
            kept = [line for line in path.read_text().splitlines() if not line.startswith("goal:")]
            path.write_text("\n".join([*kept, goal]))


def typed(*words: str) -> str:
    """Type a command beside the service; what it says."""
    with redirect_stdout(StringIO()) as said:
        assert code_of(lambda: app(words)) == 0, words
    return said.getvalue()


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that has published once, to be copied."""
    folder = write_shop(tmp_path_factory.mktemp("published") / "shop")
    typed("run", "--workspace", str(folder))
    return folder


@contextmanager
def followed(published: Path, folder: Path) -> Iterator[Followed]:
    """Somebody with a workspace that has published once."""
    shutil.copytree(published, folder)
    with ExitStack() as stack:
        yield Followed(folder=folder, stack=stack)


@pytest.mark.long
@pytest.mark.parametrize("page", ["segment", "rudderstack", "posthog"])
def test_an_sdk_brings_exposures_and_orders(page: str, published: Path, tmp_path: Path) -> None:
    with followed(published, tmp_path / "shop") as reader:
        reader.follow(page)
        running = reader.running
        assert running.said("identify", "u1")[0]["plan"] == "pro"
        assert [said["revenue"] for said in running.said("Order Completed", "u1")] == [42.0]
        [met] = [row for row in running.exposures() if row["attribute"] == "framing"]
        assert (met["customer"], met["persona"], met["propensity"]) == ("u1", "other", 0.5)
        assert all('"token"' in answer for answer in reader.printed)


@pytest.mark.long
def test_a_file_and_a_frame_are_sent(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    source, answers = re.findall(r"```text\n(.*?)```", (PAGES / "files-over-http.md").read_text(), flags=re.DOTALL)
    with followed(published, tmp_path / "shop") as reader:
        settings = reader.folder / "workspace.yaml"
        settings.write_text(settings.read_text() + source)
        with redirect_stdout(StringIO()) as said:
            reader.follow("files-over-http")
        assert [each for each in reader.printed if each] == answers.splitlines()
        assert said.getvalue() == "1 1\n"
        assert [order["customer"] for order in reader.running.events("Order Completed")] == ["ann", "bob", "cid"]


@pytest.mark.long
def test_a_landing_page_is_shown_reported_and_counted(published: Path, tmp_path: Path) -> None:
    with followed(published, tmp_path / "shop") as reader, site() as (origin, show), visiting() as browser:
        reader.origin = origin
        reader.follow("landing-page")
        headlines, script = reader.html
        show(f"<!doctype html>{headlines}")
        page = browser.new_page()
        page.goto(origin)
        page.wait_for_timeout(1_000)  # it is shown, seen, and reported
        page.evaluate(script.removeprefix("<script>\n").removesuffix("</script>\n"))
        page.wait_for_timeout(500)
        headline = page.inner_text("h1").strip()
        page.close()
        running = reader.running
        [met] = running.exposures()
        assert {"discount": "Save on your first order", "quality": "Made to last ten years"}[met["option"]] == headline
        assert (met["persona"], met["channel"], met["propensity"]) == ("saver", "landing", 0.5)
        [order] = running.events("Order Completed")
        assert order["properties"] == {"revenue": 42, "sent_from": "browser"}
        assert [said["plan"] for said in running.said("identify", "u1") if "plan" in said] == ["pro"]
        typed("run", "--until", f"{met['time'].date()}", "--workspace", str(running.folder))
        [cell] = [each for each in running.cells() if each["s"]]
        assert (cell["attribute"], cell["option"], cell["metric"]) == ("framing", met["option"], "goal")
