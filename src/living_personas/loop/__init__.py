"""The six steps: record, fold, learn, refine, publish, and what they need."""
