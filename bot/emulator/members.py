"""The one place that changes who is there: people, members of guilds and their roles; and tells of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.emulator.herald import Herald
from bot.emulator.model import Guild, Member, Person, Role
from bot.emulator.shapes import people
from bot.emulator.threads import Threads


class Members:
    """Changes people, members and roles."""

    def __init__(self, herald: Herald, threads: Threads) -> None:
        self._herald = herald
        self._threads = threads
        self._world = herald.world

    def add_person(self, username: str, display: str, guilds: Sequence[Guild], *, locale: str) -> Person:
        """Let a new person come, a member of ``guilds``, with direct messages with the bot."""
        world = self._world
        person = Person(world.ids.new(), username, display, locale=locale)
        world.people[person.id] = person
        for guild in guilds:
            self.add(guild, person)
        world.direct_channel(person)
        self._herald.places()
        return person

    def change_person(self, person: Person, changes: dict[str, Any]) -> None:
        """Set fields of a person, by the names of :class:`Person`."""
        for key, value in changes.items():
            setattr(person, key, value)
        self._herald.places()

    def add(self, guild: Guild, person: Person, roles: Sequence[int] = ()) -> None:
        """Let a person, or the bot, into a guild."""
        if person.id in guild.members:
            return
        guild.members[person.id] = Member(person, list(roles), self._world.clock.now())
        if person is self._world.bot:
            self._herald.guild_create(guild)
        else:
            self._herald.member("GUILD_MEMBER_ADD", guild, person.id)
        self._herald.places()

    def remove(self, guild: Guild, person_id: int) -> None:
        """Let a member go, out of its threads, too; a bot's own role goes with it."""
        person = guild.members[person_id].person
        for channel in list(guild.channels.values()):
            if channel.thread is not None:
                self._threads.leave(channel, channel.thread, person_id)
        del guild.members[person_id]
        if person is self._world.bot:
            self._herald.guild_delete(guild)
        else:
            body = {"guild_id": str(guild.id), "user": people.person(person)}
            self._herald.in_guild("GUILD_MEMBER_REMOVE", guild, body)
        for role in [one for one in guild.roles.values() if one.bot_id == person_id]:
            self.remove_role(guild, role)
        self._herald.places()

    def change(self, guild: Guild, member: Member, changes: dict[str, Any]) -> None:
        """Set fields of a member, by the names of :class:`Member`."""
        with self._herald.watching(guild):
            for key, value in changes.items():
                setattr(member, key, value)
        self._herald.member("GUILD_MEMBER_UPDATE", guild, member.person.id)
        self._herald.places()

    def give_role(self, guild: Guild, member: Member, role: Role, *, granted: bool) -> None:
        """Give a role to a member, or take it."""
        others = [one for one in member.roles if one != role.id]
        self.change(guild, member, {"roles": [*others, role.id] if granted else others})

    def add_role(self, guild: Guild, fields: dict[str, Any]) -> Role:
        """Create a role just above @everyone, by the names of :class:`Role`; by default it grants what that does."""
        everyone = guild.roles[guild.id].permissions
        defaults: dict[str, Any] = {"name": "new role", "permissions": everyone, "position": 1}
        role = Role(self._world.ids.new(), **defaults | fields)
        guild.roles[role.id] = role
        self._tell_role("GUILD_ROLE_CREATE", guild, role)
        return role

    def change_role(self, guild: Guild, role: Role, changes: dict[str, Any]) -> None:
        """Set fields of a role, by the names of :class:`Role`."""
        with self._herald.watching(guild):
            for key, value in changes.items():
                setattr(role, key, value)
        self._tell_role("GUILD_ROLE_UPDATE", guild, role)

    def remove_role(self, guild: Guild, role: Role) -> None:
        """Remove a role from its guild, its members and the channels' overwrites."""
        with self._herald.watching(guild):
            del guild.roles[role.id]
            for member in guild.members.values():
                member.roles = [one for one in member.roles if one != role.id]
            for channel in guild.channels.values():
                channel.overwrites.pop(role.id, None)
        body = {"guild_id": str(guild.id), "role_id": str(role.id)}
        self._herald.in_guild("GUILD_ROLE_DELETE", guild, body)
        self._herald.places()

    def _tell_role(self, name: str, guild: Guild, role: Role) -> None:
        self._herald.in_guild(name, guild, {"guild_id": str(guild.id), "role": people.role(role)})
        self._herald.places()
