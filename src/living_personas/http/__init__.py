"""The service: events in, decisions out, nothing lost; thin: parse, call, render."""
