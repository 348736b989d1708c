"""Every promise of a store, as one suite."""

from __future__ import annotations

from living_personas.testing.changes import ChangesSuite
from living_personas.testing.commit import CommitSuite
from living_personas.testing.consents import ConsentsSuite
from living_personas.testing.facts import FactsSuite
from living_personas.testing.forgetting import ForgettingSuite
from living_personas.testing.inbox import InboxSuite
from living_personas.testing.lease import LeaseSuite
from living_personas.testing.partitions import PartitionsSuite
from living_personas.testing.quarantine import QuarantineSuite
from living_personas.testing.refinements import RefinementsSuite
from living_personas.testing.snapshots import SnapshotsSuite
from living_personas.testing.versions import VersionsSuite

__all__ = ["StoreSuite"]


class StoreSuite(
    InboxSuite,
    ConsentsSuite,
    QuarantineSuite,
    PartitionsSuite,
    VersionsSuite,
    RefinementsSuite,
    SnapshotsSuite,
    FactsSuite,
    ForgettingSuite,
    LeaseSuite,
    CommitSuite,
    ChangesSuite,
):
    """All suites at once, for a store that is made in one place."""
