"""A store whose files lie in object storage keeps the promises, whatever database it has."""

from __future__ import annotations

from pathlib import Path
from tempfile import mkdtemp

import pytest

from living_personas.domain.files_address import FilesAddress
from living_personas.ports import Store
from living_personas.stores.postgres.postgres_store import PostgresStore
from living_personas.stores.sqlite.store import SqliteStore
from living_personas.testing.commit import CommitSuite
from living_personas.testing.forgetting import ForgettingSuite
from living_personas.testing.lease import GONE
from living_personas.testing.partitions import PartitionsSuite
from living_personas.testing.samples import NOON
from living_personas.testing.store import StoreSuite
from local_postgres import PostgresServer
from local_s3 import S3Server


class TestFilesOnS3(PartitionsSuite, ForgettingSuite, CommitSuite):
    """What touches files, of all the promises, at every run."""

    @pytest.fixture(autouse=True)
    def _where(self, tmp_path: Path, s3: S3Server) -> None:
        self.root, self.files = tmp_path, FilesAddress.of(s3.uri())

    def make_store(self) -> Store:
        folder = Path(mkdtemp(dir=self.root))
        return SqliteStore(folder, clock=lambda: NOON, is_gone=GONE.__eq__, files=self.files)


@pytest.mark.long
class TestSqliteStoreOnS3(TestFilesOnS3, StoreSuite):
    """All of them."""


@pytest.mark.long
class TestSqliteStoreOnAFolder(TestSqliteStoreOnS3):
    @pytest.fixture(autouse=True)
    def _where(self, tmp_path: Path) -> None:
        self.root, self.files = tmp_path, FilesAddress.of(f"file://{tmp_path}/shared")


@pytest.mark.long
class TestPostgresStoreOnS3(StoreSuite):
    @pytest.fixture(autouse=True)
    def _where(self, tmp_path: Path, postgres: PostgresServer, s3: S3Server) -> None:
        self.root, self.server, self.files = tmp_path, postgres, FilesAddress.of(s3.uri())

    def make_store(self) -> Store:
        folder = Path(mkdtemp(dir=self.root))
        return PostgresStore(self.server.address(), folder, clock=lambda: NOON, is_gone=GONE.__eq__, files=self.files)
