"""What is seen in a browser: one file a page, templates, one CSS file; values come from `reporting/`."""
