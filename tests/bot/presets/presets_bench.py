"""What presets lead to and come from, in place of Discord's files and the loop that makes thumbnails."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.errors import UserError


@dataclass
class SentFiles:
    """Files that people sent, by their addresses."""

    sent: dict[str, bytes] = field(default_factory=dict)

    async def fetch(self, url: str) -> bytes:
        if url not in self.sent:
            raise UserError("The file is no longer there.")
        return self.sent[url]


@dataclass
class Woken:
    """Counts how often a thumbnail was asked for."""

    times: int = 0

    def __call__(self) -> None:
        self.times += 1
