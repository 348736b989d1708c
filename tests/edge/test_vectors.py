"""The evaluator of the edge decides as the product does: every decision of the vector files is equal in Node."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deciding.snapshots import persona, published
from edge.vectors import PUBLISHED, SNAPSHOT, ZONES, answered, write
from living_personas.deciding.decide import Decider

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "src" / "living_personas" / "http" / "static"
EVALUATOR = STATIC / "living-personas-evaluator.mjs"
VERIFY = ROOT / "browser" / "verify-vectors.mjs"

needs_node = pytest.mark.skipif(not shutil.which("node"), reason="NOT RUN: there is no node here to run the evaluator")

MISTAKES = {
    "texts in the order of UTF-16": (r"ordered\(one, other\) : Num", "(one < other ? -1 : one > other ? 1 : 0) : Num"),
    "a week that begins for all on one day": (r"\(day \+ offset\) % 7", "day % 7"),
    "the newest table, whatever the epoch": (r"day \}\) => day <= start", "day }) => true"),
    "an unknown half of a comparison is false": (r"(one === null \|\| other === null\) return) null", r"\1 false"),
    "numbers that run over": (r"Number\.isFinite\(number\) \? number : null", "number"),
    "0.00001 as JavaScript writes it": (r"isSmall \? said\.toExp.*\) :", ""),
    "addresses as they are spelt": (r'id\.toLowerCase\(\)\.normalize\("NFC"\)', "id"),
    "parts of a persona as the whole": (r"isInside \? table\.inside : table", "table"),
    "the day of Greenwich": (r"\{ timeZone,", "{ timeZone: 'UTC',"),
    "whoever is unknown is held": (r"answer\(known\) === true", "answer(known) !== false"),
    "length in UTF-16": (r"\[\.\.\.text\]\.length", "text.length"),
    "a holdout that nobody is in": (r"< holdout_below", "< '0'"),
    "patterns that match anywhere": (r"if \(!fits\(first, 0\)\) return false", "if (false) return false"),
}
"""What somebody may get wrong: what stands in the evaluator, and what would stand there then."""


def verified(script: Path, vectors: Path) -> tuple[int, dict[str, int], str]:
    """How Node ends, what it counted, and the first differences."""
    command = ["node", str(VERIFY), str(script), str(vectors)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
    return done.returncode, json.loads(done.stdout or "{}"), done.stderr[:4000]


def test_the_published_answers_are_those_of_the_product() -> None:
    """What was decided once under a snapshot is decided under it for ever."""
    decisions = 0
    for line in PUBLISHED.read_text(encoding="utf-8").splitlines():
        said = json.loads(line)
        if "snapshot" in said:
            decider = Decider(SNAPSHOT.validate_python(said["snapshot"]))
        else:
            assert answered(decider, said) == said["expected"]
            decisions += 1
    assert decisions == 2000


@needs_node
def test_the_evaluator_gives_the_published_answers() -> None:
    status, count, differences = verified(EVALUATOR, PUBLISHED)
    assert (status, differences) == (0, "")
    assert count["equal"] == count["decisions"] == 2000
    assert count["choices"] > 1500


@pytest.mark.long
@needs_node
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_of_the_evaluator_is_found(mistake: str, tmp_path: Path) -> None:
    stands, wrong = MISTAKES[mistake]
    text, times = re.subn(stands, wrong, EVALUATOR.read_text(encoding="utf-8"))
    assert times >= 1
    (tmp_path / "wrong.mjs").write_text(text, encoding="utf-8")
    status, count, _ = verified(tmp_path / "wrong.mjs", PUBLISHED)
    assert status == 1
    assert 0 < count["equal"] < count["decisions"]


@pytest.mark.long
@needs_node
def test_every_character_has_the_same_lower_case(tmp_path: Path) -> None:
    """One by one in rules, in rows of a hundred within addresses; of those that this Python's Unicode has."""
    points = [chr(point) for point in range(1, sys.maxunicode) if unicodedata.category(chr(point)) not in ("Cn", "Cs")]
    rows = ["".join(points[at : at + 100]) for at in range(0, len(points), 100)]
    snapshot = published(persona("p", "lower(t) = low and length(t) = count", assign=("always",)))
    decider = Decider(snapshot)
    asked = [
        {"customer": f"{row}ΑΣ@Σ.Σ", "traits": {"t": row, "low": "".join(c.lower()[0] for c in row), "count": len(row)}}
        for row in rows
    ]
    lines: list[Any] = [{**each, "at": "0", "expected": answered(decider, {**each, "at": "0"})} for each in asked]
    assert {line["expected"]["persona"] for line in lines} == {"p"}
    status, count, differences = verified(EVALUATOR, _written(tmp_path, [_line(snapshot), *lines]))
    assert (status, differences) == (0, "")
    assert count["equal"] == len(rows)


