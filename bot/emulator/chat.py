"""The one place that changes what is in the chat, and tells the gateway and everybody who watches."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from functools import partial

from bot.emulator.components import walk
from bot.emulator.files import Files
from bot.emulator.herald import Herald
from bot.emulator.model import LOADING, Channel, Interaction, Json, Kind, Message, Person, State, Upload
from bot.emulator.permissions import Permission, has, sees
from bot.emulator.session import Intent, Session
from bot.emulator.shapes import guilds as guild_shapes
from bot.emulator.shapes import interactions as interaction_shapes
from bot.emulator.shapes import messages as message_shapes
from bot.emulator.shapes import people
from bot.emulator.threads import Threads

ACKNOWLEDGE_WITHIN_S = 3.0
EXCERPT_CHARACTERS = 100  # of a message that is replied to
_MENTION = re.compile(r"<@!?([0-9]+)>")
_HIDDEN: Json = {"content": "", "attachments": [], "embeds": [], "components": []}


class Chat:
    """Creates, edits and deletes messages, and moves interactions from state to state."""

    def __init__(self, herald: Herald, threads: Threads, files: Files) -> None:
        self.world = herald.world
        self.herald = herald
        self.threads = threads
        self._gateway = herald.gateway
        self._feed = herald.feed
        self._files = files
        self._deadlines: dict[int, asyncio.TimerHandle] = {}

    def post(self, message: Message) -> None:
        """Put a new message into its channel."""
        message.channel.messages[message.id] = self.world.messages[message.id] = message
        self.threads.note(message)
        self._tell_message("MESSAGE_CREATE", "message_create", message)

    def edited(self, message: Message, dropped: Iterable[Upload] = ()) -> None:
        """Tell that a message was edited; ``dropped`` uploads are no longer part of it."""
        for upload in dropped:
            self._files.let_go(upload)
        self._tell_message("MESSAGE_UPDATE", "message_update", message)

    def show(self, message: Message) -> None:
        """Tell those who see a message how it looks now: the bot has heard it in other words."""
        self._feed.add("message_update", {"message": self.seen(message)}, seen_by=partial(sees, message))

    def delete(self, *messages: Message) -> None:
        """Remove messages of one channel and let go of their uploads; several are told to the bot as one."""
        for message in messages:
            del message.channel.messages[message.id], self.world.messages[message.id]
            for upload in message.uploads:
                self._files.let_go(upload)
        told = [str(message.id) for message in messages if message.only_for is None]
        if len(messages) > 1:
            self.herald.in_channel("MESSAGE_DELETE_BULK", messages[0].channel, {"ids": told})
        elif told:
            self.herald.in_channel("MESSAGE_DELETE", messages[0].channel, {"id": told[0]})
        for message in messages:
            self.gone(message)

    def gone(self, message: Message) -> None:
        """Tell those who saw a message that it is no longer there."""
        ids = {"id": str(message.id), "channel_id": str(message.channel.id)}
        if message.channel.guild is not None:
            ids["guild_id"] = str(message.channel.guild.id)
        self._feed.add("message_delete", ids, seen_by=partial(sees, message))

    def pin(self, message: Message, *, pinned: bool) -> None:
        """Pin a message to its channel, or take it off."""
        message.pinned = self.world.clock.now() if pinned else None
        last = {"last_pin_timestamp": guild_shapes.last_pin(message.channel)}
        self.herald.in_channel("CHANNEL_PINS_UPDATE", message.channel, last)
        self.edited(message)

    def typing(self, channel: Channel, person: Person) -> None:
        """Tell that somebody is typing."""
        told: Json = {"user_id": str(person.id), "timestamp": int(self.world.clock.now())}
        if channel.guild is not None and person.id in channel.guild.members:
            told["member"] = people.member(channel.guild.members[person.id])
        self.herald.in_channel("TYPING_START", channel, told)
        self.herald.to_watchers("typing", channel, {"channel_id": str(channel.id), "person_id": str(person.id)})

    def shape(self, message: Message) -> Json:
        """Return a message as its author, or REST with all rights, sees it."""
        return message_shapes.message(message, self.world, self._files)

    def shape_for_bot(self, message: Message, *, with_content: bool) -> Json:
        """Return a message as the bot sees it: other people's words and pictures only with the intent for it."""
        shape = self.shape(message)
        answered = shape.get("referenced_message")
        if answered is not None and not self._is_plain(self.world.messages[int(answered["id"])], with_content):
            shape["referenced_message"] = answered | _HIDDEN
        return shape if self._is_plain(message, with_content) else shape | _HIDDEN

    def seen(self, message: Message) -> Json:
        """Return a message as a watching person sees it: with all its files, who alone may see it, and what made it."""
        shape = message_shapes.message(message, self.world, self._files, deep=False)
        shape["attachments"] = [message_shapes.upload(one, self._files) for one in message.uploads]
        shape["author"]["display"] = message.author.display
        shape["only_for"] = str(message.only_for) if message.only_for is not None else None
        shape["thread_id"] = shape.pop("thread", {"id": None})["id"]
        shape["reply_to"] = self._excerpt(message.reply_to)
        shape["reactions"] = [
            one | {"people": [str(who) for who in message.reactions[one["emoji"]["name"]]]}
            for one in shape.get("reactions", [])
        ]
        if message.interaction is not None:
            shape["from_interaction"] = self.interaction(message.interaction)
        return shape

    def interaction(self, of: Interaction) -> Json:
        """Return an interaction as the control API shows it."""
        return {
            "id": str(of.id),
            "kind": of.kind.name.lower(),
            "name": of.name,
            "menu": of.data.get("target_id") is not None,
            "state": of.state,
            "channel_id": str(of.channel.id),
            "person": {"id": str(of.person.id), "display": of.person.display},
            "message_id": str(of.original.id) if of.original is not None else None,
            "source_id": str(of.source.id) if of.source is not None else None,
            "custom_id": of.data.get("custom_id"),
            "modal": of.modal,
        }

    def begin(self, interaction: Interaction) -> None:
        """Send an interaction to the bot, and give it three seconds."""
        event = interaction_shapes.interaction(interaction, self.world, self._files)
        self._gateway.publish("INTERACTION_CREATE", lambda _: True, lambda _: event)
        self._tell_interaction(interaction)
        loop = asyncio.get_running_loop()
        self._deadlines[interaction.id] = loop.call_later(ACKNOWLEDGE_WITHIN_S, self._miss, interaction)

    def settle(self, interaction: Interaction, state: State) -> None:
        """Note what became of an interaction, and tell it."""
        timer = self._deadlines.pop(interaction.id, None)
        if timer is not None:
            timer.cancel()
        interaction.state = state
        interaction.settled.set()
        self._tell_interaction(interaction)

    def look_at_the_clock(self) -> None:
        """Let the interactions fail whose three seconds a moved clock has ended."""
        for number in list(self._deadlines):
            interaction = self.world.interactions[number]
            if self.is_late(interaction):
                self._miss(interaction)

    def is_late(self, interaction: Interaction) -> bool:
        """Tell whether an interaction can no longer be acknowledged."""
        return self.world.clock.now() - interaction.created > ACKNOWLEDGE_WITHIN_S

    def mentioned(self, message: Message, allowed: Json | None) -> list[Person]:
        """Return the people whom a message's text mentions and who are told, by ``allowed_mentions``."""
        parse = (allowed or {}).get("parse", ["users"] if allowed is None else [])
        listed = {str(number) for number in (allowed or {}).get("users") or []}
        texts = [message.content, *(one.get("content", "") for _, one in walk(message.components))]
        found = dict.fromkeys(number for text in texts for number in _MENTION.findall(text))
        return [
            self.world.people[int(number)]
            for number in found
            if int(number) in self.world.people and ("users" in parse or number in listed)
        ]

    def close(self) -> None:
        """Stop the timers."""
        for timer in self._deadlines.values():
            timer.cancel()
        self._deadlines.clear()

    def _is_plain(self, message: Message, with_content: bool) -> bool:
        bot = self.world.bot
        return with_content or message.author is bot or message.channel.guild is None or bot in message.mentions

    def _excerpt(self, number: int | None) -> Json | None:
        answered = self.world.message(number) if number is not None else None
        if answered is None:
            return None
        return {
            "id": str(answered.id),
            "author": answered.author.display,
            "excerpt": answered.content[:EXCERPT_CHARACTERS],
        }

    def _miss(self, interaction: Interaction) -> None:
        if interaction.state is State.WAITING:
            self.settle(interaction, State.FAILED)

    def _sees(self, channel: Channel) -> Callable[[Session], bool]:
        may = has(channel, self.world.bot.id, Permission.VIEW_CHANNEL)
        return lambda _: may

    def _tell_message(self, event: str, change: str, message: Message) -> None:
        if message.only_for is None:
            place: Json = {}
            guild = message.channel.guild
            if guild is not None:
                place = {"guild_id": str(guild.id)}
                if message.interaction is None and message.author.id in guild.members:
                    member = people.member(guild.members[message.author.id])
                    place["member"] = {key: value for key, value in member.items() if key != "user"}
            self._gateway.publish(
                event,
                self._sees(message.channel),
                lambda session: (
                    self.shape_for_bot(message, with_content=bool(session.intents & Intent.MESSAGE_CONTENT)) | place
                ),
            )
        self._feed.add(change, {"message": self.seen(message)}, seen_by=partial(sees, message))

    def _tell_interaction(self, interaction: Interaction) -> None:
        if interaction.kind is Kind.AUTOCOMPLETE:
            return  # nobody is shown that suggestions are asked for
        body = {"interaction": self.interaction(interaction)}
        self._feed.add("interaction", body, seen_by=lambda viewer_id: viewer_id == interaction.person.id)


def fill(message: Message, *, now: float, uploads: list[Upload] | None = None, **parts: object) -> list[Upload]:
    """Write an edit's parts into a message and return the uploads that it no longer holds.

    What an edit does not name stays. An answer to "thinking…" is no edit to a person: it shows no mark.
    """
    for name, value in parts.items():
        setattr(message, name, value)
    message.edited = None if message.loading else now
    message.flags &= ~LOADING
    if uploads is None:
        return []
    dropped = [upload for upload in message.uploads if upload not in uploads]
    message.uploads = uploads
    return dropped
