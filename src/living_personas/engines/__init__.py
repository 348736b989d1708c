"""What touches rows: engine-neutral expressions, and DuckDB."""
