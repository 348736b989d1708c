"""The report as JSON for machines: keys that stay, numbers as numbers, an effect never without its interval."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from math import isfinite
from typing import TypeAlias

from living_personas.domain.aside import Aside
from living_personas.domain.belief import EffectDays, Interval
from living_personas.domain.event import Json
from living_personas.domain.head_count import head_count
from living_personas.domain.refinement import Refinement
from living_personas.domain.report import (
    AttributeReport,
    Gain,
    LogEntry,
    OptionReport,
    PartsReport,
    PersonaReport,
    Report,
    TraitReport,
)
from living_personas.domain.split import Split
from living_personas.reporting.crowd import enough
from living_personas.reporting.parts_words import exploratory_words, left_out_words
from living_personas.reporting.who_words import who_words
from living_personas.reporting.words import known_words

__all__ = ["day_text", "interval_ends", "report_json", "report_text"]

_Object: TypeAlias = dict[str, Json]


def report_text(report: Report) -> str:
    """``report_json`` as text, with a line end."""
    return json.dumps(report_json(report), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def report_json(report: Report) -> _Object:
    """The report in plain objects.

    Effects, intervals and rates are outcomes per unit (0.0577 is 5.77 points of a rate), or in the unit of a value;
    gains are those of 100 customers in 30 days.
    Whatever is not yet known is null.
    """
    gains = {gain.persona: gain for gain in report.gains}
    return {
        "workspace": report.workspace,
        "as_of": day_text(report.as_of),
        "first_day": day_text(report.first_day),
        "error_budget": report.error_budget,
        "promise": report.promise,
        "personas": [_persona(persona, report.log, gains) for persona in report.personas],
        "log": [{"persona": entry.persona, **_entry(entry)} for entry in report.log],
        "reviews": [_refinement(each) | _set_aside(report.asides.get(each.id)) for each in report.reviews],
        "health": {
            "events_waiting": report.health.events_waiting,
            "quarantined": [
                {"source": source, "reason": reason, "rows": rows} for source, reason, rows in report.health.quarantined
            ],
            "unmatched_units": report.health.unmatched_units,
            "observational_units": report.health.observational_units,
            "alarms": list(report.health.alarms),
            "uncounted": [asdict(each) for each in report.health.uncounted],
            "shares": list(report.health.shares),
            "kept_from": day_text(report.health.kept_from),
            "again_from": day_text(report.health.again_from),
            "compared_from": day_text(report.health.compared_from),
            "counted_from": {name: day_text(day) for name, day in report.health.counted_from.items()},
            "capped": [{**asdict(each), "fixed_on": day_text(each.fixed_on)} for each in report.health.capped],
        },
    }


def _persona(persona: PersonaReport, log: tuple[LogEntry, ...], gains: Mapping[str, Gain]) -> _Object:
    gain = gains.get(persona.persona)
    return {
        "persona": persona.persona,
        "name": persona.name,
        "who": persona.who,
        "who_in_words": who_words(persona)[0],
        "short_f1": _finite(persona.short_f1) if persona.short_f1 is not None else None,
        "version": persona.version,
        "discovered": persona.origin == "discovered",
        "origin": persona.origin,
        "members": persona.members,
        "units": persona.units,
        "attributes": [_attribute(attribute) for attribute in persona.attributes],
        "traits": [_trait(trait) for trait in persona.traits],
        "breakdowns": [_parts(each) for each in persona.breakdowns],
        "gain": _gain(gain) if gain else None,
        "log": [_entry(entry) for entry in log if entry.persona == persona.persona],
    }


def _attribute(attribute: AttributeReport) -> _Object:
    return {
        "attribute": attribute.attribute,
        "channel": attribute.channel,
        "believed": attribute.believed,
        "confidence": attribute.confidence,
        "change": attribute.change,
        "value": attribute.value,
        "status": attribute.status,
        "compared": attribute.contender,
        "effect": _estimate(attribute.effect),
        "interval": interval_ends(attribute.effect),
        "effect_days": _over(attribute.over),
        "effect_in_words": attribute.size,
        "by_part": attribute.by_part,
        "units": attribute.units,
        "decided_on": day_text(attribute.decided_on),
        "known": {
            "state": attribute.known.state,
            "option": attribute.known.option,
            "than": attribute.known.than,
            "proven": attribute.known.is_proven,
            "on": day_text(attribute.known.on),
            "turned_on": day_text(attribute.known.turned_on),
            "waits": attribute.known.waits,
            "at_least_times": attribute.known.at_least_times,
            "in_words": known_words(attribute),
        },
        "decided": {
            "how": attribute.decided.how,
            "by": attribute.decided.by,
            "on": day_text(attribute.decided.on),
            "at": day_text(attribute.decided.at),
        },
        "decision": _refinement(attribute.at_decision) if attribute.at_decision else None,
        "options": [_option(option) for option in attribute.options],
        "alarms": list(attribute.alarms),
        "says": attribute.says,
    }


def _option(option: OptionReport) -> _Object:
    return {
        "option": option.option,
        "units": option.units,
        "rate": _estimate(option.rate),
        "interval": interval_ends(option.rate),
        "prob_best": _finite(option.prob_best),
        "share": _finite(option.share),
    }


def _trait(trait: TraitReport) -> _Object:
    return {
        "trait": trait.trait,
        "unit": trait.unit,
        "believed": trait.believed,
        "value": trait.value,
        "measured": _estimate(trait.measured),
        "interval": interval_ends(trait.measured),
        "customers": trait.customers,
    }


def _parts(found: PartsReport) -> _Object:
    """An effect in parts, which is exploratory; ``customers`` are at least so many, in whole groups."""
    return {
        "attribute": found.attribute,
        "channel": found.channel,
        "compared": found.new,
        "against": found.old,
        "by": found.column,
        "exploratory": exploratory_words([found]),
        "since": day_text(found.since),
        "parts": [
            {
                "part": each.name,
                "effect": _estimate(each.effect),
                "interval": interval_ends(each.effect),
                "units": each.units if enough(each.units) else None,
                "customers": head_count(each.customers),
            }
            for each in found.parts
        ],
        "parts_not_shown": found.hidden,
        "left_out": list(left_out_words([found])),
    }


def _gain(gain: Gain) -> _Object:
    return {
        "living_customers": gain.living_customers,
        "static_customers": gain.static_customers,
        "difference": _estimate(gain.difference),
        "interval": interval_ends(gain.difference),
        "says": gain.says,
    }


def _entry(entry: LogEntry) -> _Object:
    return {
        "version": entry.version,
        "day": day_text(entry.day),
        "kind": entry.kind,
        "reason": entry.reason,
        "by": entry.by,
        "at": day_text(entry.at),
        "turned_on": day_text(entry.turned_on),
        "refinement": _refinement(entry.refinement) if entry.refinement else None,
    }


def _set_aside(found: Aside | None) -> _Object:
    if found is None:
        return {"set_aside": None}
    return {"set_aside": {"by": found.by, "day": day_text(found.day), "until_units": found.until_units or None}}


def _refinement(refinement: Refinement) -> _Object:
    return {
        "id": refinement.id,
        "kind": refinement.kind,
        "persona": refinement.subject.persona,
        "attribute": refinement.subject.attribute,
        "channel": refinement.subject.channel,
        "old": refinement.old,
        "new": refinement.new,
        "effect": _estimate(refinement.effect),
        "interval": interval_ends(refinement.effect),
        "effect_days": _over(refinement.over),
        "at_least_times": refinement.at_least_times,
        "rival": refinement.rival,
        "unit": refinement.unit,
        "units": refinement.units,
        "grade": refinement.grade,
        "day": day_text(refinement.day),
        "verdict": refinement.verdict,
        "review": refinement.review,
        "decided_by": refinement.decided_by,
        "why": refinement.why,
        "at": day_text(refinement.at),
        "split": _split(refinement.split) if refinement.split else None,
    }


def _split(split: Split) -> _Object:
    return {
        "persona": split.persona,
        "name": split.name,
        "part": split.part,
        "in_words": split.in_words,
        "values": list(split.values),
        "effects": [_estimate(each) for each in split.effects],
        "intervals": [interval_ends(each) for each in split.effects],
        "options": split.options,
    }


def _estimate(interval: Interval | None) -> float | None:
    return _finite(interval.estimate) if interval else None


def interval_ends(interval: Interval | None) -> Json:
    """The ends of an interval, or None."""
    return [_finite(interval.lower), _finite(interval.upper)] if interval else None


def _over(days: EffectDays | None) -> Json:
    """The days that an effect is of."""
    if days is None:
        return None
    return {
        "first": day_text(days.first),
        "last": day_text(days.last),
        "units": days.units,
        "ahead_since": day_text(days.ahead_since),
        "effect_before": _estimate(days.before),
        "interval_before": interval_ends(days.before),
        "times": _estimate(days.times),
        "interval_times": interval_ends(days.times),
    }


def _finite(number: float) -> float | None:
    """JSON has no word for infinity: an end that is nowhere is not known."""
    return number if isfinite(number) else None


def day_text(day: date | None) -> str | None:
    """A day, or a moment, as text; or None."""
    return day.isoformat() if day else None
