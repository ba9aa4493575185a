"""The one place that changes who and what is there, and tells the gateway and everybody who watches."""

from __future__ import annotations

from collections.abc import Sequence

from bot.emulator.feed import Feed
from bot.emulator.gateway import Gateway
from bot.emulator.model import Channel, Guild, Member, Overwrite, Person
from bot.emulator.permissions import Permission
from bot.emulator.world import World


class Places:
    """Changes people, guilds, channels, roles and overwrites."""

    def __init__(self, world: World, gateway: Gateway, feed: Feed) -> None:
        self._world = world
        self._gateway = gateway
        self._feed = feed

    def add_person(self, username: str, display: str, guilds: Sequence[Guild], *, locale: str) -> Person:
        """Let a new person come, a member of ``guilds``, with direct messages with the bot."""
        world = self._world
        person = Person(world.ids.new(), username, display, locale=locale)
        world.people[person.id] = person
        for guild in guilds:
            guild.members[person.id] = Member(person, [], world.clock.now())
        world.direct_channel(person)
        self._feed.add("places", {})
        return person

    def permit(self, channel: Channel, whose: int, permission: Permission, *, granted: bool) -> None:
        """Give or take a permission of a person or role in ``channel``."""
        bit = int(permission)
        overwrite = channel.overwrites.setdefault(whose, Overwrite())
        overwrite.allow, overwrite.deny = overwrite.allow & ~bit, overwrite.deny & ~bit
        if granted:
            overwrite.allow |= bit
        else:
            overwrite.deny |= bit
        self._feed.add("places", {})
