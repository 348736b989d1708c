"""What every store in a database shares: one schema, one set of statements, whatever database runs them."""
