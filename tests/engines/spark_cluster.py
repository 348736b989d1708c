"""Apache Spark with two executors in processes of their own, served on this machine from an environment of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from listening import free_port

LOCK = Path(__file__).parents[2] / "requirements-cluster.lock"
STARTS_WITHIN = 180.0
EXECUTOR = "CoarseGrainedExecutorBackend"


class SparkCluster:
    """Where the server of Spark Connect listens, and which processes are its executors."""

    def __init__(self, address: str, process: int) -> None:
        self.address = address
        self._process = process

    def executors(self) -> tuple[int, ...]:
        """The processes of the executors that live now, oldest first."""
        found = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
        return tuple(sorted(each for each in found if self._is_executor(each)))

    def kill_one(self) -> int:
        """Kill the oldest executor as a machine that fails would."""
        oldest = self.executors()[0]
        os.kill(oldest, signal.SIGKILL)
        return oldest

    def _is_executor(self, process: int) -> bool:
        try:
            words = Path(f"/proc/{process}/cmdline").read_text(encoding="utf-8")
            parent = int(Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
        except (OSError, UnicodeDecodeError):
            return False  # it ended meanwhile
        return EXECUTOR in words and parent == self._process


@contextmanager
def spark_cluster(folder: Path) -> Iterator[SparkCluster]:
    """Install Spark below a folder, and serve it with two executors of one core and a gigabyte each."""
    home = _installed(folder / "spark")
    port = free_port()
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            _command(home, port), cwd=folder, env=_variables(home, folder), stdout=log, stderr=subprocess.STDOUT
        )
    cluster = SparkCluster(f"sc://127.0.0.1:{port}", process.pid)
    try:
        _wait_for(port, process, folder / "server.log")
        yield cluster
    finally:
        left = cluster.executors()
        process.terminate()
        process.wait(60)
        for each in left:
            _end(each)


def _installed(folder: Path) -> Path:
    """The home of a Spark that is installed as ``requirements-cluster.lock`` says."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = str(folder / "bin" / "python")
    words = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", str(LOCK)]
    subprocess.run([python, *words], check=True)
    asked = [python, "-c", "import pyspark; print(pyspark.__path__[0])"]
    return Path(subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip())


def _command(home: Path, port: int) -> list[str]:
    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "4",
    }
    told = [word for name, setting in settings.items() for word in ("--conf", f"{name}={setting}")]
    service = ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal"]
    return [str(home / "bin" / "spark-submit"), "--master", "local-cluster[2,1,1024]", *told, *service]


def _variables(home: Path, folder: Path) -> Mapping[str, str]:
    own = {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_WORKER_DIR": str(folder / "work")}
    return {**os.environ, **own, "SPARK_LOCAL_DIRS": str(folder / "local")}


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise RuntimeError(f"Spark did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-4000:]}")


def _end(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return
