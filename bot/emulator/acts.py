"""What people do: run commands, use menus, press, choose, submit, and write. Only what Discord's client would offer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.emulator.bodies import FilePart
from bot.emulator.chat import Chat
from bot.emulator.checks.commands import CHAT_INPUT, MESSAGE, USER
from bot.emulator.checks.options import NESTING
from bot.emulator.choosing import Choosing
from bot.emulator.components import SELECTS, find
from bot.emulator.errors import ActError
from bot.emulator.files import Files
from bot.emulator.filling import fill_modal, fill_options, fill_partly
from bot.emulator.model import Channel, Interaction, Json, Kind, Message, Person, State
from bot.emulator.offers import installed, owners_of, refusal, registered
from bot.emulator.permissions import Permission, has, sees

MAX_CONTENT = 2000
REPLY = 19  # the message type


class Acts:
    """The people's side of the chat. Every act raises ActError where Discord's client would not offer it."""

    def __init__(self, chat: Chat, files: Files) -> None:
        self._chat = chat
        self._world = chat.world
        self._files = files

    def write(
        self,
        person: Person,
        channel: Channel,
        content: str,
        parts: Mapping[str, FilePart],
        reply_to: Message | None = None,
    ) -> Message:
        """Post a message of a person's own, if need be as the answer to another."""
        self._check_place(person, channel, Permission.SEND_MESSAGES)
        if parts:
            self._check_place(person, channel, Permission.ATTACH_FILES)
        if not content.strip() and not parts:
            raise ActError("An empty message cannot be sent.")
        if len(content) > MAX_CONTENT:
            raise ActError(f"A message has at most {MAX_CONTENT} characters; this one has {len(content)}.")
        world = self._world
        message = Message(world.ids.new(), channel, person, world.clock.now(), content=content)
        message.uploads = [self._files.add(channel, part.filename, part.data) for part in parts.values()]
        message.mentions = self._chat.mentioned(message, None)
        if reply_to is not None:
            self._answer(person, message, reply_to)
        self._chat.post(message)
        return message

    def run(
        self, person: Person, channel: Channel, words: str, options: Json, parts: Mapping[str, FilePart]
    ) -> Interaction:
        """Run a slash command: ``words`` is its name or id, with its subcommand if any; files come by option name."""
        command, leaf, holders = self._slash(person, channel, words)
        choosing = Choosing(self._world, self._files, person, channel)
        given = _held(fill_options(leaf, options, parts, choosing), holders)
        data = _data(command, choosing, **({"options": given} if given else {}))
        return self._begin(Kind.COMMAND, person, channel, data, command=command, name=_path(command, holders))

    def complete(self, person: Person, channel: Channel, words: str, options: Json, focused: str) -> Interaction:
        """Ask for suggestions for the option ``focused`` of a slash command that is being written."""
        command, leaf, holders = self._slash(person, channel, words)
        given = _held(fill_partly(leaf, options, focused), holders)
        data = _data(command, None, options=given)
        return self._begin(Kind.AUTOCOMPLETE, person, channel, data, command=command, name=_path(command, holders))

    def use_on_message(self, person: Person, message: Message, name: str) -> Interaction:
        """Run a command of a message's menu; its target comes with its text and pictures."""
        command = self._command(person, message.channel, name, MESSAGE)
        self._check_sees(person, message)
        if message.only_for is not None:
            raise ActError("An ephemeral message has no commands in its menu.")
        choosing = Choosing(self._world, self._files, person, message.channel)
        data = _data(command, choosing, target_id=choosing.message(message))
        return self._begin(Kind.COMMAND, person, message.channel, data, command=command, name=command["name"])

    def use_on_user(self, person: Person, user: Person, channel: Channel, name: str) -> Interaction:
        """Run a command of a user's menu."""
        command = self._command(person, channel, name, USER)
        choosing = Choosing(self._world, self._files, person, channel)
        data = _data(command, choosing, target_id=choosing.user(user.id))
        return self._begin(Kind.COMMAND, person, channel, data, command=command, name=command["name"])

    def press(self, person: Person, message: Message, custom_id: str, values: list[str] | None) -> Interaction:
        """Press a button, or choose ``values`` in a select: texts of a string select, else names or ids."""
        channel = message.channel
        self._check_sees(person, message)
        if message.loading:
            raise ActError("The message is not there yet.")
        component = find(message.components, custom_id)
        if component is None:
            raise ActError(f"The message has no component {custom_id!r}.")
        if component.get("disabled"):
            raise ActError(f"{custom_id!r} is disabled.")
        data: Json = {"custom_id": custom_id, "component_type": component["type"], "id": component["id"]}
        if component["type"] in SELECTS:
            choosing = Choosing(self._world, self._files, person, channel)
            data["values"] = choosing.select(component, values or [], least=component["min_values"])
            if choosing.resolved:
                data["resolved"] = choosing.resolved
        elif values is not None:
            raise ActError(f"{custom_id!r} is no select.")
        name = str(component.get("label") or component.get("placeholder") or custom_id)
        return self._begin(Kind.COMPONENT, person, channel, data, name=name, source=message)

    def submit(self, person: Person, opened: Interaction, values: Json, parts: Mapping[str, FilePart]) -> Interaction:
        """Submit the modal that ``opened`` was answered with. Files come by custom id, further ones as ``id#1``."""
        modal = opened.modal
        if modal is None or opened.person is not person or opened.state is not State.MODAL:
            raise ActError("This person has no such modal open.")
        choosing = Choosing(self._world, self._files, person, opened.channel)
        components = [fill_modal(one, values, parts, choosing) for one in modal["components"]]
        data: Json = {"custom_id": modal["custom_id"], "components": components}
        if choosing.resolved:
            data["resolved"] = choosing.resolved
        self._chat.settle(opened, State.ANSWERED)
        more = {"name": modal["title"], "source": opened.source, "parent": opened}
        return self._begin(Kind.MODAL, person, opened.channel, data, **more)

    def _begin(
        self, kind: Kind, person: Person, channel: Channel, data: Json, *, command: Json | None = None, **more: Any
    ) -> Interaction:
        owners = self._owners(person, channel, command, more.get("parent"), more.get("source"))
        interaction = self._world.new_interaction(kind, person, channel, data, owners=owners, **more)
        self._chat.begin(interaction)
        return interaction

    def _owners(
        self,
        person: Person,
        channel: Channel,
        command: Json | None,
        parent: Interaction | None,
        source: Message | None,
    ) -> dict[str, str]:
        """Return by whose installation an act is possible: a message's parts, by that of who had it made."""
        if command is not None:
            return owners_of(command, person, channel, self._world)
        earlier = parent or (source.interaction if source is not None else None)
        return earlier.owners if earlier is not None else installed(self._world.bot, channel, self._world)

    def _slash(self, person: Person, channel: Channel, words: str) -> tuple[Json, Json, list[Json]]:
        """Return a slash command, what of it takes the options, and the groups and subcommands on the way there."""
        name, *path = words.removeprefix("/").split() or [""]
        command = self._command(person, channel, name, CHAT_INPUT)
        leaf, holders = command, []
        for word in path:
            leaf = _inner(leaf, word)
            holders.append(leaf)
        if any(one["type"] in NESTING for one in leaf.get("options", [])):
            raise ActError(f"/{words.removeprefix('/')} needs a subcommand.")
        return command, leaf, holders

    def _command(self, person: Person, channel: Channel, name: str, kind: int) -> Json:
        """Return the command of that name or id; of two of a name the guild's, unless only the other is offered."""
        commands = registered(channel, self._world)
        named = [one for one in commands if one["type"] == kind and name in {one["name"], one["id"]}]
        if not named:
            raise ActError(f"There is no command {name!r}.")
        reasons = [refusal(one, person, channel, self._world) for one in named]
        if None not in reasons:
            raise ActError(str(reasons[0]))
        return named[reasons.index(None)]

    def _check_place(self, person: Person, channel: Channel, needed: Permission) -> None:
        if not has(channel, person.id, needed):
            raise ActError(f"{person.display} may not do that in {channel.name}.")

    def _check_sees(self, person: Person, message: Message) -> None:
        if not sees(message, person.id):
            raise ActError(f"{person.display} does not see that message.")

    def _answer(self, person: Person, message: Message, target: Message) -> None:
        self._check_sees(person, target)
        self._check_place(person, message.channel, Permission.READ_MESSAGE_HISTORY)
        if target.channel is not message.channel:
            raise ActError("A reply is written in the channel of what it answers.")
        if target.only_for is not None:
            raise ActError("An ephemeral message cannot be answered.")
        message.kind, message.reply_to = REPLY, target.id
        # A reply to an answered interaction mentions nobody (discord/discord-api-docs #5395).
        if target.interaction is None and target.author not in (person, *message.mentions):
            message.mentions.append(target.author)


def _data(command: Json, choosing: Choosing | None, **more: Any) -> Json:
    data: Json = {"id": command["id"], "name": command["name"], "type": command["type"], **more}
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    if choosing is not None and choosing.resolved:
        data["resolved"] = choosing.resolved
    return data


def _held(given: list[Json], holders: list[Json]) -> list[Json]:
    for holder in reversed(holders):
        given = [{"name": holder["name"], "type": holder["type"], "options": given}]
    return given


def _path(command: Json, holders: list[Json]) -> str:
    return " ".join(one["name"] for one in (command, *holders))


def _inner(command: Json, word: str) -> Json:
    for option in command.get("options", []):
        if option["name"] == word and option["type"] in NESTING:
            return dict(option)
    raise ActError(f"{command['name']} has no subcommand {word!r}.")