@pytest.mark.long
@needs_node
def test_days_begin_where_they_begin_however_clocks_are_put(tmp_path: Path) -> None:
    """Every ten seconds around midnights and where clocks change: in St. John's they once did at 0:01."""
    lines: list[Any] = []
    for zone in ZONES:
        snapshot = replace(published(persona("p", assign=("day",))), time_zone=zone)
        decider = Decider(snapshot)
        asked = [{"customer": "u1", "traits": {}, "at": str(at * 1_000_000 - 1)} for at in _edges(ZoneInfo(zone))]
        lines += [_line(snapshot), *({**each, "expected": answered(decider, each)} for each in asked)]
    assert len({line["expected"]["choices"][0][4] for line in lines if "expected" in line}) >= 25
    vectors = _written(tmp_path, lines)
    status, count, differences = verified(EVALUATOR, vectors)
    assert (status, differences) == (0, "")
    assert count["equal"] > 2000
    hourly = tmp_path / "hourly.mjs"  # a day that is kept for an hour would be wrong
    hourly.write_text(EVALUATOR.read_text(encoding="utf-8").replace("milliseconds / 6e4", "milliseconds / 36e5"))
    assert verified(hourly, vectors)[0] == 1


def _edges(zone: ZoneInfo) -> list[int]:
    """Seconds since 1970 around midnights of a day of 2026, and around changes of the clock of 1990 to 2030."""
    hours = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=n) for year in (1990, 2006, 2030) for n in range(8760)]
    offsets = [each.astimezone(zone).utcoffset() for each in hours]
    changes = [hours[n] for n in range(1, len(hours)) if offsets[n] != offsets[n - 1]]
    midnights = [datetime(2026, 5, day, tzinfo=zone).astimezone(UTC) for day in (1, 2)]
    around = [*range(-3700, -3500, 10), *range(-1900, -1700, 10), *range(-100, 100, 10)]
    return [int(each.timestamp()) + seconds for each in (*changes, *midnights) for seconds in around]


@needs_node
def test_what_it_does_not_understand_it_refuses_by_name() -> None:
    plain = _line(published(persona("p", "plan = 'free'", assign=("always",))))["snapshot"]
    newer = {**plain, "format": 3}
    changes = [
        newer,
        *({**plain, "personas": [{**plain["personas"][0], "who": who}]} for who in NO_RULES),
        {**plain, "time_zone": "Mars/Olympus"},
    ]
    script = (
        "const { Evaluator } = await import(process.argv[1]);"
        "for (const each of JSON.parse(process.argv[2])) {"
        " try { new Evaluator(each); console.log('read'); } catch (error) { console.log(error.message); } }"
    )
    command = ["node", "--input-type=module", "-e", script, EVALUATOR.as_uri(), json.dumps(changes)]
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.splitlines()
    assert len(said) == len(changes)
    assert [text for text, answer in zip(NO_RULES, said[1:-1], strict=True) if answer == "read"] == []
    assert said[0].startswith("Snapshot 1 has the format 3, and this reads up to 2")
    assert "Mars/Olympus" in said[-1]


NO_RULES = [
    "", "plan = ", "plan == 'free'", "plan = null", "1 < n < 3", "n in (1, null)", "n in ()", "plan like n",
    "sum(n) > 1", "upper(plan) = 'A'", "nullif(n, 1) = 1", "select = 1", "n = 'a' and n = 1", "not", "(plan = 'a'",
    "plan = 'a')", "n --1 = 2", "12abc = 1", "plan like 'a!b' escape '!'", "plan like 'a' escape '!!'", "n = 1e999",
    "plan = 'a' n", "n = 1;", "case = 1", "coalesce(n) = 1", "n = 5.5.5", "plan is 3",
]  # fmt: skip


@pytest.mark.parametrize("script", sorted(path.name for path in STATIC.glob("*.mjs")))
def test_what_is_served_is_what_the_sources_build(script: str) -> None:
    """Its first line says of which sources it was built: who changes them runs `npm run build` in browser/."""
    first = (STATIC / script).read_text(encoding="utf-8").partition("\n")[0]
    said = re.fullmatch(r"// Living Personas, Apache-2\.0\. Built from browser/\{(.*)\}, sum ([0-9a-f]{16})\.", first)
    assert said is not None
    files = [file for folder in said[1].split(",") for file in sorted((ROOT / "browser" / folder).iterdir())]
    assert said[2] == sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


@pytest.mark.slow
@needs_node
def test_a_hundred_thousand_decisions_are_equal(tmp_path: Path) -> None:
    under = write(tmp_path / "vectors.jsonl", count=100_000, seed=15, each=100)
    status, count, differences = verified(EVALUATOR, tmp_path / "vectors.jsonl")
    print(f"{count['equal']:,} of {count['decisions']:,} decisions under {under:,} snapshots are equal in Node")
    assert (status, differences) == (0, "")
    assert count["equal"] == 100_000


def _line(snapshot: Any) -> dict[str, Any]:
    return {"snapshot": json.loads(SNAPSHOT.dump_json(snapshot))}


def _written(folder: Path, lines: Iterable[Any]) -> Path:
    path = folder / "vectors.jsonl"
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return path
