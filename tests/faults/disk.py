"""Disks that can be cut from power, and small ones that fill up; they need root, and are skipped loudly without."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

FS_IOC_SHUTDOWN = 0x8004587D
"""``_IOR('X', 125, __u32)`` of the Linux kernel: the file system stops, as if the power had gone."""
NOLOGFLUSH = 2
"""Without writing out what the journal still holds."""


class PowerDisk:
    """An ext4 file system in a file, on a loop device."""

    def __init__(self, image: Path, mounted: Path) -> None:
        self._image = image
        self.mounted = mounted

    def mount(self) -> None:
        """Give it power."""
        subprocess.run(["mount", "-o", "loop", str(self._image), str(self.mounted)], check=True)

    def unmount(self) -> None:
        """Let go of it."""
        subprocess.run(["umount", str(self.mounted)], check=True)

    def cut(self) -> float:
        """Cut the power: what was not synced is gone; the moment before, in seconds of the monotonic clock."""
        directory = os.open(self.mounted, os.O_RDONLY)
        try:
            moment = time.monotonic()
            fcntl.ioctl(directory, FS_IOC_SHUTDOWN, struct.pack("I", NOLOGFLUSH))
        finally:
            os.close(directory)
        return moment


@contextmanager
def power_disk(folder: Path, *, megabytes: int = 128) -> Iterator[PowerDisk]:
    """A disk that can be cut from power."""
    _needs_root()
    image, mounted = folder / "disk.img", folder / "disk"
    mounted.mkdir()
    with image.open("wb") as file:
        file.truncate(megabytes << 20)
    subprocess.run(["mkfs.ext4", "-q", str(image)], check=True)
    disk = PowerDisk(image, mounted)
    try:
        disk.mount()
    except subprocess.CalledProcessError as error:
        pytest.skip(f"NOT RUN: this machine cannot mount a loop device ({error})")
    try:
        yield disk
    finally:
        disk.unmount()


@contextmanager
def small_disk(folder: Path, *, megabytes: int = 6) -> Iterator[Path]:
    """A disk of so many MiB, in memory."""
    _needs_root()
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], check=False)
    if done.returncode:
        pytest.skip("NOT RUN: this machine cannot mount a tmpfs")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _needs_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("NOT RUN: mounting a disk of one's own needs root")
