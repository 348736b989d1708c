"""``workspace.yaml``, read: the settings it means, and the names it gives to the personas."""

from __future__ import annotations

from collections.abc import Mapping

from living_personas.domain.breakdown import BREAKDOWNS_THERE, MOST_BREAKDOWNS
from living_personas.domain.customer_id import CUSTOMER
from living_personas.domain.settings import Campaign, Feature, Settings, Source, denominator_of
from living_personas.domain.value import value
from living_personas.rules.withheld import withheld
from living_personas.workspace.file_problems import Problems, UnreadableError
from living_personas.workspace.file_records import Values
from living_personas.workspace.guardrail_shape import resolve_guardrails
from living_personas.workspace.nodes import Node
from living_personas.workspace.persona_file import Vocabulary, check_rule, nearest_name
from living_personas.workspace.settings_shape import SETTINGS

__all__ = ["SettingsFile", "read_settings"]


@value
class SettingsFile:
    """What ``workspace.yaml`` says; ``traits`` are those it declares beside the ones of its sources."""

    settings: Settings
    vocabulary: Vocabulary
    traits: tuple[str, ...]


_AS_WRITTEN = (
    "name",
    "salt",
    "time_zone",
    "autonomy",
    "discovery",
    "error_budget",
    "holdout",
    "promise",
    "late",
    "means",
    "consent",
    "browser_identity",
    "contact",
    "nobody",
    "ignore",
    "earliest",
    "rates",
    "webhooks",
)
"""What settings hold as the file says it."""


def read_settings(node: Node, *, problems: Problems) -> SettingsFile:
    """The settings that a file means."""
    of = SETTINGS.read(node, problems)
    before = len(problems.found)
    guardrails = resolve_guardrails(of["guardrails"], metrics=of["metrics"], problems=problems)
    _check_written(of)
    if len(problems.found) > before:
        raise UnreadableError
    settings = Settings(
        half_life_days=of["half_life"],
        sources=tuple(of["sources"].values()),
        features=_features(of),
        traits=tuple(of["traits"]),
        protected=tuple(of["protected"]),
        breakdowns=tuple(of["breakdowns"]),
        metrics=tuple(of["metrics"].values()),
        guardrails=guardrails,
        campaigns=tuple(Campaign(name=name, starts=starts) for name, starts in of["campaigns"].items()),
        **of["retention"],
        **{name: of[name] for name in _AS_WRITTEN},
        spark=of["engine"],
    )
    vocabulary = _vocabulary(of, settings)
    _check_columns(of, settings, vocabulary)
    return SettingsFile(settings=settings, vocabulary=vocabulary, traits=of["traits"])


def _check_columns(of: Values, settings: Settings, vocabulary: Vocabulary) -> None:
    """What is said of features and traits is said of some that there are."""
    _check_protected(of, vocabulary)
    _check_breakdowns(of, settings, vocabulary)
    if of["ignore"]:
        check_rule(of["ignore"], vocabulary=vocabulary, where=of.place("ignore"), problems=of.problems, also=CUSTOMER)


def _features(of: Values) -> tuple[Feature, ...]:
    written: Mapping[str, Feature | str] = of["features"]
    return tuple(item if isinstance(item, Feature) else Feature(name=name, sql=item) for name, item in written.items())


def _vocabulary(of: Values, settings: Settings) -> Vocabulary:
    declared = bool(settings.features or settings.sources or of["traits"])
    denominators = {denominator_of(feature.name) for feature in settings.features if feature.of is not None}
    columns = {feature.name for feature in settings.features} | denominators | _source_traits(of) | set(of["traits"])
    return Vocabulary(
        goals=of["goals"],
        metrics=of["metrics"],
        columns=frozenset(columns) if declared else None,
        default_names=not settings.features,
    )


def _source_traits(of: Values) -> set[str]:
    sources: Mapping[str, Source] = of["sources"]
    return {trait for source in sources.values() for trait in source.traits}


def _check_protected(of: Values, vocabulary: Vocabulary) -> None:
    """A protected name that nothing is called by would protect nobody."""
    for name in of["protected"]:
        if not vocabulary.knows(name):
            of.problems.add(
                of.place("protected"),
                f"{name!r} is protected, and is neither a feature nor a trait.",
                hint=nearest_name(name, vocabulary),
            )


def _check_breakdowns(of: Values, settings: Settings, vocabulary: Vocabulary) -> None:
    """Effects are looked at by few columns, each known before the exposure, and by none that is protected."""
    names, where, note = settings.breakdowns, of.place("breakdowns"), of.problems.add
    hidden = withheld(settings, settings.features) if names else frozenset()
    if len(names) > MOST_BREAKDOWNS:
        many = f"{len(names)} columns are looked at, and at most {MOST_BREAKDOWNS} can be."
        note(where, many, hint="leave some out: the more parts, the more of them differ by chance.")
    for name in names:
        if name in BREAKDOWNS_THERE:
            note(where, f"Effects are looked at by {name} always.", hint=f"leave {name!r} out.")
        elif not vocabulary.knows(name):
            note(where, f"{name!r} is neither a feature nor a trait.", hint=nearest_name(name, vocabulary))
        elif name in hidden:
            protected = f"{name!r} is protected, or computed from what is: no effect is looked at by it."
            note(where, protected, hint="leave it out, or take it off `protected`.")


def _check_written(of: Values) -> None:
    """What no key alone can tell."""
    _check_names(of)
    _check_tables(of)


def _check_tables(of: Values) -> None:
    """A table is in the database that its source names, or else in that of the engine."""
    sources: Mapping[str, Source] = of["sources"]
    for source in sources.values():
        if source.table and not source.table.database and not of["engine"]:
            of.problems.add(
                source.table.where["table"],
                f"The source {source.name!r} does not say in which database its table is.",
                hint="write `database: warehouse.duckdb`, an address, or the variable that holds one.",
            )


def _check_names(of: Values) -> None:
    """A rule that uses a name must mean one thing by it."""
    for name in of["features"]:
        if name in of["traits"] or name in _source_traits(of):
            of.problems.add(
                of.place("features", name), f"{name!r} is a feature and a trait.", hint="give one of them another name."
            )
