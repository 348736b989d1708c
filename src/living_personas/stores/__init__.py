"""Where a workspace is kept."""
