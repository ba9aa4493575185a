"""The servers' settings: what holds where, from memory, and how it is changed.

A server's settings are changed by interactions of that server alone, and those come to the one process that has its
shard: what this process remembers of its own servers is true, and so asking costs nothing. A server changes its process
only when ``SHARDS`` is changed, with a restart, and a start reads all rows. Two things are not covered by that. A dream
may be shown by a process that claimed it and has not its server's shard; and while one process replaces another, both
have the shard for a moment. So where several work on one database each looks for what the others changed once a minute,
and whatever must hold exactly, the caps, is read in the transaction that counts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from pydantic import ValidationError

from bot.errors import UserError
from bot.guild import LEFT_KEPT_S, Change, GuildSettings, Versioned, WebMode
from bot.jobs.clock import Clock
from bot.jobs.tasks import Loop
from bot.store.guilds import ChangedMeanwhileError, GuildStore
from engine.sentences import mark

LOOK_EVERY_S = 60.0
LISTED = 10
NOBODY = 0  # who changed what, where no person did: Discord gives no such id

CHANGED_MEANWHILE = mark(
    "The settings have changed since this panel was shown: here they are as they are now. Please choose again."
)
NOT_TAKEN = mark("That is no setting that I know: please open /settings anew.")
_DEFAULTS = GuildSettings()


class Guilds:
    """The settings of all servers. ``look_every_s`` is given where several processes work on one database."""

    def __init__(
        self,
        store: GuildStore,
        look_every_s: float | None = None,
        clock: Clock | None = None,
        is_shut_out: Callable[[int], bool] = lambda _: False,
    ) -> None:
        """``is_shut_out`` tells whether whoever runs the bot does not serve a server: its gallery is shown nowhere."""
        self._store = store
        self._is_shut_out = is_shut_out
        self._known: dict[int, Versioned] = {}
        self._pages: dict[str, int] = {}  # the servers that have a page on the web, by its key
        self.learnt = 0  # how often anything new was learnt: what was made of the settings before is right until then
        self._newest: datetime | None = None
        self._loop = Loop(self._look, every_s=look_every_s, clock=clock or Clock(), name="settings")

    async def start(self) -> None:
        """Read all settings, before anybody asks for them."""
        await self._look()
        self._loop.start()

    async def stop(self) -> None:
        """Look no more."""
        await self._loop.stop()

    def of(self, guild_id: int | None) -> GuildSettings:
        """Return what holds in a server; in direct messages nothing is restricted."""
        return _DEFAULTS if guild_id is None else self.versioned(guild_id).settings

    def versioned(self, guild_id: int) -> Versioned:
        """Return what holds in a server, with its version."""
        known = self._known.get(guild_id) or Versioned()
        # By then the database forgets it, which tells nobody.
        forgotten = known.left_at is not None and (datetime.now(UTC) - known.left_at).total_seconds() > LEFT_KEPT_S
        return Versioned() if forgotten else known

    def has_left(self, guild_id: int) -> bool:
        """Tell whether the bot is no longer in a server: then nobody is shown its gallery."""
        return self.versioned(guild_id).left_at is not None

    async def heed(self) -> None:
        """Take what was made of the settings for old: another server may be shut out, or let in again."""
        self.learnt += 1

    async def left(self, guild_id: int) -> None:
        """Note that the bot is no longer in a server."""
        self._learn({guild_id: await self._store.left(guild_id)})

    async def came(self, guild_id: int) -> None:
        """Note that the bot is in a server: whatever is still kept of it holds again."""
        now = await self._store.came(guild_id)
        self._drop(guild_id)  # what was forgotten meanwhile begins anew, with a lower version
        self._learn({guild_id: now})

    async def compare(self, is_here: Callable[[int], bool], is_ours: Callable[[int], bool]) -> None:
        """Note which servers the bot left, and came back to, while it was away.

        ``is_here`` tells whether it is in a server, also in one that has an outage: it is asked at each, since the bot
        may be removed from one, or let in, meanwhile. ``is_ours`` tells whether it would know.
        """
        known, left = await self._store.known()
        for guild_id in known:
            if not is_here(guild_id) and is_ours(guild_id):
                await self.left(guild_id)
        for guild_id in left:
            if is_here(guild_id):
                await self.came(guild_id)

    def of_page(self, web_key: str) -> int | None:
        """Return the server whose gallery has a page of that key on the web."""
        guild_id = self._pages.get(web_key)
        return guild_id if guild_id is not None and self._has_page(guild_id, web_key) else None

    def with_pages(self) -> list[int]:
        """Return the servers whose galleries have a page on the web, listed or not."""
        return [guild_id for key, guild_id in self._pages.items() if self._has_page(guild_id, key)]

    def _has_page(self, guild_id: int, web_key: str) -> bool:
        """Tell whether a page is there now: a server that was forgotten has none, which tells nobody."""
        gallery = self.of(guild_id).gallery
        return gallery.web is not WebMode.OFF and gallery.web_key == web_key and not self._is_hidden(guild_id)

    def _is_hidden(self, guild_id: int) -> bool:
        return self.has_left(guild_id) or self._is_shut_out(guild_id)

    async def refresh(self, guild_id: int) -> Versioned:
        """Read a server's settings anew."""
        self._learn({guild_id: await self._store.get(guild_id)})
        return self.versioned(guild_id)

    async def change(
        self, guild_id: int, person_id: int, version: int, to: Callable[[GuildSettings], GuildSettings]
    ) -> list[Change]:
        """Change a server's settings, by a moderator of it who has seen ``version``; return what differs.

        Raises UserError where somebody else has changed them since, and where ``to`` makes none that may be.
        """
        try:
            now, changes = await self._store.change(guild_id, person_id, version, to)
        except ChangedMeanwhileError as error:
            self._learn({guild_id: error.now})
            raise UserError(CHANGED_MEANWHILE) from error
        except ValidationError as error:
            raise UserError(NOT_TAKEN) from error
        self._learn({guild_id: now})
        return changes

    def gallery_channels(self) -> dict[int, int]:
        """Return each server's gallery channel, where it has one."""
        channels = {guild_id: known.settings.gallery.channel for guild_id, known in self._known.items()}
        return {
            guild_id: channel_id
            for guild_id, channel_id in channels.items()
            if channel_id is not None and not self._is_hidden(guild_id)
        }

    async def drop_gallery_channel(self, guild_id: int, channel_id: int) -> bool:
        """Let a server have no gallery channel, where it is this one, which was deleted; False where it is not."""

        def without(settings: GuildSettings) -> GuildSettings:
            if settings.gallery.channel != channel_id:
                return settings
            return settings.changed(gallery={**settings.gallery.model_dump(), "channel": None})

        now = await self.refresh(guild_id)
        try:
            return bool(await self.change(guild_id, NOBODY, now.version, without))
        except UserError:  # somebody changes the settings just now: it is found deleted again
            return False

    async def changes(self, guild_id: int) -> list[Change]:
        """Return a server's last changes, newest first."""
        return await self._store.changes(guild_id, LISTED)

    async def _look(self) -> None:
        before = dict(self._known)
        changed, self._newest = await self._store.newer(self._newest)
        self._learn(changed)
        if not before:
            return
        for guild_id in before.keys() - await self._store.ids():
            if self._known.get(guild_id) is before[guild_id]:  # else it was settled anew while we read
                self._drop(guild_id)

    def _drop(self, guild_id: int) -> None:
        """Know a server no more: the database has forgotten it."""
        known = self._known.pop(guild_id, None)
        if known is not None:
            self._pages.pop(known.settings.gallery.web_key or "", None)
            self.learnt += 1

    def _learn(self, read: dict[int, Versioned]) -> None:
        """Remember what was read, unless a change was faster than the reading."""
        for guild_id, now in read.items():
            known = self._known.get(guild_id)
            if now.version >= self.versioned(guild_id).version and now != known:
                if known is not None:
                    self._pages.pop(known.settings.gallery.web_key or "", None)
                gallery = now.settings.gallery
                if gallery.web is not WebMode.OFF and gallery.web_key is not None:
                    self._pages[gallery.web_key] = guild_id
                self._known[guild_id] = now
                self.learnt += 1
