"""The bot, whose galleries' hours pass in seconds: `python hurried_bot.py run`. Everything else is as ever."""

from __future__ import annotations

import functools
import sys

from bot import app
from bot.__main__ import main
from bot.gallery.places import Pace

HOUR_S = 1.5

if __name__ == "__main__":
    hurried = functools.partial(app.Mirror, pace=Pace(look_every_s=0.3, hour_s=HOUR_S, edit_every_s=0.1))
    app.Mirror = hurried  # type: ignore[assignment, misc]
    app.LOOK_EVERY_S = 0.3  # at settings that others have changed
    sys.exit(main())
