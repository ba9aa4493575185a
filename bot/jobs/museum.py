"""The galleries' upkeep: what was removed, what nobody votes for, and what is left of servers that the bot left."""

from __future__ import annotations

from bot.guild import LEFT_KEPT_S
from bot.images.store import ImageStore
from bot.store.gallery.acts import Acts
from bot.store.gallery.leaving import Leavings
from bot.store.guilds import GuildStore

DAY_S = 24 * 3600.0
RESTORABLE_S = 30 * DAY_S  # how long a removed entry's pictures are kept
RECOGNISED_S = 365 * DAY_S  # how long its likeness is
ACTS_S = 180 * DAY_S


class Museum:
    """Lets go of what the galleries need no longer."""

    def __init__(self, leavings: Leavings, acts: Acts, guilds: GuildStore) -> None:
        self._leavings = leavings
        self._acts = acts
        self._guilds = guilds

    async def let_go(self, at_most: int) -> int:
        """Let go of a part of what is old, ``at_most`` of each kind; returns how many of the kind with most of them.

        Pictures that nothing refers to then are swept.
        """
        await self._acts.let_go(ACTS_S)
        done = [
            await self._leavings.let_go_nominations(at_most),
            await self._leavings.let_go_pictures(RESTORABLE_S, at_most),
            await self._leavings.let_go_removed(RECOGNISED_S, at_most),
        ]
        for guild_id in await self._guilds.long_gone(LEFT_KEPT_S):
            if max(done) >= at_most:
                break
            done.append(await self._forget_server(guild_id, at_most))
        return max(done)

    async def _forget_server(self, guild_id: int, at_most: int) -> int:
        removed = await self._leavings.remove_entries(guild_id, at_most, LEFT_KEPT_S)
        if removed.entries < at_most and await self._leavings.remove_rest(guild_id, LEFT_KEPT_S):
            await self._guilds.forget(guild_id)
        return removed.entries


async def forget_server(guild_id: int, leavings: Leavings, guilds: GuildStore, images: ImageStore, at_once: int) -> int:
    """Forget a server now: its gallery with its pictures, its settings. Returns how many entries there were."""
    count = 0
    while (removed := await leavings.remove_entries(guild_id, at_once)).entries:
        count += removed.entries
        for hash_ in removed.pictures:
            await images.discard(hash_)
    await leavings.remove_rest(guild_id)
    await guilds.forget(guild_id)
    return count
