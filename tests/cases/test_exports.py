"""Files as programs export them: under any name, nested, overlapping, sent again."""

from __future__ import annotations

import bz2
import json
import lzma
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.shop import NOW, Made, customers, fates, file, opened
from cli.shop import Typed
from gzipped import gzipped_bytes
from laws import law
from living_personas.domain.raw import bare
from living_personas.domain.settings import Source, SourceTime
from living_personas.errors import IngestError
from living_personas.loop.recording.ingest import ingest
from living_personas.sources.frames import open_rows
from living_personas.testing.expect import refuses
from loop.shops import PERSONA as MADE
from loop.shops import SETTINGS as SAID
from loop.shops import context_of


def test_an_export_of_the_same_name_brings_new_rows_and_only_those(made: Made) -> None:
    root = made()
    head, rows = "id,at,ev,price", [f"c{n},2026-11-0{n} 10:00:00,Paid,5" for n in range(1, 6)]
    with opened(root) as workspace:
        nights = [rows[:2], rows[2:], rows, rows[::-1], [*rows, rows[0]]]
        found = [
            fates(workspace.ingest(file(root / f"n{n}", "export.csv", head, *each), source="shop"))
            for n, each in enumerate(nights)
        ]
    assert found == [(2, 0, 0), (3, 0, 0), (0, 5, 0), (0, 5, 0), (1, 5, 0)]


ITEMS: list[dict[str, Any]] = [
    {"ev": "Paid", "who": {"id": f"u{n}", "at": 1793527200 + n, "price": n}} for n in range(3)
]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(map(json.dumps, ITEMS)),
        ",\n".join(map(json.dumps, ITEMS)),
        json.dumps(ITEMS),
        json.dumps(ITEMS, indent=2),
        "\n".join(json.dumps(each, indent=2) for each in ITEMS),
        "".join(map(json.dumps, ITEMS)),
        json.dumps({"object": "list", "has_more": False, "data": ITEMS}),
        json.dumps({"events": ITEMS, "next_page_url": None, "meta": {"n": [{"a": 1}]}}, indent=2),
        "\n".join(json.dumps({"data": [each], "links": {"next": "n"}}) for each in ITEMS),
        json.dumps({"took": 3, "_shards": {"n": 1}, "hits": {"total": {"value": 3}, "max_score": 1, "hits": ITEMS}}),
        json.dumps({"responseHeader": {"status": 0}, "response": {"numFound": 3, "docs": ITEMS}}, indent=1),
        "".join(json.dumps([each]) for each in ITEMS),
        "".join(f"\x1e{json.dumps(each)}\n" for each in ITEMS),
        "".join(f"\x1e{json.dumps(each, indent=1)}\n" for each in ITEMS),
    ],
)
@pytest.mark.parametrize("name", ["e.json", "e.jsonl", "e.txt", "e"])
def test_json_is_json_by_any_name_and_as_deep_as_it_is(made: Made, name: str, text: str) -> None:
    root = made()
    settings_ = (
        (root / "workspace.yaml")
        .read_text()
        .replace("  test:", "  deep: {customer: who.id, time: who.at, event: ev, properties: ['who.*']}\n  test:")
    )
    (root / "workspace.yaml").write_text(settings_)
    (root / name).write_text(text)
    with opened(root) as workspace:
        assert fates(workspace.ingest(root / name, source="deep")) == (3, 0, 0)
        workspace._context.store.inbox.seal()
        found = workspace._context.store.partitions.read("events", NOW.date().replace(day=1), NOW.date())
        said = [json.loads(row) for path in found for row in pq.read_table(path)["properties"].to_pylist()]
    assert sorted(each["price"] for each in said) == [0, 1, 2]
    assert all(set(each) == {"price"} for each in said)


@pytest.mark.parametrize(
    "lines",
    [
        ('id;at;ev;price;"a, b, c, d, e"', "u;2026-11-01 10:00;Paid;1;x"),
        ("id|at|ev|price", "u|2026-11-01 10:00|Paid|1"),
        (" id ,at\u00a0, ev,price ", "u,2026-11-01 10:00,Paid,1"),
        ("id\tat\tev\tprice", "u\t2026-11-01 10:00\tPaid\t1,00"),
        ("sep=;", "id;at;ev;price", "u;2026-11-01 10:00;Paid;1"),
        ("", "", "id,at,ev,price", "u,2026-11-01 10:00,Paid,1"),
        ("Orders of November", "", "id,at,ev,price", "u,2026-11-01 10:00,Paid,1"),
        ("# exported,,,", ",,,", "id,at,ev,price", "u,2026-11-01 10:00,Paid,1"),
        ("id;at;ev;price;a, b, c, d, e, f", "u;2026-11-01 10:00;Paid;1;x"),
        ("id,at,ev,price,", "u,2026-11-01 10:00,Paid,1"),
        (" id  at ev  price", " u 2026-11-01  Paid    1 "),
        ("id^at^ev^price", "u^2026-11-01 10:00^Paid^1"),
    ],
)
def test_a_header_is_read_as_it_was_meant(made: Made, lines: tuple[str, ...]) -> None:
    root = made()
    with opened(root) as workspace:
        assert fates(workspace.ingest(file(root, "o.csv", *lines), source="shop")) == (1, 0, 0)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-32", "utf-8-sig"])
