"""How often old messages may be edited: three times in six seconds in a channel, where they are older than an hour.

Discord's documentation names only the error, 30046; the numbers were read in discord-userdoccers ("Edit Message").
"""

from __future__ import annotations

from collections import deque

from bot.emulator.clock import Clock
from bot.emulator.errors import TOO_MANY_OLD_EDITS, Refused
from bot.emulator.model import Message

OLD_S = 3600.0
EDITS, WINDOW_S = 3, 6.0


class OldEdits:
    """Counts, channel by channel, the edits of messages that are older than an hour."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._times: dict[int, deque[float]] = {}

    def take(self, message: Message) -> None:
        """Count an edit. Raises Refused if it is one too many."""
        now = self._clock.now()
        if now - message.created <= OLD_S:
            return
        times = self._times.setdefault(message.channel.id, deque(maxlen=EDITS))
        if len(times) == EDITS and now - times[0] < WINDOW_S:
            raise Refused(TOO_MANY_OLD_EDITS, retry_after_s=round(WINDOW_S - (now - times[0]), 3))
        times.append(now)
