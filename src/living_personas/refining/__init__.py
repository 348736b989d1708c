"""When a definition may change: propose, judge, apply."""
