"""What touches rows."""
