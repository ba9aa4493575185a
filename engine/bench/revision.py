"""Which commit of ours a figure was measured with. Loads no torch."""

from __future__ import annotations

import subprocess
from pathlib import Path


def commit() -> str:
    """Return the commit's short hash, ``-dirty`` where the checkout differs from it; ``unknown`` without a checkout."""
    asked = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty", "--exclude=*"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
