"""Living against static: what the holdout did since it entered, and what that was worth."""
