"""Where the two tiers differ. Each has its row, by its words, in docs/emulator.md, with who is right and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from theatre import Tier


@dataclass(frozen=True)
class Difference:
    """One thing that simcord and the emulator show differently: ``what`` is the row's first cell."""

    what: str
    simcord: Any
    emulator: Any

    def on(self, tier: Tier) -> Any:
        """Return what is seen there."""
        return self.simcord if tier is Tier.SIMCORD else self.emulator


FIRST_ANSWER = Difference("x", True, False)
FOLLOW_UP = Difference("y", ("chat_input_command", False), ("reply", True))
IN_ATTACHMENTS = Difference("z", True, False)
CONTENT_GONE = None
