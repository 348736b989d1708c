"""A simulated world goes through the door that everybody's data comes through; interrupted, it goes on."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from cli.shop import Typed
from living_personas.domain.batch import EventBatch
from living_personas.simulate.history_folder import WorldFolder

SMALL = ("--customers", "300", "--days", "9")


def written(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, but the store."""
    files = (path for path in folder.rglob("*") if path.is_file() and ".living" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.mark.long
@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_a_world_is_ingested_and_learned_of(personas: Typed, tmp_path: Path, form: str) -> None:
    folder = tmp_path / "world"
    told = personas("simulate", folder, "--customers", "300", "--days", "16", "--files", form)
    assert told.code == 0
    for line in told.out.splitlines():
        if line.startswith("  personas ingest"):
            pattern, *options = line.split()[2:]
            files = sorted(Path(pattern).parent.glob("*"))
            answer = personas("ingest", *files, *options)
            assert answer.code == 0
            assert "0 quarantined" in answer.out.splitlines()[-1]
    ran = personas("run", "--workspace", folder)
    assert ran.code == 0
    assert "closed 16 days: 2026-01-05 to 2026-01-20" in ran.out
    report = json.loads(personas("report", "--workspace", folder, "--format", "json").out)
    units = {each["persona"]: [a["units"] for a in each["attributes"]] for each in report["personas"]}
    assert all(sum(n or 0 for n in found) > 0 for found in units.values())
    assert report["health"]["unmatched_units"] == 0
    assert report["health"]["observational_units"] == 0


def test_the_same_seed_writes_the_same_files_and_a_half_written_world_goes_on(personas: Typed, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        assert personas("simulate", folder, *SMALL).code == 0
    whole = written(one)
    assert written(other) == whole
    events = sorted((one / "events").glob("*"))
    for lost in events[20:]:
        lost.unlink()
    told = json.loads(personas("simulate", one, *SMALL, "--format", "json").out)
    assert told["days_held_before"] == 20
    assert written(one) == whole


def test_another_world_is_not_written_over(personas: Typed, tmp_path: Path) -> None:
    folder = tmp_path / "world"
    assert personas("simulate", folder, *SMALL).code == 0
    refused = personas("simulate", folder, *SMALL, "--seed", "2")
    assert refused.code == 1
    assert "something else" in refused.err


def test_the_truth_lies_beside_it(personas: Typed, tmp_path: Path) -> None:
    folder = tmp_path / "world"
    personas("simulate", folder, *SMALL, "--break", "half:3-5", "--forge", "framing/quality:2-4:0.1")
    truth = json.loads((folder / "truth.json").read_text())
    assert truth["made_of"]["breakages"][0]["kind"] == "half"
    assert truth["made_of"]["forgeries"][0]["share"] == 0.1
    (segment,) = truth["segments"]
    assert len((folder / "members.csv").read_text().splitlines()) == segment["members"] + 1


@pytest.mark.long
def test_a_closed_loop_that_was_interrupted_goes_on_as_if_it_was_not(
    personas: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    options = ("--customers", "500", "--days", "5", "--policy", "living")
    assert personas("simulate", one, *options).code == 0
    put = WorldFolder.put

    def stop(self: WorldFolder, batch: EventBatch, day: date) -> None:
        if day == date(2026, 1, 7):
            sys.exit(9)
        put(self, batch, day)

    with monkeypatch.context() as patch:
        patch.setattr(WorldFolder, "put", stop)
        assert personas("simulate", other, *options).code == 9
    assert not (other / "events" / "2026-01-07.parquet").exists()
    assert personas("simulate", other, *options).code == 0
    assert written(other) == written(one)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--break", "hlaf:3-5"), "did you mean 'half'"),
        (("--break", "half"), "on which days"),
        (("--break", "half:5-3"), "ends before"),
        (("--break", "half:x"), "are no days"),
        (("--break", "45/55-split:3-5"), "names no option"),
        (("--break", "channel-gone:3:fax"), "no channel 'fax'"),
        (("--forge", "framing/qualty:3"), "did you mean 'quality'"),
        (("--forge", "framing/quality:3:2"), "up to 1"),
        (("--forge", "framing/quality:3:x"), "no number"),
    ],
)
def test_what_cannot_go_wrong_is_refused(personas: Typed, tmp_path: Path, words: tuple[str, ...], why: str) -> None:
    answer = personas("simulate", tmp_path / "world", *SMALL, *words)
    assert answer.code == 1
    assert why in answer.err
    assert not (tmp_path / "world").exists()


def test_the_plan_is_lived(personas: Typed, learned: Path) -> None:
    words = ("plan", "--simulate", "0.5", "--replicates", "5", "--days", "20", "--workspace", learned)
    told = personas(*words)
    assert told.code == 0
    assert "5 lives of at most 20 days each" in told.out
    found = json.loads(personas(*words, "--format", "json").out)
    assert {each["replicates"] for each in found} == {5}
    assert {each["lift"] for each in found} == {0.5}


@pytest.mark.slow
def test_memory_does_not_grow_with_days(tmp_path: Path) -> None:
    """The peak of a process that writes 200,000 customers for 4 days, and for 16."""
    peaks = [_peak(tmp_path / str(days), days) for days in (4, 16)]
    print(f"\n200,000 customers: {peaks[0]:.2f} GB for 4 days, {peaks[1]:.2f} GB for 16")
    assert peaks[1] < 1.1 * peaks[0]


def _peak(folder: Path, days: int) -> float:
    code = (
        "import resource; from living_personas.cli import app\n"
        f"app(['simulate', {str(folder)!r}, '--customers', '200000', '--days', '{days}'])\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return int(done.stdout.split()[-1]) / 2**20
