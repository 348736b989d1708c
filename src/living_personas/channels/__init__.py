"""The protocols of other products, as pure functions: what they send becomes events."""
