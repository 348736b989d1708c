"""Public conformance suites: what an adapter must promise, as tests to inherit."""
