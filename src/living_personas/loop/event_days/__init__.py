"""The days of events: sealed, seen, late, dropped because of their age, or to be folded again."""