def test_wide_letters_are_read(made: Made, encoding: str) -> None:
    root = made()
    (root / "o.csv").write_bytes("id,at,ev,price\nJörg,2026-11-01 10:00,Paid,1\n".encode(encoding))
    with opened(root) as workspace:
        assert fates(workspace.ingest(root / "o.csv", source="shop")) == (1, 0, 0)


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("windows-1252", "Jörg €"),
        ("latin-1", "Jörg"),
        ("iso-8859-15", "Jörg €"),
        ("cp1250", "Łukasz"),
        ("shift-jis", "田中"),
        ("gb18030", "王伟"),
        ("cp037", "Jörg"),
        ("mac-roman", "Jörg"),
        ("utf-16-le", "Łukasz"),
    ],
)
@pytest.mark.parametrize("packed", [bytes, gzipped_bytes], ids=["plain", "gzip"])
def test_a_source_says_in_which_encoding_its_files_are_written(
    made: Made, encoding: str, said: str, packed: Callable[[bytes], bytes]
) -> None:
    root = made(source=f", encoding: {encoding}")
    text = f"id,at,ev,price\n{said},2026-11-01 10:00,Paid,1\n"
    (root / "o.csv").write_bytes(packed(text.encode(encoding)))
    (root / "u.csv").write_text("\ufeff" + text, encoding="utf-8")  # its byte-order mark knows better
    with opened(root) as workspace:
        assert fates(workspace.ingest(root / "o.csv", source="shop")) == (1, 0, 0)
        assert fates(workspace.ingest(root / "u.csv", source="shop")) == (0, 1, 0)
        assert customers(workspace) == [said]


def test_json_lines_are_read_in_the_encoding_of_their_source(made: Made) -> None:
    root = made(source=", encoding: windows-1252")
    text = '{"id": "Jörg", "at": "2026-11-01 10:00", "ev": "Paid", "price": 1}'
    (root / "o.jsonl").write_bytes(text.encode("cp1252"))
    (root / "o.json").write_bytes(f"[{text}]".encode("cp1252"))
    with opened(root) as workspace:
        assert fates(workspace.ingest(root / "o.jsonl", source="shop")) == (1, 0, 0)
        assert fates(workspace.ingest(root / "o.json", source="shop")) == (0, 1, 0)


def test_bytes_that_an_encoding_has_no_letter_for_are_no_id(made: Made) -> None:
    root = made(source=", encoding: windows-1252")
    (root / "o.csv").write_bytes(b"id,at,ev,price\nJ\x81rg,2026-11-01 10:00,Paid,1\nJ\xf6rg,2026-11-01 10:00,Paid,1\n")
    with opened(root) as workspace:
        assert fates(workspace.ingest(root / "o.csv", source="shop")) == (1, 0, 1)
        assert customers(workspace) == ["Jörg"]


def test_a_folder_is_called_one(made: Made) -> None:
    root = made()
    with opened(root) as workspace, refuses(IngestError, "is a folder", "*.csv"):
        workspace.ingest(root / "personas", source="shop")


def test_rows_that_are_no_text_are_read_once_their_encoding_is_said(made: Made) -> None:
    root = made()
    (root / "o.csv").write_bytes("id,at,ev,price\nJörg,2026-11-01 10:00,Paid,1\nu,2026-11-01,Paid,1\n".encode("cp1252"))
    with opened(root) as workspace:
        assert fates(workspace.ingest(root / "o.csv", source="shop")) == (1, 0, 1)
    path = root / "workspace.yaml"
    path.write_text(path.read_text().replace("properties: [price]", "properties: [price], encoding: cp1252"))
    with opened(root) as workspace:
        assert fates(workspace.ingest(root / "o.csv", source="shop")) == (1, 1, 0)


