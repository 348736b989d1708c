"""How evidence corrects a persona: propose, judge, apply."""
