"""Everything that a workspace remembers, each table and record declared once."""
