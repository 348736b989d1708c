"""What is odd about how units come to options, where it holds nothing up, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from living_personas.domain.command_text import subject_words
from living_personas.domain.names import named
from living_personas.loop.learning.learn import EvidenceState
from living_personas.reporting.labels import Labels
from living_personas.stats.quality import RATIO_WARNING

__all__ = ["share_notes"]


def share_notes(state: EvidenceState, labels: Labels) -> Iterator[str]:
    """Subjects whose shares look wrong, though not enough for an alarm, and strata that are left out."""
    sample, subjects = state.accounts.sample, state.panel.subjects
    names = list(map(labels.subject, subjects))
    for odd in np.flatnonzero((sample.log >= np.log(RATIO_WARNING)) & ~sample.is_alarming):
        yield (
            f"{names[odd]}: occasions hardly come to the options in the shares of the policy (by chance once in "
            f"{RATIO_WARNING:.0f}): look at what serves or records them, before it is an alarm."
        )
    for a, strata in sample.set_aside().items():
        which = ", ".join(named(stratum.strip("|")) for stratum in strata)
        yield (
            f"{names[a]}: occasions of {which} do not come to the options in the shares of the policy, and count no "
            f"more; the others do. Find the cause, then `personas acknowledge {subject_words(subjects[a])}`."
        )
