"""A sum has one currency: values in another are converted by a declared rate, or left out by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from living_personas.domain.currency import currency_of
from living_personas.domain.event import Json
from living_personas.domain.number_text import currency_mark
from living_personas.domain.value import value

__all__ = ["CURRENCY", "LEFT_OUT", "Money"]

CURRENCY = "currency"
"""The property of an event that names the currency of its values."""

LEFT_OUT = "left_out"
"""The property of an event that says which of its values does not count, as its currency is another one."""


@value
class Money:
    """The currencies of values, by event and property, and what one unit of a currency is worth beside the others.

    Of values that are summed in an ``undeclared`` currency an event keeps which one its own is: several are told.
    """

    by_event: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rates: Mapping[str, float] = field(default_factory=dict)
    undeclared: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def read(
        self, event: str, properties: Mapping[str, Json], *, said: Mapping[str, object], currency: object = None
    ) -> Mapping[str, Json]:
        """The properties of an event with its values in the currencies that they are summed in.

        Parameters
        ----------
        said
            The values before they were read as numbers: a sign beside one says its currency.
        currency
            What the row says its currency is; without it, the event's property of this name.

        >>> money = Money(by_event={"Paid": {"price": "EUR"}}, rates={"EUR": 1.0, "CHF": 1.25})
        >>> money.read("Paid", {"price": 4.0}, said={}, currency="CHF")
        {'price': 5.0}
        >>> money.read("Paid", {"price": 4.0}, said={"price": "4 USD"})
        {'price in USD': 4.0, 'left_out': 'price in USD'}
        >>> Money(undeclared={"Paid": frozenset({"price"})}).read("Paid", {"price": 4.0}, said={"price": "4 €"})
        {'price': 4.0, 'currency': 'EUR'}
        """
        properties = self._with_its_own(event, properties, said=said, currency=currency)
        summed = self.by_event.get(event)
        if not summed or summed.keys().isdisjoint(properties):
            return properties
        found: dict[str, Json] = {}
        for name, amount in properties.items():
            if name not in summed or not isinstance(amount, int | float):
                found[name] = amount
                continue
            mark = currency_mark(said.get(name))
            code = currency_of(mark, currency, properties.get(CURRENCY), summed=summed[name])
            if code == summed[name]:
                found[name] = amount
            elif code in self.rates and summed[name] in self.rates:
                found[name] = amount * self.rates[code] / self.rates[summed[name]]
            else:
                found |= {f"{name} in {code}": amount, LEFT_OUT: f"{name} in {code}"}
        return found

    def _with_its_own(
        self, event: str, properties: Mapping[str, Json], *, said: Mapping[str, object], currency: object
    ) -> Mapping[str, Json]:
        """The properties with the currency of a value whose sum declares none, if anything says it."""
        names = self.undeclared.get(event, frozenset()).intersection(properties)
        if not names or properties.get(CURRENCY) is not None:
            return properties
        marks = filter(None, (currency_mark(said.get(name)) for name in sorted(names)))
        code = currency_of(*marks, currency, summed="")
        return {**properties, CURRENCY: code} if code else properties
