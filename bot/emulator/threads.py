"""Threads: started, changed, joined, left, and woken by whoever writes in them (Discord's documentation, "Threads")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.emulator.herald import Herald
from bot.emulator.model import Channel, ChannelKind, Message, Person, Thread
from bot.emulator.shapes import guilds as guild_shapes


@dataclass(frozen=True, slots=True)
class NewThread:
    """What a thread is started with. ``message``: the one that it is started from, whose id it gets."""

    name: str
    kind: ChannelKind = ChannelKind.PUBLIC_THREAD
    message: Message | None = None
    auto_archive_min: int = 1440
    invitable: bool = True
    slowmode_s: int = 0


class Threads:
    """Changes threads, and tells of it."""

    def __init__(self, herald: Herald) -> None:
        self._herald = herald
        self._world = herald.world

    def start(self, parent: Channel, owner: Person, new: NewThread) -> Channel:
        """Start a thread in ``parent``; its owner is its first member."""
        now = self._world.clock.now()
        thread = Thread(parent, owner.id, now, now, invitable=new.invitable, auto_archive_min=new.auto_archive_min)
        number = new.message.id if new.message is not None else self._world.ids.new()
        channel = Channel(
            number, new.name, new.kind, parent.guild, nsfw=parent.nsfw, slowmode_s=new.slowmode_s, thread=thread
        )
        self._world.channels[channel.id] = channel
        if parent.guild is not None:
            parent.guild.channels[channel.id] = channel
        thread.members[owner.id] = now
        self._herald.thread("THREAD_CREATE", channel, newly_created=True)
        self._tell_joined(channel, thread, owner)
        self._herald.places()
        return channel

    def change(self, channel: Channel, thread: Thread, changes: dict[str, Any]) -> None:
        """Set fields of a thread, by the names of :class:`Thread`; ``name`` and ``slowmode_s`` are its channel's."""
        if {"archived", "auto_archive_min"} & changes.keys():
            thread.turned = self._world.clock.now()
        for key, value in changes.items():
            setattr(channel if key in {"name", "slowmode_s"} else thread, key, value)
        self._herald.thread("THREAD_UPDATE", channel)
        self._herald.places()

    def join(self, channel: Channel, thread: Thread, person: Person) -> None:
        """Add a person; who is in already stays since when they were."""
        if person.id in thread.members:
            return
        thread.members[person.id] = self._world.clock.now()
        if person is self._world.bot:
            self._herald.thread("THREAD_CREATE", channel)
        self._tell_joined(channel, thread, person)

    def leave(self, channel: Channel, thread: Thread, person_id: int) -> None:
        """Remove a person, if they are in."""
        if thread.members.pop(person_id, None) is not None:
            self._herald.thread_members(channel, [], [person_id])

    def note(self, message: Message) -> None:
        """Note a new message: an archived thread opens again, and its author joins."""
        channel, thread = message.channel, message.channel.thread
        if thread is None or message.only_for is not None:
            return
        thread.sent += 1
        if thread.archived:
            self.change(channel, thread, {"archived": False})
        if channel.guild is not None and message.author.id in channel.guild.members:
            self.join(channel, thread, message.author)

    def _tell_joined(self, channel: Channel, thread: Thread, person: Person) -> None:
        shape = guild_shapes.thread_member(channel, thread, person.id)
        self._herald.thread_members(channel, [shape], [])
