"""A workspace in one schema of a PostgreSQL database; it comes with the extra ``postgres``."""
