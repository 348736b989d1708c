"""A workspace in a folder: SQLite for state and inbox, Parquet files for the days."""
