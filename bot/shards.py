"""Which shards of Discord's gateway a process has: of several processes, each has its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Shards:
    """The shards ``first`` to ``last``, both with it, of ``count`` that there are in all."""

    first: int
    last: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``0-3/8`` (four of eight) or ``5/8`` (one of eight). Raises ValueError with a sentence."""
        found = re.fullmatch(r"\s*([0-9]{1,6})(?:\s*-\s*([0-9]{1,6}))?\s*/\s*([0-9]{1,6})\s*", text, re.ASCII)
        if found is None:
            raise ValueError("Write shards as 0-3/8 (the first four of eight) or 5/8 (one of eight).")
        first, count = int(found[1]), int(found[3])
        last = first if found[2] is None else int(found[2])
        if not first <= last < count:
            raise ValueError("Shards count from 0, and the last one is below their number: 0-3/8 and 4-7/8.")
        return cls(first, last, count)

    def __str__(self) -> str:
        return f"{self.first}-{self.last}/{self.count}"

    @property
    def are_all(self) -> bool:
        """Whether there are no others."""
        return self.last - self.first + 1 == self.count

    @property
    def ids(self) -> list[int]:
        """The numbers of these shards."""
        return list(range(self.first, self.last + 1))

    def have(self, guild_id: int | None) -> bool:
        """Tell whether what happens in a guild comes to these shards; direct messages (None) come to shard 0.

        Discord's rule: discord/discord-api-docs, "Gateway", "Sharding".
        """
        shard = 0 if guild_id is None else (guild_id >> 22) % self.count
        return self.first <= shard <= self.last
