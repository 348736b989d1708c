"""Where a workspace is kept; a store passes the suites of `testing/`."""
