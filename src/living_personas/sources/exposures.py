"""What a row says was met: one option of one attribute, and the share it was drawn with."""

from __future__ import annotations

from living_personas.deciding.sampler import HOLDOUT_POLICY
from living_personas.domain.event import Exposure
from living_personas.domain.yes_no import yes_no
from living_personas.sources.rows import Row
from living_personas.sources.source_reading import SourceReading
from living_personas.sources.values import option_of, text_of

__all__ = ["exposures_of"]


def exposures_of(row: Row, reading: SourceReading) -> tuple[Exposure, ...]:
    """The exposure that a row carries; none if the source declares none, or if the option is blank."""
    said, shares = reading.source.exposure, reading.shares
    if said is None or shares is None:
        return ()
    option = option_of(row, said.option)
    if not option:
        return ()
    persona, epoch, stratum = (
        text_of(row, column, reason="bad properties") for column in (said.persona, said.epoch, said.stratum)
    )
    holdout = said.holdout is not None and yes_no(row.get(said.holdout)) is True
    policy, propensity = (HOLDOUT_POLICY, 1.0) if holdout else shares.of(row, option)
    exposure = Exposure(
        attribute=said.attribute,
        option=option,
        persona=persona,
        policy=policy,
        epoch=epoch,
        stratum=stratum,
        propensity=propensity,
        holdout=holdout,
    )
    return (exposure,)
