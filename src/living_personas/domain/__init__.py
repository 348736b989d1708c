"""The frozen values everything else speaks in, one concept a file."""
