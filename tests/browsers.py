"""Which browser the tests drive."""

from __future__ import annotations

import os
import shutil


def found() -> str | None:
    """Return the path of CHROME where that is set, else of the Chromium on the PATH; None without.

    Preferred is Debian's headless shell: a whole Chromium draws its own window's tools as well, which nobody sees, and
    spends a second of a processor on each window.
    """
    named = os.environ.get("CHROME")
    return shutil.which(named) if named else shutil.which("chromium-headless-shell") or shutil.which("chromium")
