"""DuckDB in memory, over Arrow tables and Parquet files."""
