"""The rule language: a small, safe subset of SQL expressions with three-valued logic."""