def test_rows_that_all_end_with_a_delimiter_are_as_wide_as_the_header(made: Made) -> None:
    root = made()
    rows = [f"u{n},2026-11-01 10:00,Paid,1," for n in range(3)]
    with opened(root) as workspace:
        assert fates(workspace.ingest(file(root, "o.csv", "id,at,ev,price", *rows), source="shop")) == (3, 0, 0)
        odd = ["u8,2026-11-01 10:00,Paid,1", "u9,2026-11-01, 10:00,Paid,"]
        assert fates(workspace.ingest(file(root, "p.csv", "id,at,ev,price", *odd), source="shop")) == (1, 0, 1)


def test_a_load_says_how_many_rows_it_was_where_events_are_another_number(made: Made, typed: Typed) -> None:
    root = made(source=", where: price > 1")
    file(root, "o.csv", "id,at,ev,price", "u,2026-11-01 10:00,Paid,1", "u,2026-11-02 10:00,Paid,2")
    file(root, "all.csv", "id,at,ev,price", "v,2026-11-02 10:00,Paid,2")
    words = ["ingest", str(root / "o.csv"), str(root / "all.csv"), "--source", "shop", "--workspace", str(root)]
    assert typed(*words).out.splitlines() == [
        "o.csv: 1 received = 1 stored + 0 duplicate + 0 quarantined (of 2 rows)",
        "all.csv: 1 received = 1 stored + 0 duplicate + 0 quarantined",
        "all files: 2 received = 2 stored + 0 duplicate + 0 quarantined (of 3 rows)",
    ]


@pytest.mark.parametrize(
    ("above", "columns"),
    [
        ("# ------\n# Free form 1\n# 20261101-20261128\n#\n# Segment: All users\n", ("Event name", "Event count")),
        ("# a, b, c\n" * 9 + "\n", ("Event name", "Event count")),
        ("#-- unloaded\n\n", ("Event name", "Event count")),
        ("# made by hand\n#id,at\n", ("#id", "at")),
        ("# id,at\n", ("# id", "at")),
        ("#\tid\n", ("#", "id")),
    ],
)
def test_comments_stand_above_a_header(above: str, columns: tuple[str, ...], tmp_path: Path) -> None:
    header = "" if columns[0].startswith("#") else "Event name,Event count\n"
    row = "a\tb\n" if "\t" in above else "a,1\n"
    (tmp_path / "l.csv").write_text(above + header + row)
    rows = open_rows(tmp_path / "l.csv")
    assert rows.columns == columns
    assert [len(some) for _, some in rows] == [1]


def test_a_single_column_keeps_its_header_however_its_values_look(tmp_path: Path) -> None:
    texts = ["customer\na\nSmith, J\nb\n", "#customer\n#1001\n", "customer\na\n", "a;b\n1;2\n3;4;5\n", "a\n"]
    for text in texts:
        (tmp_path / "l.csv").write_text(text)
        assert open_rows(tmp_path / "l.csv").columns == tuple(text.split("\n")[0].split(";"))


@pytest.mark.parametrize(
    ("name", "text", "hint"),
    [
        ("o.csv", "größe,id\n1,u\n".encode("cp1252"), "name the `encoding`"),
        ("o.csv", b"id,at\ru,1\r", "line ends of Unix"),
        ("o.csv.bz2", bz2.compress(b"id,at,ev,price\n"), "unpack it"),
        ("o.csv.xz", lzma.compress(b"id,at,ev,price\n"), "unpack it"),
        ("o.7z", b"7z\xbc\xaf\x27\x1c", "unpack it"),
        ("o.csv", b"ID,at,ev,price\nu,2026-11-01,Paid,1\n", "did you mean 'ID'"),
        ("o.json", b'{\n "users": {\n  "u": {"at": "2026-11-01"}\n }\n}\n', "jq -c"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(made: Made, name: str, text: bytes, hint: str) -> None:
    root = made()
    (root / name).write_bytes(text)
    with opened(root) as workspace, pytest.raises(IngestError) as caught:
        workspace.ingest(root / name, source="shop")
    assert hint in caught.value.hint


_ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "null", "A@b.c", "2.0", ""]),
        st.sampled_from(["2026-11-01 10:00", "2026-11-01", "2099-01-01", "x", ""]),
        st.sampled_from(["Paid", "page", ""]),
        st.sampled_from(["1", "1.029", "2,50", "x", ""]),
    ).map(",".join),
    max_size=12,
)


