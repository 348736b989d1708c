"""What splits by response cost and promise: figures, intervals and bars, in worlds whose truth is known."""
