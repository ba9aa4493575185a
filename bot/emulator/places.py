"""The one place that changes guilds, channels and overwrites, and tells of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.emulator.files import Files
from bot.emulator.herald import Herald
from bot.emulator.members import Members
from bot.emulator.model import Channel, ChannelKind, Guild, Overwrite, Person, Role
from bot.emulator.permissions import MEMBER, Permission
from bot.emulator.shapes import guilds as guild_shapes


class Places:
    """Creates, changes and removes guilds and channels."""

    def __init__(self, herald: Herald, members: Members, files: Files) -> None:
        self._herald = herald
        self._world = herald.world
        self._members = members
        self._files = files

    def add_guild(self, name: str, owner: Person, *, tier: int = 0, bot: bool = False) -> Guild:
        """Found a guild, with the bot in it or not."""
        world = self._world
        guild = Guild(world.ids.new(), name, owner.id, world.clock, tier=tier)
        guild.roles[guild.id] = Role(guild.id, "@everyone", int(MEMBER))
        world.guilds[guild.id] = guild
        self._members.add(guild, owner)
        if bot:
            self.invite_bot(guild)
        self._herald.places()
        return guild

    def set_tier(self, guild: Guild, tier: int) -> None:
        """Boost a guild: its upload limit changes."""
        guild.tier = tier
        self._herald.in_guild("GUILD_UPDATE", guild, guild_shapes.guild(guild))
        self._herald.places()

    def invite_bot(self, guild: Guild, permissions: int = int(MEMBER)) -> None:
        """Let the bot in, with a role of its own, as an invitation with permissions does."""
        bot = self._world.bot
        if bot.id in guild.members:
            return
        role = Role(self._world.ids.new(), bot.display, permissions, position=len(guild.roles), bot_id=bot.id)
        guild.roles[role.id] = role
        self._members.add(guild, bot, [role.id])

    def fail(self, guild: Guild, *, begins: bool) -> None:
        """Let a guild have an outage, or be back."""
        self._herald.guild_outage(guild, begins=begins)

    def kick_bot(self, guild: Guild) -> None:
        """Send the bot away, with its own role."""
        if self._world.bot.id in guild.members:
            self._members.remove(guild, self._world.bot.id)

    def add_channel(
        self, guild: Guild, name: str, *, topic: str = "", nsfw: bool = False, more: dict[str, Any] | None = None
    ) -> Channel:
        """Create a text channel at the end of a guild's list. ``more``: other fields of :class:`Channel`."""
        position = 1 + max((one.position for one in guild.channels.values() if one.thread is None), default=-1)
        fields: dict[str, Any] = {"topic": topic, "nsfw": nsfw, "position": position} | (more or {})
        channel = Channel(self._world.ids.new(), name, guild=guild, **fields)
        guild.channels[channel.id] = self._world.channels[channel.id] = channel
        self._herald.channel("CHANNEL_CREATE", channel)
        self._herald.places()
        return channel

    def add_group(self, name: str, people: Sequence[Person]) -> Channel:
        """Open a group of people, without the bot."""
        channel = Channel(self._world.ids.new(), name, ChannelKind.GROUP, members=list(people))
        self._world.channels[channel.id] = channel
        self._herald.places()
        return channel

    def change_channel(self, channel: Channel, changes: dict[str, Any]) -> None:
        """Set fields of a channel, by the names of :class:`Channel`; its threads are as restricted as it is."""
        guild = channel.guild
        if guild is None:
            channel.name = changes.get("name", channel.name)
            self._herald.places()
            return
        with self._herald.watching(guild, changed=channel):
            for key, value in changes.items():
                setattr(channel, key, value)
            for one in self._threads_of(channel):
                one.nsfw = channel.nsfw
        self._herald.places()

    def remove(self, channel: Channel) -> None:
        """Remove a channel or thread and all that is in it: threads, messages, files."""
        if channel.thread is not None:
            self._herald.thread_gone(channel, channel.thread)
        else:
            self._herald.channel("CHANNEL_DELETE", channel)
        for one in [*self._threads_of(channel), channel]:
            self._empty(one)
        self._herald.places()

    def set_overwrite(self, channel: Channel, whose: int, overwrite: Overwrite | None) -> None:
        """Set what a person or role is given and denied in a channel; None: nothing."""
        overwrites = {key: value for key, value in channel.overwrites.items() if key != whose}
        if overwrite is not None:
            overwrites[whose] = overwrite
        self.change_channel(channel, {"overwrites": overwrites})

    def permit(self, channel: Channel, whose: int, permission: Permission, *, granted: bool) -> None:
        """Give or take a permission of a person or role in ``channel``."""
        bit, old = int(permission), channel.overwrites.get(whose, Overwrite())
        given = Overwrite(old.allow & ~bit, old.deny & ~bit)
        if granted:
            given.allow |= bit
        else:
            given.deny |= bit
        self.set_overwrite(channel, whose, given)

    def _threads_of(self, channel: Channel) -> list[Channel]:
        all_there = channel.guild.channels.values() if channel.guild is not None else ()
        return [one for one in all_there if one.thread is not None and one.thread.parent is channel]

    def _empty(self, channel: Channel) -> None:
        for message in channel.messages.values():
            del self._world.messages[message.id]
            for upload in message.uploads:
                self._files.let_go(upload)
        channel.messages.clear()
        self._world.forget(channel)