@law(25)
@given(_ROWS, _ROWS, st.randoms(use_true_random=False))
def test_every_row_has_one_fate_however_files_overlap(rows: list[str], more: list[str], random: Any) -> None:
    source = Source(name="shop", customer="id", time=SourceTime(column="at"), event="ev", properties=("price",))
    goal = replace(MADE.goal, event="Paid", value="price", at_most=500.0)
    context = context_of(replace(MADE, goal=goal), settings=replace(SAID, sources=(source,)))
    stored = 0
    with tempfile.TemporaryDirectory() as folder:
        shuffled = [*rows, *more]
        random.shuffle(shuffled)
        for name, lines in (
            ("a.csv", rows),
            ("a.csv", rows),
            ("b.csv", shuffled),
            ("a.csv", more),
            ("c.csv", [*more, *rows]),
        ):
            written = [line.replace("2,50", '"2,50"') for line in lines]
            receipt = ingest(context, file(Path(folder), name, "id,at,ev,price", *written), received=NOW)
            assert receipt.balanced
            assert receipt.received == len([line for line in lines if line.strip(",")]) or receipt.received == len(
                lines
            )
            stored += receipt.stored
    assert stored == context.store.inbox.recorded()
    held = context.store.quarantine.counts()
    assert stored + sum(held.values()) == Counter(shuffled).total()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"data": [{"id": "u1"}, {"id": "u2"}', 2),
        ('[{"id": "u1"}, {"id": "u2"},', 2),
        ('{"data": [{"id": "u1"}]}\n{"id": "u2"}\n', 1),
        ('{"data": [{"id": "u1"}]}\n{"data" [{"id": "u2"}]}\n', 1),
        ('{"id": "u1"}{"id": "u2"}{"id": u3}', 2),
    ],
)
def test_what_is_cut_off_or_no_page_is_told_and_its_neighbours_are_read(text: str, found: int, tmp_path: Path) -> None:
    """A file may end in its middle: what came until there is read, and one row says that the rest is missing."""
    (tmp_path / "rows.json").write_text(text)
    rows = [row for _, some in open_rows(tmp_path / "rows.json") for row in some]
    assert ([isinstance(row, dict) for row in rows].count(True), len(rows)) == (found, found + 1)


@pytest.mark.parametrize("most", [1, 5_000])
def test_the_rows_of_pages_are_read_in_pieces(most: int, tmp_path: Path) -> None:
    items = [{"id": f"u{n}", "said": "x" * 900} for n in range(most)]
    (tmp_path / "pages.json").write_text(json.dumps({"total": most, "results": items, "paging": {"next": None}}))
    assert [row for _, some in open_rows(tmp_path / "pages.json", chunk=7) for row in some] == items


@pytest.mark.parametrize(
    ("row", "explode"),
    [
        ({"data": [{"sku": "a"}], "next": None}, "data"),
        ({"id": "u1", "items": [{"sku": "a"}]}, None),
        ({"items": [{"sku": "a"}], "refunds": [{"sku": "a"}]}, None),
        ({"total": 3, "tags": ["a", "b"]}, None),
    ],
)
def test_an_object_with_more_than_rows_is_a_row(row: dict[str, Any], explode: str | None, tmp_path: Path) -> None:
    (tmp_path / "rows.json").write_text(json.dumps(row))
    assert [found for _, some in open_rows(tmp_path / "rows.json", explode=explode) for found in some] == [row]
    (tmp_path / "rows.json").write_text("\n".join([json.dumps(row)] * 2))
    assert [found for _, some in open_rows(tmp_path / "rows.json", explode=explode) for found in some] == [row] * 2


@pytest.mark.parametrize(
    "text",
    [
        '"id" , "at" , "ev" , "price"\n"u1" , "2026-11-03 10:00" , "Paid, twice" , "3"\n',
        '"id", "at", "ev", "price"\n"u1", "2026-11-03 10:00", "Paid, twice", 3\n',
        ' "id" ;"at";"ev";"price" \r\n u1 ;2026-11-03 10:00;"Paid, twice" ;"3" \r\n',
    ],
)
def test_blanks_between_quotes_and_delimiters_are_none_of_a_field(made: Made, text: str) -> None:
    root = made()
    (root / "o.csv").write_text(text)
    with opened(root) as workspace:
        assert fates(workspace.ingest(root / "o.csv", source="shop")) == (1, 0, 0)
        assert customers(workspace) == ["u1"]
    rows = [row for _, some in open_rows(root / "o.csv") for row in some]
    assert [(row["ev"], bare(str(row["price"]))) for row in rows if isinstance(row, dict)] == [("Paid, twice", "3")]
