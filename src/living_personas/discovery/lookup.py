"""The customers as one sparse matrix of what to look up: a fit is two products with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from living_personas.discovery.columns import Column, Count, Rate
from living_personas.discovery.likelihood import BetaBinomial, Likelihood, LogNormal, NegativeBinomial, coarse
from living_personas.discovery.sheet import Sheet
from living_personas.domain.value import value
from living_personas.stats.arrays import Floats, Ints

__all__ = ["Lookup", "look_up"]


@value
class Lookup:
    """For each customer (rows) the places of its values (columns): ``places @ log_pmf`` is its log-likelihood.

    ``slots`` says which places belong to which likelihood; ``prior`` is one customer's worth of everybody's values.
    """

    places: sparse.csr_array
    likelihoods: tuple[Likelihood, ...]
    slots: tuple[slice, ...]
    prior: Floats

    def __len__(self) -> int:
        return int(self.places.shape[0])

    def take(self, rows: Ints) -> Lookup:
        """These customers only; the distinct values stay those of everybody."""
        return Lookup(places=self.places[rows], likelihoods=self.likelihoods, slots=self.slots, prior=self.prior)


def look_up(sheet: Sheet) -> Lookup:
    """Every column of a sheet with its likelihood and the places of its values."""
    blocks: list[sparse.csr_array] = []
    likelihoods: list[Likelihood] = []
    slots: list[slice] = []
    width = 0
    for column in sheet.columns:
        likelihood, found = _read(column, sheet)
        likelihoods.append(likelihood)
        blocks.extend(found)
        end = width + sum(int(block.shape[1]) for block in found)
        slots.append(slice(width, end))
        width = end
    places = sparse.csr_array(sparse.hstack(blocks, format="csr"))
    prior = np.asarray(places.sum(0), dtype=np.float64) / len(sheet)
    return Lookup(places=places, likelihoods=tuple(likelihoods), slots=tuple(slots), prior=prior)


def _read(column: Column, sheet: Sheet) -> tuple[Likelihood, Sequence[sparse.csr_array]]:
    numbers = sheet.numbers[column.name]
    if isinstance(column, Count):
        values, block = _places(coarse(numbers))
        return NegativeBinomial(values), [block]
    if isinstance(column, Rate):
        tried = np.where(sheet.numbers[column.of] > 0, sheet.numbers[column.of], np.nan)
        known = np.where(np.isnan(numbers), np.nan, tried)
        parts = [_places(coarse(part)) for part in (numbers + 0 * known, known - numbers, known)]
        return BetaBinomial(*(values for values, _ in parts)), [block for _, block in parts]
    logs = np.log(np.where(numbers > 0, numbers, np.nan))
    spread = float(np.nanstd(logs)) or 1.0
    values, block = _places(np.round(logs / (_GRAIN * spread)) * (_GRAIN * spread))
    return LogNormal(values, least_variance=(_NARROWEST * spread) ** 2), [block]


_GRAIN = 0.02
"""Logs of amounts are read to this share of their standard deviation."""

_NARROWEST = 0.05
"""No component is narrower than this share of everybody's spread: a price that many paid is not a segment."""


def _places(numbers: Floats) -> tuple[Floats, sparse.csr_array]:
    """The distinct values, and a matrix that has a 1 at each customer's own; nothing where it is not known."""
    known = np.flatnonzero(~np.isnan(numbers))
    values, index = np.unique(numbers[known], return_inverse=True)
    block = sparse.csr_array((np.ones(len(known)), (known, index)), shape=(len(numbers), len(values)))
    return values, block
