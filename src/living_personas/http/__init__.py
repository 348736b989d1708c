"""The service: events in, decisions out, nothing lost. Thin: parse, call the loop, render."""
