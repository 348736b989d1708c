"""Step 2: days of events become units and cells, who is who, and counts for the report."""
