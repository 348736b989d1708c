"""Rows that lie in PostgreSQL."""
