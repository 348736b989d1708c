"""How files, tables and frames become events."""
