"""The frozen values that everything else speaks in, one concept a file."""
