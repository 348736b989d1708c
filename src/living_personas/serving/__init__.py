"""The desk: one question, one answer, whichever door it comes through."""
