"""Small workspaces that real work failed on, kept beside the checkout: the commands of each, and its right value."""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request

import pytest
from starlette.testclient import TestClient

from cli.shop import Answer
from living_personas.cli import app
from living_personas.cli.failures import code_of
from living_personas.http.app import create_app
from living_personas.http.service import open_service
from living_personas.people.keys import create_key
from living_personas.wiring import open_context, system_clock

CASES = Path(os.environ.get("LIVING_PERSONAS_CASES", Path(__file__).parents[3] / "shared" / "cases"))
SECRET = "lp_secret_" + "s" * 32

Check = Callable[["Case"], bool]


class Case:
    """The copy of a case, and what its commands wrote."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.answers: list[Answer] = []
        self._capsys = capsys

    def run(self, command: str) -> Answer:
        """What a command of the case leaves."""
        name, *words = re.findall(r"""(?:[^\s']|'[^']*')+""", command)
        if name == "cp":
            shutil.copy(self.folder / words[0], self.folder / words[1])
            return self._said(0)
        if name == "python":
            runpy.run_path(str(self.folder / words[0]), run_name="__main__")
            return self._said(0)
        arguments = [name, *(re.sub("'", "", word) for word in words)]
        return self._said(code_of(lambda: app(arguments)))

    def _said(self, code: int) -> Answer:
        written = self._capsys.readouterr()
        self.answers.append(Answer(code, written.out, written.err))
        return self.answers[-1]

    @property
    def last(self) -> Answer:
        """What the last command left."""
        return self.answers[-1]

    @property
    def all(self) -> str:
        """Everything that was written."""
        return "".join(each.out + each.err for each in self.answers)

    @contextmanager
    def served(self) -> Iterator[TestClient]:
        """Whoever asks the service of the case, with a secret key."""
        _, context = open_context(self.folder)
        with closing(context.store):
            create_key(context, "secret", SECRET, now=system_clock())
        self.run("run")
        service = open_service(self.folder)
        service.watch.look()
        with TestClient(create_app(service), headers={"Authorization": f"Bearer {SECRET}"}) as client:
            yield client


def _last(text: str) -> Check:
    return lambda case: text in case.last.out


def _mean(option: str, mean: float, *, units: int = 120) -> Check:
    """So many units of an option came to this mean, to the cent."""

    def check(case: Case) -> bool:
        told = json.loads(case.run("report --format json").out)
        options = [each for persona in told["personas"] for one in persona["attributes"] for each in one["options"]]
        return any(
            (each["option"], each["units"]) == (option, units) and each["rate"] == pytest.approx(mean)
            for each in options
        )

    return check


def _delivered(*ids: str) -> Check:
    """The list goes to these, and to nobody else."""

    def check(case: Case) -> bool:
        lines = case.last.out.splitlines()[1:]
        return {line.split(",")[0].strip('"') for line in lines if ",true," in line} == set(ids)

    return check


def _fates(stored: int, *, quarantined: int = 0) -> Check:
    return lambda case: f"{stored} stored + 0 duplicate + {quarantined} quarantined" in case.all


def _refused_at_once(case: Case) -> bool:
    return "is taken by one of ours" in case.answers[0].err and "Traceback" not in case.all


def _late_costs_nothing(case: Case) -> bool:
    return "bad time" in case.all and "nothing new" in case.last.out + case.last.err


def _open_where_the_feed_ends(case: Case) -> bool:
    return "2026-11-03" in case.last.err + case.last.out and "-11-04 " not in case.last.out and "bad time" in case.all


def _rename_is_said(case: Case) -> bool:
    checked, ran = (each.out + each.err for each in case.answers[-3:-1])
    said = " ".join(checked.split())  # a terminal breaks its lines anywhere
    return "120 of 240 occasions" in said and "was: {NEW:" in said and "120 of 240 occasions" in ran


def _erased(case: Case) -> bool:
    """Whoever is erased is in no file any more, and is not let in again."""
    case.run("init --name shop")
    rows = "customer_id,created_at,event_name,id\nann@example.com,2026-11-01,Order Completed,1\n"
    (case.folder / "orders.csv").write_text(rows)
    settings = case.folder / "workspace.yaml"
    source = "\nsources:\n  s: {customer: customer_id, time: created_at, event: event_name, message_id: id}\n"
    settings.write_text(settings.read_text() + source)
    case.run("ingest orders.csv --source s")
    case.run("run")
    erased = case.run("erase Ann@Example.com --by Dana")
    left = [path for path in (case.folder / ".living").rglob("*") if path.is_file() and b"ann@" in path.read_bytes()]
    again = case.run("ingest orders.csv --source s")
    return "1 row of events" in erased.out and not left and "1 refused" in again.out


def _utc_is_utc(case: Case) -> bool:
    """A source can say its zone, and which of its rows it wants."""
    settings = case.folder / "workspace.yaml"
    column = "time: {column: Created date (UTC), zone: UTC}, where: \"Status = 'Paid'\""
    settings.write_text(settings.read_text().replace("time: Created date (UTC)", column))
    shutil.rmtree(case.folder / ".living")
    case.run("ingest payments.csv --source pay")
    _, context = open_context(case.folder)
    with closing(context.store):
        days = context.store.inbox.seal()
    return [day.isoformat() for day in days] == ["2026-11-02"] and "1 stored" in case.last.out


def _property_called_name(case: Case) -> bool:
    """``check`` warns of it, and says how to ask for it."""
    said = case.run("check").out.split("Warnings")[-1]
    settings = case.folder / "workspace.yaml"
    settings.write_text(settings.read_text().replace("where name =", 'where "property.name" ='))
    case.run("run --until 2026-11-20")
    return '"property.name"' in said and "a: all" in case.run("decide a").out


def _blanks(case: Case) -> bool:
    with case.served() as client:
        lines = (case.folder / "questions.jsonl").read_text().splitlines()
        answers = [client.post("/v1/decide", content=line).json() for line in lines]
        met: dict[str, object] = {"type": "track", "event": "Persona Exposed", "userId": "u1 ", "messageId": "m1"}
        met |= {"properties": {"token": answers[0]["token"]}}
        told = client.post("/v1/batch", json={"batch": [met]}).json()
    answered = {(each["customer"], str(each["attributes"])) for each in answers}
    return len(answered) == 1 and told["stored"] == 1


def _empty_array(case: Case) -> bool:
    with case.served() as client:
        told = client.post("/v1/batch", content=(case.folder / "body.json").read_bytes()).json()
    return (told["stored"], told["quarantined"]) == (1, 0)


def _number_asks(case: Case) -> bool:
    with case.served() as client:
        answer = client.post("/v1/decide", content=(case.folder / "question.json").read_bytes())
    return answer.status_code == 200 and answer.json()["customer"] == "123"


def _retry(case: Case) -> bool:
    asked: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIVING_PERSONAS_WEBHOOK_MAILGUN", "mgkey")
        with case.served() as client:

            def post(request: Request) -> None:
                assert isinstance(request.data, bytes)
                asked.append(client.post(urlsplit(request.full_url).path, content=request.data).status_code)

            patch.setattr("urllib.request.urlopen", post)
            patch.setattr("sys.argv", ["post.py", "http://127.0.0.1"])
            case.run("python post.py")
    return asked == [200]


RIGHT: dict[str, Check] = {
    "01": _last("3 received = 3 stored"),
    "02": _mean("quality", 14.95),
    "03": _mean("quality", 14.95),
    "04": _last("bob: unmatched"),
    "05": _last("bob: unmatched"),
    "06": lambda case: "quarantined=3" in case.last.out,
    "07": _last("123: all"),
    "08": _delivered(),
    "09": _blanks,
    "10": _late_costs_nothing,
    "11": _open_where_the_feed_ends,
    "12": lambda case: "Occasions with a known outcome: 240" in case.last.out,
    "13": _last("new1: first-visit"),
    "14": lambda case: "c1: all" in case.all and len(case.last.out.splitlines()) == 61,
    "15": _delivered("yes"),
    "16": _delivered("bob"),
    "17": _empty_array,
    "18": _refused_at_once,
    "19": _refused_at_once,
    "20": _retry,
    "21": _fates(3),
    "22": _fates(2),
    "23": _fates(1),
    "24": _utc_is_utc,
    "25": _mean("quality", 0.5),
    "26": lambda case: '"+491701234567"' in case.last.out,
    "27": _rename_is_said,
    "28": _property_called_name,
    "29": _erased,
    "30": _fates(1),
    "31": _number_asks,
}


def _commands() -> dict[str, list[str]]:
    """What to type in each case; a case that is served is asked by its check."""
    if not CASES.is_dir():
        return {}
    rows = re.findall(
        r"^\| `(\d\d_\w+)` \| S\d \| (.*?) \|", (CASES / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    return {name: [] if "serve`" in typed else re.findall("`([^`]*)`", typed) for name, typed in rows}


@pytest.mark.slow
@pytest.mark.skipif(not CASES.is_dir(), reason=f"there are no cases in {CASES.name!r} beside the checkout")
@pytest.mark.parametrize("name", _commands())
def test_what_is_right(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / name
    if (CASES / name).is_dir():
        shutil.copytree(CASES / name, folder, copy_function=shutil.copyfile)
    else:
        folder.mkdir()  # what is asked for is a command; its check begins a workspace
    for each in (folder, *folder.rglob("*")):
        each.chmod(0o755 if each.is_dir() else 0o644)
    monkeypatch.chdir(folder)
    case = Case(folder, capsys)
    for command in _commands()[name]:
        case.run(command)
    assert RIGHT[name[:2]](case), case.all
