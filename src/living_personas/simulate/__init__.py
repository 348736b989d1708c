"""A world with known truth: customers whose minds we made, so that what is learned of them can be checked."""
