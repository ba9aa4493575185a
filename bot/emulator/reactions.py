"""Reactions to messages: added and removed, and told."""

from __future__ import annotations

from bot.emulator.chat import Chat
from bot.emulator.model import Json, Message, Person
from bot.emulator.shapes import people

MAX_DIFFERENT = 20  # emoji on one message


class Reactions:
    """Changes who reacted to a message with what."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._herald = chat.herald

    def add(self, message: Message, emoji: str, person: Person) -> None:
        """Add a reaction, if it is not there yet."""
        who = message.reactions.setdefault(emoji, [])
        if person.id in who:
            return
        who.append(person.id)
        guild = message.channel.guild
        more: Json = {"message_author_id": str(message.author.id)}
        if guild is not None and person.id in guild.members:
            more["member"] = people.member(guild.members[person.id])
        self._tell_one("MESSAGE_REACTION_ADD", message, emoji, person.id, more)

    def remove(self, message: Message, emoji: str, person_id: int) -> None:
        """Remove a reaction, if it is there."""
        who = message.reactions.get(emoji, [])
        if person_id not in who:
            return
        who.remove(person_id)
        if not who:
            del message.reactions[emoji]
        self._tell_one("MESSAGE_REACTION_REMOVE", message, emoji, person_id, {})

    def clear(self, message: Message, emoji: str | None = None) -> None:
        """Remove everybody's reactions, or those with one emoji."""
        if emoji is None:
            message.reactions.clear()
            self._tell("MESSAGE_REACTION_REMOVE_ALL", message, {})
        elif message.reactions.pop(emoji, None) is not None:
            self._tell("MESSAGE_REACTION_REMOVE_EMOJI", message, {"emoji": {"id": None, "name": emoji}})

    def _tell_one(self, name: str, message: Message, emoji: str, person_id: int, more: Json) -> None:
        shape = {"user_id": str(person_id), "emoji": {"id": None, "name": emoji}, "burst": False, "type": 0}
        self._tell(name, message, shape | more)

    def _tell(self, name: str, message: Message, body: Json) -> None:
        if message.only_for is None:
            self._herald.in_channel(name, message.channel, {"message_id": str(message.id)} | body)
        self._chat.show(message)
