"""Step 1: files, tables, messages and webhooks are recorded once, and every row has a named fate."""
