"""The one place that changes what is in the chat, and tells the gateway and everybody who watches."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from functools import partial

from bot.emulator.components import walk
from bot.emulator.feed import Feed
from bot.emulator.files import Files
from bot.emulator.gateway import Gateway
from bot.emulator.model import LOADING, Channel, Interaction, Json, Kind, Message, Person, State, Upload
from bot.emulator.permissions import Permission, has, sees
from bot.emulator.session import Intent, Session
from bot.emulator.shapes import interactions as interaction_shapes
from bot.emulator.shapes import messages as message_shapes
from bot.emulator.shapes import people
from bot.emulator.world import World

ACKNOWLEDGE_WITHIN_S = 3.0
_MENTION = re.compile(r"<@!?([0-9]+)>")
_HIDDEN: Json = {"content": "", "attachments": [], "embeds": [], "components": []}


class Chat:
    """Creates, edits and deletes messages, and moves interactions from state to state."""

    def __init__(self, world: World, gateway: Gateway, feed: Feed, files: Files) -> None:
        self.world = world
        self._gateway = gateway
        self._feed = feed
        self._files = files
        self._deadlines: dict[int, asyncio.TimerHandle] = {}

    def post(self, message: Message) -> None:
        """Put a new message into its channel."""
        message.channel.messages[message.id] = self.world.messages[message.id] = message
        self._tell_message("MESSAGE_CREATE", "message_create", message)

    def edited(self, message: Message, dropped: Iterable[Upload] = ()) -> None:
        """Tell that a message was edited; ``dropped`` uploads are no longer part of it."""
        for upload in dropped:
            self._files.let_go(upload)
        self._tell_message("MESSAGE_UPDATE", "message_update", message)

    def delete(self, message: Message) -> None:
        """Remove a message and let go of its uploads."""
        del message.channel.messages[message.id], self.world.messages[message.id]
        for upload in message.uploads:
            self._files.let_go(upload)
        event = {"id": str(message.id), "channel_id": str(message.channel.id)}
        if message.channel.guild is not None:
            event["guild_id"] = str(message.channel.guild.id)
        if message.only_for is None:
            self._gateway.publish("MESSAGE_DELETE", self._sees(message.channel), lambda _: event)
        self._feed.add("message_delete", event, seen_by=partial(sees, message))

    def shape(self, message: Message) -> Json:
        """Return a message as its author, or REST with all rights, sees it."""
        return message_shapes.message(message, self.world, self._files)

    def shape_for_bot(self, message: Message, *, with_content: bool) -> Json:
        """Return a message as the bot sees it: other people's words and pictures only with the intent for it."""
        shape = self.shape(message)
        bot = self.world.bot
        plain = with_content or message.author is bot or message.channel.guild is None or bot in message.mentions
        return shape if plain else shape | _HIDDEN

    def seen(self, message: Message) -> Json:
        """Return a message as a watching person sees it: with all its files, who alone may see it, and what made it."""
        shape = self.shape(message)
        shape["attachments"] = [message_shapes.upload(one, self._files) for one in message.uploads]
        shape["author"]["display"] = message.author.display
        shape["only_for"] = str(message.only_for) if message.only_for is not None else None
        if message.interaction is not None:
            shape["from_interaction"] = self.interaction(message.interaction)
        return shape

    def interaction(self, of: Interaction) -> Json:
        """Return an interaction as the control API shows it."""
        return {
            "id": str(of.id),
            "kind": of.kind.name.lower(),
            "name": of.name,
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
