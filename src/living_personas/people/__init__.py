"""What people do, and what they may do: approve, pin, propose, sign in, hold keys."""
