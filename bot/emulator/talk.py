"""What people do beside writing: they react, edit and delete, dismiss what only they see, and are seen typing."""

from __future__ import annotations

from bot.emulator.chat import Chat, fill
from bot.emulator.emoji import is_emoji
from bot.emulator.errors import ActError
from bot.emulator.model import Channel, Message, Person
from bot.emulator.permissions import Permission, has, sees
from bot.emulator.reactions import MAX_DIFFERENT, Reactions


class Talk:
    """The people's side of messages that are there. Every method raises ActError for what a person cannot do."""

    def __init__(self, chat: Chat, reactions: Reactions) -> None:
        self._chat = chat
        self._reactions = reactions

    def react(self, person: Person, message: Message, emoji: str, *, remove: bool = False) -> None:
        """React to a message, or take a reaction back."""
        self._check_sees(person, message)
        if not is_emoji(emoji):
            raise ActError(f"{emoji!r} is no emoji; custom ones are not there.")
        if remove:
            self._reactions.remove(message, emoji, person.id)
            return
        if emoji not in message.reactions:
            if message.only_for is not None or not has(message.channel, person.id, Permission.ADD_REACTIONS):
                raise ActError(f"{person.display} may not add reactions here.")
            if len(message.reactions) >= MAX_DIFFERENT:
                raise ActError(f"A message takes {MAX_DIFFERENT} different reactions at most.")
        self._check_open(message.channel)
        self._reactions.add(message, emoji, person)

    def edit(self, person: Person, message: Message, content: str) -> None:
        """Change the text of one's own message."""
        if message.author is not person:
            raise ActError("Only its author can edit a message.")
        if not content and not message.uploads:
            raise ActError("An empty message cannot be sent.")
        self._check_open(message.channel)
        fill(message, now=self._chat.world.clock.now(), content=content)
        message.mentions = self._chat.mentioned(message, None)
        self._chat.edited(message)

    def dismiss(self, person: Person, message: Message) -> None:
        """Send away what only this person sees. The bot is not told, and its later edits stay unseen."""
        if message.only_for != person.id:
            raise ActError("Only one's own ephemeral messages can be dismissed.")
        self._chat.gone(message)
        message.dismissed = True

    def type(self, person: Person, channel: Channel) -> None:
        """Be seen typing."""
        if not has(channel, person.id, Permission.SEND_MESSAGES):
            raise ActError(f"{person.display} may not write in {channel.name}.")
        self._chat.typing(channel, person)

    def _check_sees(self, person: Person, message: Message) -> None:
        if not sees(message, person.id):
            raise ActError(f"{person.display} does not see that message.")

    def _check_open(self, channel: Channel) -> None:
        if channel.thread is not None and channel.thread.archived:
            raise ActError(f"{channel.name} is archived: write in it first.")
