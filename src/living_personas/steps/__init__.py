"""How each of the loop's six steps is done, one file a step."""
