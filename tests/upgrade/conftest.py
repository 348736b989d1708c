"""The workspaces here were made once, with the code of the past: what made them is kept, and never imported."""

from __future__ import annotations

collect_ignore = ["make_workspace.py"]
