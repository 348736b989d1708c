"""Files that are written whole or not at all; what is no file is written to as it is."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest

from living_personas.engines.table_files import write_pieces
from living_personas.whole_file import whole_file


def put(path: Path, text: str) -> None:
    with whole_file(path) as new:
        new.write_text(text)


def test_a_write_that_ends_in_its_middle_leaves_what_was_there(tmp_path: Path) -> None:
    out = tmp_path / "list.csv"
    out.write_text("old\n")

    def pieces() -> Iterator[pa.Table]:
        yield pa.table({"customer": ["u1"]})
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_pieces(pieces(), out, reader="tools")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"list.csv": "old\n"}


def test_a_link_stays_one_and_leads_to_what_is_new(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    real, link = tmp_path / "shared" / "a.yaml", tmp_path / "a.yaml"
    real.write_text("old")
    link.symlink_to(real)
    put(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"


def test_a_new_file_is_for_whom_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write_pieces([pa.table({"customer": ["u1"]})], tmp_path / "mine.csv", reader="tools")
        os.umask(0o002)
        put(tmp_path / "of-the-team.yaml", "new")
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"mine.csv": 0o600, "of-the-team.yaml": 0o664}


def test_what_few_may_read_is_theirs_while_it_is_written_too(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("old")
    file.chmod(0o440)
    with whole_file(file) as new:
        assert stat.S_IMODE(new.stat().st_mode) & 0o007 == 0
        new.write_text("new")
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("new", 0o440)


def test_a_link_that_leads_to_itself_or_nowhere_is_no_error(tmp_path: Path) -> None:
    for name, to in {"round": "round", "on": "gone/deep"}.items():
        (tmp_path / name).symlink_to(tmp_path / to)
        put(tmp_path / name, "new")
        assert (tmp_path / name).read_text() == "new"
    assert (tmp_path / "on").is_symlink()


@pytest.mark.parametrize("name", ["x" * 255, "\u00e9" * 127, "\U0001f375" * 63])
def test_a_name_may_be_as_long_as_the_disk_has_them(tmp_path: Path, name: str) -> None:
    put(tmp_path / name, "new")
    assert (tmp_path / name).read_text() == "new"


def test_a_device_stays_one(tmp_path: Path) -> None:
    device = tmp_path / "null"
    try:
        os.mknod(device, stat.S_IFCHR | 0o666, os.makedev(1, 3))
    except (AttributeError, PermissionError):
        pytest.skip("this user may make no device")
    put(device, "goes nowhere")
    assert stat.S_ISCHR(device.stat().st_mode)


def test_whoever_reads_from_a_pipe_gets_it(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(pipe.read_text)
        write_pieces([pa.table({"customer": ["u1"]})], pipe, reader="tools")
        assert read.result(30) == '"customer"\n"u1"\n'
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_what_a_shell_has_opened_is_written_to(tmp_path: Path) -> None:
    script = "from pathlib import Path\nfrom living_personas.whole_file import whole_file\n"
    script += "with whole_file(Path('/dev/stdout')) as new:\n    new.write_text('hello')\n"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout == "hello"
