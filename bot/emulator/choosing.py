"""What a person names in an option, a select or a form: found, and written down as ``resolved`` for the bot."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from bot.emulator.bodies import FilePart
from bot.emulator.checks.options import takes
from bot.emulator.components import SELECTS, Type
from bot.emulator.errors import ActError
from bot.emulator.files import Files
from bot.emulator.model import Channel, Json, Message, Person
from bot.emulator.permissions import Permission, has
from bot.emulator.shapes import interactions as shapes
from bot.emulator.shapes import messages as message_shapes
from bot.emulator.shapes import people
from bot.emulator.world import World


class Choosing:
    """The choices of one act of ``person`` in ``channel``. ``resolved`` holds what they name."""

    def __init__(self, world: World, files: Files, person: Person, channel: Channel) -> None:
        self._world = world
        self._files = files
        self._person = person
        self._channel = channel
        self.resolved: Json = {}

    def user(self, text: Any) -> str:
        """Choose a user by name or id; a member of the guild with what they are there. Raises ActError."""
        found = self._find_user(text)
        if found is None:
            raise ActError(f"There is no person {text!r} here.")
        return self._note_user(found)

    def role(self, text: Any) -> str:
        """Choose a role of the guild by name or id. Raises ActError."""
        number = self._note_role(text)
        if number is None:
            raise ActError(f"There is no role {text!r} here.")
        return number

    def mentionable(self, text: Any) -> str:
        """Choose a user or a role. Raises ActError."""
        found = self._find_user(text)
        number = self._note_user(found) if found is not None else self._note_role(text)
        if number is None:
            raise ActError(f"There is no person and no role {text!r} here.")
        return number

    def channel(self, text: Any, kinds: Collection[int] = ()) -> str:
        """Choose a channel of the guild that the person sees, of ``kinds`` if any are asked for. Raises ActError."""
        guild = self._channel.guild
        among = guild.channels.values() if guild is not None else ()
        for one in among:
            if str(text) in {str(one.id), one.name} and has(one, self._person.id, Permission.VIEW_CHANNEL):
                if kinds and one.kind not in kinds:
                    raise ActError(f"{one.name} is not of the kind of channel that is asked for.")
                shape = shapes.partial_channel(one, self._person, self._world)
                self.resolved.setdefault("channels", {})[str(one.id)] = shape
                return str(one.id)
        raise ActError(f"There is no channel {text!r} here.")

    def file(self, part: FilePart, file_types: Sequence[str]) -> str:
        """Attach a file of ``file_types``; its address vanishes after a time. Raises ActError."""
        if not takes(file_types, part.filename):
            raise ActError(f"{part.filename} is no file of the kind that is asked for: {', '.join(file_types)}.")
        upload = self._files.add(self._channel, part.filename, part.data, ephemeral=True)
        self.resolved.setdefault("attachments", {})[str(upload.id)] = message_shapes.upload(upload, self._files)
        return str(upload.id)

    def message(self, target: Message) -> str:
        """Choose a message as the target of a menu: with its text and pictures."""
        shape = message_shapes.message(target, self._world, self._files)
        self.resolved.setdefault("messages", {})[str(target.id)] = shape
        return str(target.id)

    def select(self, select: Json, values: Sequence[Any], *, least: int) -> list[str]:
        """Choose ``least`` or more, and no more than ``max_values``, in a select of any kind. Raises ActError."""
        most = select.get("max_values") or 1
        if not least <= len(values) <= most:
            raise ActError(f"Choose {least} to {most}." if least < most else f"Choose {most}.")
        if len(set(values)) < len(values):
            raise ActError("Nothing can be chosen twice.")
        kind = select["type"]
        if kind not in SELECTS or kind == Type.STRING_SELECT:
            offered = {option["value"] for option in select["options"]}
            if not set(values) <= offered:
                raise ActError("That is not among the choices.")
            return [str(one) for one in values]
        if kind == Type.CHANNEL_SELECT:
            return [self.channel(one, select.get("channel_types") or ()) for one in values]
        choose = {Type.USER_SELECT: self.user, Type.ROLE_SELECT: self.role}.get(kind, self.mentionable)
        return [choose(one) for one in values]

    def _find_user(self, text: Any) -> Person | None:
        """Find somebody of this place by name or id, and anybody else by id: so does Discord's client."""
        guild = self._channel.guild
        here = [one.person for one in guild.members.values()] if guild is not None else self._channel.members
        found = next((one for one in here if str(text) in {str(one.id), one.username}), None)
        return found or (self._world.people.get(int(text)) if str(text).isdecimal() else None)

    def _note_user(self, user: Person) -> str:
        number = str(user.id)
        self.resolved.setdefault("users", {})[number] = people.person(user)
        guild = self._channel.guild
        if guild is not None and user.id in guild.members:
            shape = shapes.partial_member(guild.members[user.id], self._channel)
            self.resolved.setdefault("members", {})[number] = shape
        return number

    def _note_role(self, text: Any) -> str | None:
        guild = self._channel.guild
        roles = guild.roles.values() if guild is not None else ()
        role = next((one for one in roles if str(text) in {str(one.id), one.name}), None)
        if role is None:
            return None
        self.resolved.setdefault("roles", {})[str(role.id)] = people.role(role)
        return str(role.id)
