"""A world in a folder: a day's files at a time, whole or not at all, beside what is true of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from living_personas.domain.batch import EventBatch
from living_personas.domain.event import Json
from living_personas.errors import InvalidWorldError
from living_personas.simulate.feed_rows import event_rows, exposure_rows
from living_personas.simulate.spec import WorldSpec
from living_personas.simulate.truth import Truth
from living_personas.simulate.workspace_files import workspace_files
from living_personas.whole_file import whole_file

__all__ = ["EVENTS", "EXPOSURES", "MEMBERS", "TRUTH", "FileForm", "WorldFolder", "attributes_of"]

FileForm = Literal["parquet", "csv", "jsonl"]

EVENTS, EXPOSURES, TRUTH, MEMBERS = "events", "exposures", "truth.json", "members.csv"


class WorldFolder:
    """The files of a world: a workspace as its people wrote it, what it can ingest, and the truth beside it.

    Parameters
    ----------
    root
        The folder; one that holds another world is refused.
    spec, policy
        What the files are of: the same again goes on where it was left.
    form
        How rows are written.

    Raises
    ------
    InvalidWorldError
        If the folder holds anything else.
    """

    def __init__(self, root: Path, spec: WorldSpec, *, policy: str, form: FileForm) -> None:
        self.root = root
        self._form: FileForm = form
        self._about: dict[str, Json] = json.loads(
            json.dumps({"policy": policy, "form": form} | asdict(spec), default=str)
        )
        self._attributes = attributes_of(spec)
        self._refuse_others()
        for name, text in workspace_files(spec, fed_by_files=True).items():
            _write(root / name, text.encode())

    def holds(self, day: date) -> bool:
        """Whether a day is here, whole: its events are written last."""
        return self._path(EVENTS, day).exists()

    def put(self, batch: EventBatch, day: date) -> None:
        """Write a day's files: exposures first, then events, each under its name only when it is whole."""
        for attribute in self._attributes:
            rows = exposure_rows(batch, attribute)
            if rows.num_rows:
                self._put(f"{EXPOSURES}/{attribute}", day, rows)
        self._put(EVENTS, day, event_rows(batch))

    def put_truth(self, truth: Truth) -> None:
        """Write what was planted: ``truth.json``, and who belongs to a planted segment."""
        _write(self.root / TRUTH, json.dumps({**truth.summary(), "made_of": self._about}, indent=2).encode() + b"\n")
        rows = [f"{each.id},{customer}\n" for each in truth.segments for customer in each.members.to_pylist()]
        if rows:
            _write(self.root / MEMBERS, "".join(["segment,customer\n", *rows]).encode())

    def sources(self) -> Iterator[tuple[str, Path]]:
        """Every source of the workspace with the folder of its files, in the order to ingest them."""
        yield EVENTS, self.root / EVENTS
        yield from ((f"{EXPOSURES}-{name}", self.root / EXPOSURES / name) for name in self._attributes)

    def _path(self, kind: str, day: date) -> Path:
        return self.root / kind / f"{day.isoformat()}.{self._form}"

    def _put(self, kind: str, day: date, rows: pa.Table) -> None:
        _write(self._path(kind, day), _bytes(rows, self._form))

    def _refuse_others(self) -> None:
        """A folder is new, or holds the same world."""
        if not self.root.exists() or not any(self.root.iterdir()):
            return
        known = self.root / TRUTH
        if not known.exists() or json.loads(known.read_text(encoding="utf-8")).get("made_of") != self._about:
            raise InvalidWorldError(
                f"There is something else at {str(self.root)!r} already.",
                hint="name another folder, or give the options with which it was begun: then it goes on.",
            )


def attributes_of(spec: WorldSpec) -> tuple[str, ...]:
    """The attributes of all personas of a world."""
    return tuple(dict.fromkeys(each.attribute for persona in spec.personas for each in persona.preferences))


def _bytes(rows: pa.Table, form: FileForm) -> bytes:
    sink = pa.BufferOutputStream()
    if form == "parquet":
        pq.write_table(rows, sink, compression="zstd")
    elif form == "csv":
        arrow_csv.write_csv(_texts_of_times(rows), sink)
    else:
        lines = (json.dumps(row, ensure_ascii=False) for row in _texts_of_times(rows).to_pylist())
        return "".join(f"{line}\n" for line in lines).encode()
    return bytes(sink.getvalue())


def _texts_of_times(rows: pa.Table) -> pa.Table:
    """The rows with their times in ISO 8601, which every text file can hold."""
    texts = pa.array([moment.isoformat() for moment in rows["time"].to_pylist()], pa.string())
    return rows.set_column(rows.column_names.index("time"), "time", texts)


def _write(path: Path, data: bytes) -> None:
    with whole_file(path) as new:
        new.write_bytes(data)
