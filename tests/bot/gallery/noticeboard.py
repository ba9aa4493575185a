"""A chat for the rules of the gallery channels: it keeps messages, and answers as a test wants."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.entry import Entry
from bot.gallery.mirroring import Answer, Answered, Seen


@dataclass
class Noticeboard:
    """Implements ``bot.gallery.mirroring.Poster``. ``answers``: of the next calls of a method, in turn."""

    away: set[int] = field(default_factory=set)  # servers that are not here
    restricted_channels: set[int] = field(default_factory=set)
    messages: dict[int, tuple[int, int]] = field(default_factory=dict)  # message → channel, entry
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    done: list[tuple[str, int]] = field(default_factory=list)  # what was done, to which entry or message
    unseen: set[int] = field(default_factory=set)  # messages that a look at the channel leaves out
    refused: set[int] = field(default_factory=set)  # messages that may not be deleted
    lost_posts: bool = False  # a post is done, and Discord does not say so
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1000))

    def did(self, what: str) -> list[int]:
        """Return to what this was done, in order."""
        return [of for done, of in self.done if done == what]

    def message_of(self, entry_id: int) -> list[int]:
        """Return the messages of an entry."""
        return [id_ for id_, (_, about) in self.messages.items() if about == entry_id]

    def restricted(self, guild_id: int, channel_id: int) -> bool | None:
        return None if guild_id in self.away else channel_id in self.restricted_channels

    async def post(self, entry: Entry, channel_id: int, picture: bytes) -> Answered:
        assert picture
        self.done.append(("post", entry.id))
        answer = self._next("post")
        if answer is not Answer.DONE and not self.lost_posts:
            return Answered(answer)
        id_ = next(self._ids)
        self.messages[id_] = (channel_id, entry.id)
        return Answered(answer, id_, f"gallery-{entry.id}.png") if answer is Answer.DONE else Answered(answer)

    async def find(self, guild_id: int, channel_id: int, entry_id: int, since: datetime) -> Answered:
        self.done.append(("find", entry_id))
        answer = self._next("find")
        if answer is not Answer.DONE:
            return Answered(answer)
        found = self.message_of(entry_id)
        return Answered(Answer.DONE, found[0], f"gallery-{entry_id}.png") if found else Answered(Answer.GONE)

    async def recount(self, entry: Entry, file: str) -> Answer:
        self.done.append(("recount", entry.id))
        assert file == f"gallery-{entry.id}.png"
        answer = self._next("recount")
        if answer is not Answer.DONE:
            return answer
        there = self.messages.get(entry.mirror_message_id or 0)
        return Answer.DONE if there == (entry.mirror_channel_id, entry.id) else Answer.GONE

    async def delete(self, guild_id: int, channel_id: int, message_id: int) -> Answer:
        self.done.append(("delete", message_id))
        answer = Answer.REFUSED if message_id in self.refused else self._next("delete")
        if answer is not Answer.DONE:
            return answer
        return Answer.DONE if self.messages.pop(message_id, None) else Answer.GONE

    async def look(self, guild_id: int, channel_id: int) -> Seen | Answer:
        self.done.append(("look", channel_id))
        answer = self._next("look")
        if answer is not Answer.DONE:
            return answer
        there = sorted((id_ for id_, (place, _) in self.messages.items() if place == channel_id), reverse=True)[:100]
        return Seen(there[-1] if len(there) == 100 else 0, frozenset(there) - self.unseen)

    async def is_there(self, guild_id: int, channel_id: int, message_id: int) -> Answer:
        self.done.append(("is there", message_id))
        return Answer.DONE if message_id in self.messages else Answer.GONE

    async def tell_hidden(self, entry: Entry) -> None:
        self.done.append(("tell hidden", entry.id))

    async def tell_purged(self, guild_id: int, channel_id: int, entries: Sequence[Entry]) -> None:
        self.done.append(("tell purged", len(entries)))

    async def tell_no_channel(self, guild_id: int) -> None:
        self.done.append(("tell no channel", guild_id))

    def _next(self, what: str) -> Answer:
        waiting = self.answers.get(what)
        return waiting.pop(0) if waiting else Answer.DONE
