"""Changes go out: CloudEvents, signed, to addresses that are nobody's own network."""
