"""The free group: found where there is one, the same whatever the personas are called, never a persona's own home."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from discovery.made import rng, sheet
from laws import law
from living_personas.discovery.anchored import Anchored, anchored_groups, moments, relabelled, settle, softened
from living_personas.discovery.columns import Count
from living_personas.discovery.segment_gate import jaccard
from living_personas.discovery.version import ALIKE, MEMBER, NONE, Version, gather, versions
from living_personas.stats.arrays import Bools, Floats, Ints

CENTRES = np.array([[0.0, 0, 0, 0, 0, 0], [3.0, 3, 0, 0, 0, 0], [0.0, 0, 3, 3, 0, 0], [0.0, 0, 0, 0, 4, 4]])
FREE = 3


def crowd(seed: int, *, n: int = 3000, hidden: float = 0.06) -> tuple[Floats, Ints, Bools]:
    """Scores, who is filed under which of three personas (a tenth wrongly), and who is hidden among the first."""
    draw = rng(seed)
    group = draw.choice(4, n, p=[*([(1 - hidden) / 3] * 3), hidden])
    scores = CENTRES[group] + draw.normal(size=(n, 6))
    filed = np.where(draw.random(n) < 0.1, draw.integers(0, 3, n), group % FREE)
    return scores, filed, np.asarray(group == FREE, dtype=np.bool_)


def halves(n: int, seed: int) -> tuple[Ints, Ints]:
    """Two random halves."""
    order = rng(seed).permutation(n)
    return np.sort(order[: n // 2]), np.sort(order[n // 2 :])


@given(st.integers(0, 1000))
@law(4)
def test_a_hidden_group_is_found_in_both_halves(seed: int) -> None:
    scores, filed, hidden = crowd(seed)
    for half in halves(len(scores), seed):
        found = anchored_groups(scores[half], moments(scores[half]), filed[half], n_personas=3, rng=rng(seed))
        assert max(jaccard(each.free(moments(scores)), hidden) for each in found) > 0.8


def in_another(seed: int) -> tuple[Bools, Floats, Anchored, Anchored]:
    """A group in the tail of another, the moments of all, and where hard rounds end from it, then soft ones."""
    draw = rng(seed)
    group = draw.choice(4, 6000, p=[0.32, 0.31, 0.31, 0.06])
    scores = np.vstack([CENTRES[:FREE], [1.4, 0, 0, 0, 1.4, 1.4]])[group] + draw.normal(size=(6000, 6))
    hidden, known = np.asarray(group == FREE, dtype=np.bool_), moments(scores)
    [core] = settle(known, group % FREE, hidden[None], n_personas=3)
    [whole] = softened([core], known)
    return hidden, known, core, whole


@given(st.integers(0, 1000))
@settings(max_examples=4, deadline=None)
def test_rounds_in_which_everybody_is_of_one_group_end_at_a_core_that_soft_ones_widen(seed: int) -> None:
    _, known, core, whole = in_another(seed)
    assert core.free(known).mean() < whole.posterior(known)[:, FREE].mean() < 0.07


def test_a_group_that_lies_in_another_keeps_its_edge() -> None:
    worlds = [in_another(seed) for seed in range(6)]
    core = [jaccard(core.free(known), hidden) for hidden, known, core, _ in worlds]
    members = [jaccard(whole.posterior(known)[:, FREE] >= MEMBER, hidden) for hidden, known, _, whole in worlds]
    assert np.mean(core) + 0.03 < np.mean(members)


def test_a_group_that_runs_off_to_most_customers_is_not_followed() -> None:
    scores, _, _ = crowd(2, n=800)
    known = moments(scores)
    everybody = Anchored(log_shares=np.log([0.5, 0.5]), means=np.zeros((2, 6)), roots=np.stack([np.eye(6)] * 2))
    assert softened([everybody], known) == softened([], known) == ()


@given(st.integers(0, 1000))
@settings(max_examples=8, deadline=None)
def test_groups_that_are_softened_together_end_as_each_alone(seed: int) -> None:
    scores, filed, hidden = crowd(seed, n=800)
    known = moments(scores)
    models = settle(known, filed, np.stack([hidden, np.arange(800) % 20 == seed % 20]), n_personas=3)
    alone = [model for each in models for model in softened([each], known)]
    for one, other in zip(softened(models, known), alone, strict=True):
        np.testing.assert_allclose(one.posterior(known), other.posterior(known), atol=1e-9)


@given(st.integers(0, 1000))
@settings(max_examples=8, deadline=None)
def test_posteriors_are_probabilities(seed: int) -> None:
    scores, filed, hidden = crowd(seed, n=800)
    [model] = settle(moments(scores), filed, hidden[None], n_personas=3)
    posterior = model.posterior(moments(scores))
    assert posterior.min() >= 0
    np.testing.assert_allclose(posterior.sum(1), 1)
    np.testing.assert_array_equal(model.free(moments(scores)), posterior.argmax(1) == FREE)


@given(st.integers(0, 1000))
@settings(max_examples=8, deadline=None)
def test_densities_are_those_of_normal_distributions(seed: int) -> None:
    draw = rng(seed)
    roots = np.linalg.cholesky(np.stack([np.cov(draw.normal(size=(5, 40))) for _ in range(2)]))
    means, shares = draw.normal(size=(2, 5)), np.array([0.3, 0.7])
    model = Anchored(log_shares=np.log(shares), means=means, roots=np.swapaxes(np.linalg.inv(roots), -1, -2))
    scores = draw.normal(size=(50, 5))
    dense = [multivariate_normal(mean, root @ root.T).pdf(scores) for mean, root in zip(means, roots, strict=True)]
    expected = np.stack(dense, axis=1) * shares
    np.testing.assert_allclose(model.posterior(moments(scores)), expected / expected.sum(1, keepdims=True), atol=1e-9)


@given(st.integers(0, 1000), st.permutations([0, 1, 2]))
@settings(max_examples=10, deadline=None)
def test_other_names_of_the_personas_permute_the_answer(seed: int, names: list[int]) -> None:
    scores, filed, hidden = crowd(seed, n=800)
    renamed = np.array(names)[filed]
    [one] = settle(moments(scores), filed, hidden[None], n_personas=3)
    [other] = settle(moments(scores), renamed, hidden[None], n_personas=3)
    np.testing.assert_allclose(
        one.posterior(moments(scores)), other.posterior(moments(scores))[:, [*names, FREE]], atol=1e-9
    )
    before, after = (relabelled(scores, labels, n_personas=3) for labels in (filed, renamed))
    np.testing.assert_array_equal(np.array(names)[before], after)


@given(st.integers(0, 1000))
@settings(max_examples=8, deadline=None)
def test_other_units_change_nobodys_relabelling_where_nothing_is_shrunk_unevenly(seed: int) -> None:
    scores, filed, _ = crowd(seed, n=800)
    np.testing.assert_array_equal(
        relabelled(scores, filed, n_personas=3), relabelled(scores * 7 - 3, filed, n_personas=3)
    )


@given(st.integers(0, 1000))
@settings(max_examples=8, deadline=None)
def test_relabelling_mends_what_was_filed_wrongly(seed: int) -> None:
    scores, filed, _ = crowd(seed, hidden=0.0)
    true = ((scores[:, None] - CENTRES[:3]) ** 2).sum(-1).argmin(1)
    assert (relabelled(scores, filed, n_personas=3) == true).mean() > (filed == true).mean()


def test_a_group_of_nobody_or_of_half_the_customers_is_not_followed() -> None:
    scores, filed, _ = crowd(1, n=800)
    nobody, half = np.zeros(800, dtype=np.bool_), np.arange(800) < 400
    assert settle(moments(scores), filed, np.stack([nobody, half]), n_personas=3) == ()


@given(st.integers(0, 1000))
@settings(max_examples=8, deadline=None)
def test_seeds_that_settle_together_settle_as_each_alone(seed: int) -> None:
    scores, filed, hidden = crowd(seed, n=800)
    known = moments(scores)
    free = np.stack([hidden, np.arange(800) < 8, np.arange(800) % 20 == seed % 20])
    alone = [model for each in free for model in settle(known, filed, each[None], n_personas=3)]
    for one, other in zip(settle(known, filed, free, n_personas=3), alone, strict=True):
        np.testing.assert_allclose(one.posterior(known), other.posterior(known), atol=1e-9)


def test_a_group_that_holds_most_of_a_persona_is_its_home_and_no_candidate() -> None:
    draw = rng(5)
    n = 4000
    group = draw.choice(3, n, p=[0.5, 0.4, 0.1])
    counts = draw.poisson(np.array([[2, 2, 20], [20, 2, 2], [2, 40, 40]])[group])
    numbers = {name: counts[:, place].astype(float) for place, name in enumerate("abc")}
    columns = [Count("a"), Count("b"), Count("c")]
    one, other = halves(n, 5)
    hidden, known = (
        sheet(numbers, columns, personas=[f"p{g}" for g in filed]) for filed in (np.where(group == 2, 0, group), group)
    )
    found, own = (versions(gather(each, rng=rng(5)), one=one, other=other, rng=rng(5)) for each in (hidden, known))
    assert any(jaccard(c.members, group == 2) > 0.8 for v in found[0] for c in v.candidates())
    alike = [c for v in own[0] for c in v.candidates() if jaccard(c.members, group == 2) > 0.5]
    assert all(c.kind == 2 for c in alike)  # a version that cuts it in two cannot say which half the persona is


def sizes(n: int, *numbers: int) -> Ints:
    """Groups of these sizes, numbered, the last one filled up to ``n``."""
    return np.repeat(np.arange(len(numbers) + 1), [*numbers, n - sum(numbers)])


def version_of(own: Ints, filed: Ints, *, groups: int) -> Version:
    """A version that is sure of who is in which group."""
    everybody = np.arange(len(own))
    return Version.of(np.eye(groups)[own], filed, fitted=everybody, held=everybody)


@given(st.integers(50, 150), st.integers(0, 6))
def test_a_small_persona_is_at_home_though_most_that_is_filed_there_is_filed_wrongly(small: int, wrong: int) -> None:
    """Of 1,000 customers, ``small`` are of the third persona, in the free group; others are filed there, too."""
    true = sizes(1000, 500, 500 - small)
    filed = true.copy()
    filed[: small * wrong // 10] = 2
    filed[-small * 3 // 10 :] = 0
    own = np.where(true == 2, 3, true)
    assert version_of(own, filed, groups=4).candidates() == ()


@given(st.integers(20, 480))
def test_the_smaller_part_of_a_persona_is_a_candidate_and_both_where_neither_agrees_much_better(inside: int) -> None:
    """The first persona has 500 customers, ``inside`` of them in the free group."""
    filed = sizes(1000, 500)
    own = np.where(np.arange(1000) < inside, 2, filed)
    found = version_of(own, filed, groups=3).candidates()
    smaller, larger = sorted((inside, 500 - inside))
    two_kinds = 2 * smaller / (500 + smaller) >= ALIKE * 2 * larger / (500 + larger)
    assert sorted(each.members.sum() for each in found) == ([smaller, larger] if two_kinds else [smaller])
    assert {each.kind for each in found} == {0 if two_kinds else NONE}


def test_members_are_told_by_a_third_of_the_posterior_and_the_core_by_the_most() -> None:
    """Of four customers of the free group one is sure, one likely, one may be, and one is hardly."""
    filed = sizes(1000, 500)
    free = np.zeros(1000)
    free[:4] = 0.9, 0.6, 0.4, 0.2
    posterior = np.stack([(1 - free) * (filed == 0), (1 - free) * (filed == 1), free], axis=1)
    everybody = np.arange(1000)
    (found,) = Version.of(posterior, filed, fitted=everybody, held=everybody).candidates()
    assert (np.flatnonzero(found.core).tolist(), np.flatnonzero(found.members).tolist()) == ([0, 1], [0, 1, 2])
