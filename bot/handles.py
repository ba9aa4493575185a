"""File handles: as many as the system lets us have, and whether some are left."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

log = logging.getLogger(__name__)

MOST = 65536
SPARE = 16  # a dream takes a handful: a download, a row, an object, an answer

if sys.platform == "win32":

    def take() -> None:
        """Do nothing: Windows has no such bound."""

    def are_left() -> bool:
        """Take it for granted."""
        return True

else:
    import resource

    def take() -> None:
        """Let this process have as many handles as it may: many systems begin with 1024."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))

    def are_left() -> bool:
        """Tell whether there are some to spare; True where the system does not say."""
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        try:
            used = len(list(Path("/proc/self/fd").iterdir()))
        except FileNotFoundError:
            return True
        except OSError:
            used = soft
        if soft != resource.RLIM_INFINITY and used + SPARE > soft:
            log.error("of %d file handles %d are used: raise the limit (ulimit -n, LimitNOFILE=)", soft, used)
            return False
        return True
