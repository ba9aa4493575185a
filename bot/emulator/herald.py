"""Tells the gateway's sessions and everybody who watches what changed, each only what they may know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from bot.emulator.feed import Feed
from bot.emulator.gateway import Gateway
from bot.emulator.model import Channel, Guild, Json, Thread
from bot.emulator.permissions import Permission, has
from bot.emulator.session import Intent, Session
from bot.emulator.shapes import guilds as guild_shapes
from bot.emulator.shapes import people
from bot.emulator.world import World


class Herald:
    """Everything that is told goes through here, or through :class:`bot.emulator.chat.Chat` where it is a message."""

    def __init__(self, world: World, gateway: Gateway, feed: Feed) -> None:
        self.world = world
        self.gateway = gateway
        self.feed = feed

    def places(self) -> None:
        """Tell whoever watches that people, guilds, channels or permissions changed."""
        self.feed.add("places", {})

    def in_guild(self, name: str, guild: Guild, body: Json) -> None:
        """Send an event about a guild, if the bot is a member of it."""
        if self.world.bot.id in guild.members:
            self._publish(name, body)

    def in_channel(self, name: str, channel: Channel, body: Json) -> None:
        """Send an event about what is in a channel, with its ids, if the bot sees the channel."""
        if not has(channel, self.world.bot.id, Permission.VIEW_CHANNEL):
            return
        ids = {"channel_id": str(channel.id)}
        if channel.guild is not None:
            ids["guild_id"] = str(channel.guild.id)
        self._publish(name, ids | body)

    def to_watchers(self, kind: str, channel: Channel, body: Json) -> None:
        """Tell whoever watches and sees ``channel``."""
        self.feed.add(kind, body, seen_by=partial(has, channel, wanted=Permission.VIEW_CHANNEL))

    def guild_create(self, guild: Guild) -> None:
        """Tell the bot of a guild that it is now in."""
        bot_id = self.world.bot.id
        self.gateway.publish(
            "GUILD_CREATE",
            lambda _: True,
            lambda session: guild_shapes.guild_create(
                guild, bot_id=bot_id, all_members=bool(session.intents & Intent.GUILD_MEMBERS), joined=True
            ),
        )

    def guild_delete(self, guild: Guild) -> None:
        """Tell the bot that it is no longer in a guild."""
        self._publish("GUILD_DELETE", {"id": str(guild.id)})

    def guild_outage(self, guild: Guild, *, begins: bool) -> None:
        """Tell the bot that a guild of its is out of Discord's reach, or is back: the bot is in it all the while."""
        if self.world.bot.id not in guild.members:
            return
        if begins:
            self._publish("GUILD_DELETE", {"id": str(guild.id), "unavailable": True})
            return
        self.gateway.publish(
            "GUILD_CREATE",
            lambda _: True,
            lambda session: guild_shapes.guild_create(
                guild, bot_id=self.world.bot.id, all_members=bool(session.intents & Intent.GUILD_MEMBERS)
            ),
        )

    def member(self, name: str, guild: Guild, person_id: int) -> None:
        """Tell that a member came or changed."""
        self.in_guild(name, guild, {"guild_id": str(guild.id), **people.member(guild.members[person_id])})

    def channel(self, name: str, channel: Channel) -> None:
        """Tell of a guild's channel: CHANNEL_CREATE, CHANNEL_UPDATE or CHANNEL_DELETE."""
        if channel.guild is not None:
            self.in_guild(name, channel.guild, guild_shapes.told_channel(channel, self.world.bot.id))

    def thread(self, name: str, thread: Channel, **more: object) -> None:
        """Tell of a thread that the bot sees: THREAD_CREATE or THREAD_UPDATE."""
        if thread.guild is not None and has(thread, self.world.bot.id, Permission.VIEW_CHANNEL):
            self.in_guild(name, thread.guild, guild_shapes.channel(thread, self.world.bot.id) | more)

    def thread_members(self, channel: Channel, added: list[Json], removed: list[int]) -> None:
        """Tell who joined and left a thread; without the members' intent, only of the bot itself."""
        bot_id, thread, guild = self.world.bot.id, channel.thread, channel.guild
        about_bot = bot_id in removed or any(one["user_id"] == str(bot_id) for one in added)
        if thread is None or guild is None or not (about_bot or has(channel, bot_id, Permission.VIEW_CHANNEL)):
            return
        body = {"id": str(channel.id), "guild_id": str(guild.id), "member_count": len(thread.members)}

        def render(session: Session) -> Json:
            everyone = bool(session.intents & Intent.GUILD_MEMBERS)
            return body | {
                "added_members": [one for one in added if everyone or one["user_id"] == str(bot_id)],
                "removed_member_ids": [str(one) for one in removed if everyone or one == bot_id],
            }

        self.gateway.publish(
            "THREAD_MEMBERS_UPDATE",
            lambda session: about_bot or bool(session.intents & Intent.GUILD_MEMBERS),
            render,
        )

    def thread_gone(self, channel: Channel, thread: Thread) -> None:
        """Tell that a thread which the bot sees is being deleted."""
        if channel.guild is not None and has(channel, self.world.bot.id, Permission.VIEW_CHANNEL):
            ids = {"id": channel.id, "guild_id": channel.guild.id, "parent_id": thread.parent.id}
            body = {key: str(value) for key, value in ids.items()} | {"type": int(channel.kind)}
            self.in_guild("THREAD_DELETE", channel.guild, body)

    @contextmanager
    def watching(self, guild: Guild, changed: Channel | None = None) -> Iterator[None]:
        """Tell of the channel that is ``changed``, and of every other that is thereby shown to the bot or hidden."""
        before = self._seen(guild)
        yield
        after = self._seen(guild)
        for channel in [one for one in guild.channels.values() if one.thread is None]:
            if channel is changed or (channel in before) != (channel in after):
                self.channel("CHANNEL_UPDATE", channel)
        gained = [one for one in after - before if one.thread is None]
        if gained:
            self._sync_threads(guild, gained)

    def _sync_threads(self, guild: Guild, gained: list[Channel]) -> None:
        """Tell the active threads of channels that the bot now sees (Discord: "Thread List Sync")."""
        bot_id = self.world.bot.id
        threads = [
            one
            for one in guild.channels.values()
            if one.thread is not None and one.thread.parent in gained and not one.thread.archived
        ]
        shapes = [guild_shapes.channel(one, bot_id) for one in threads if has(one, bot_id, Permission.VIEW_CHANNEL)]
        body = {
            "guild_id": str(guild.id),
            "channel_ids": [str(one.id) for one in gained],
            "threads": shapes,
            "members": [shape["member"] for shape in shapes if "member" in shape],
        }
        self.in_guild("THREAD_LIST_SYNC", guild, body)

    def _seen(self, guild: Guild) -> set[Channel]:
        return {one for one in guild.channels.values() if has(one, self.world.bot.id, Permission.VIEW_CHANNEL)}

    def _publish(self, name: str, body: Json) -> None:
        self.gateway.publish(name, lambda _: True, lambda _: body)
