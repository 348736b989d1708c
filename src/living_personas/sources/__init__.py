"""Files, tables and frames that become events."""
