"""What people do: run commands, use a message's menu, press, choose, submit, and write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.emulator.bodies import FilePart
from bot.emulator.chat import Chat
from bot.emulator.components import SELECTS, Type, find
from bot.emulator.files import Files
from bot.emulator.model import Channel, Interaction, Json, Kind, Message, Person, State, Upload
from bot.emulator.permissions import Permission, has, permissions_in, sees
from bot.emulator.shapes import messages as message_shapes
from bot.emulator.shapes import people

SUBCOMMANDS = {1, 2}
STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = 3, 4, 5, 6, 7, 8, 9, 10, 11
GUILD_CONTEXT, DIRECT_CONTEXT = 0, 1


class ActError(Exception):
    """A person cannot do this; Discord's client would not offer it. The text says why."""


class Acts:
    """The people's side of the chat."""

    def __init__(self, chat: Chat, files: Files) -> None:
        self._chat = chat
        self._world = chat.world
        self._files = files

    def write(self, person: Person, channel: Channel, content: str, parts: Mapping[str, FilePart]) -> Message:
        """Post a message of a person's own."""
        self._check_place(person, channel, Permission.SEND_MESSAGES)
        if not content and not parts:
            raise ActError("An empty message cannot be sent.")
        world = self._world
        message = Message(world.ids.new(), channel, person, world.clock.now(), content=content)
        message.uploads = [self._files.add(channel, part.filename, part.data) for part in parts.values()]
        message.mentions = self._chat.mentioned(message, None)
        self._chat.post(message)
        return message

    def run(
        self, person: Person, channel: Channel, words: str, options: Json, parts: Mapping[str, FilePart]
    ) -> Interaction:
        """Run a slash command: ``words`` is its name, with its subcommand if it has one; files come by option name."""
        name, *path = words.removeprefix("/").split()
        command = self._command(name, 1)
        self._check_command(person, channel, command)
        leaf, holders = command, []
        for word in path:
            leaf = _inner(leaf, word)
            holders.append(leaf)
        if any(one["type"] in SUBCOMMANDS for one in leaf.get("options", [])):
            raise ActError(f"/{words} needs a subcommand.")
        resolved: Json = {}
        given = self._options(leaf, options, parts, channel, resolved)
        for holder in reversed(holders):
            given = [{"name": holder["name"], "type": holder["type"], "options": given}]
        data: Json = {"id": command["id"], "name": command["name"], "type": 1, "options": given}
        if resolved:
            data["resolved"] = resolved
        return self._begin(Kind.COMMAND, person, channel, data, name=" ".join([name, *path]))

    def menu(self, person: Person, message: Message, name: str) -> Interaction:
        """Run a command of a message's menu; its target comes with its text and pictures."""
        command = self._command(name, 3)
        self._check_command(person, message.channel, command)
        self._check_sees(person, message)
        data = {
            "id": command["id"],
            "name": command["name"],
            "type": 3,
            "target_id": str(message.id),
            "resolved": {"messages": {str(message.id): self._chat.shape(message)}},
        }
        return self._begin(Kind.COMMAND, person, message.channel, data, name=name)

    def press(self, person: Person, message: Message, custom_id: str, values: list[str] | None) -> Interaction:
        """Press a button, or choose ``values`` in a select."""
        self._check_place(person, message.channel, Permission.VIEW_CHANNEL)
        self._check_sees(person, message)
        component = find(message.components, custom_id)
        if component is None:
            raise ActError(f"The message has no component {custom_id!r}.")
        if component.get("disabled"):
            raise ActError(f"{custom_id!r} is disabled.")
        data: Json = {"custom_id": custom_id, "component_type": component["type"], "id": component["id"]}
        if component["type"] in SELECTS:
            data["values"] = self._chosen(component, values or [])
        elif values is not None:
            raise ActError(f"{custom_id!r} is no select.")
        name = str(component.get("label") or component.get("placeholder") or custom_id)
        return self._begin(Kind.COMPONENT, person, message.channel, data, name=name, source=message)

    def submit(self, person: Person, opened: Interaction, values: Json, parts: Mapping[str, FilePart]) -> Interaction:
        """Submit the modal that ``opened`` was answered with."""
        modal = opened.modal
        if modal is None or opened.person is not person or opened.state is not State.MODAL:
            raise ActError("This person has no such modal open.")
        resolved: Json = {}
        components = [self._filled(one, values, parts, opened.channel, resolved) for one in modal["components"]]
        data: Json = {"custom_id": modal["custom_id"], "components": components}
        if resolved:
            data["resolved"] = resolved
        self._chat.settle(opened, State.ANSWERED)
        return self._begin(
            Kind.MODAL, person, opened.channel, data, name=modal["title"], source=opened.source, parent=opened
        )

    def _begin(self, kind: Kind, person: Person, channel: Channel, data: Json, **more: Any) -> Interaction:
        interaction = self._world.new_interaction(kind, person, channel, data, **more)
        self._chat.begin(interaction)
        return interaction

    def _command(self, name: str, kind: int) -> Json:
        for command in self._world.commands.values():
            if command["name"] == name and command["type"] == kind:
                return command
        raise ActError(f"There is no command {name!r}.")

    def _check_command(self, person: Person, channel: Channel, command: Json) -> None:
        self._check_place(person, channel, Permission.USE_APPLICATION_COMMANDS)
        context = GUILD_CONTEXT if channel.guild is not None else DIRECT_CONTEXT
        if context not in (command["contexts"] or [GUILD_CONTEXT, DIRECT_CONTEXT]):
            raise ActError(f"{command['name']} cannot be used here.")
        if command["nsfw"] and not channel.nsfw and channel.guild is not None:
            raise ActError(f"{command['name']} can only be used in an age-restricted channel.")
        needed = int(command["default_member_permissions"] or 0)
        if channel.guild is not None and permissions_in(channel, person.id) & needed != needed:
            raise ActError(f"{person.display} may not use {command['name']}.")

    def _check_place(self, person: Person, channel: Channel, needed: Permission) -> None:
        if not has(channel, person.id, needed):
            raise ActError(f"{person.display} may not do that in {channel.name}.")

    def _check_sees(self, person: Person, message: Message) -> None:
        if not sees(message, person.id):
            raise ActError(f"{person.display} does not see that message.")

    def _options(
        self, leaf: Json, options: Json, parts: Mapping[str, FilePart], channel: Channel, resolved: Json
    ) -> list[Json]:
        known = {one["name"]: one for one in leaf.get("options", [])}
        for name in (*options, *parts):
            if name not in known:
                raise ActError(f"{leaf['name']} has no option {name!r}.")
        given = []
        for name, option in known.items():
            if name in parts:
                upload = self._keep(parts[name], channel, resolved)
                given.append({"name": name, "type": ATTACHMENT, "value": str(upload.id)})
            elif name in options:
                value = self._value(option, options[name], resolved, channel)
                given.append({"name": name, "type": option["type"], "value": value})
            elif option.get("required"):
                raise ActError(f"The option {name!r} is required.")
        return given

    def _keep(self, part: FilePart, channel: Channel, resolved: Json) -> Upload:
        upload = self._files.add(channel, part.filename, part.data, ephemeral=True)
        resolved.setdefault("attachments", {})[str(upload.id)] = message_shapes.upload(upload, self._files)
        return upload

    def _value(self, option: Json, value: Any, resolved: Json, channel: Channel) -> Any:
        try:
            converted = _CONVERTERS[option["type"]](value)
        except (KeyError, ValueError, TypeError) as error:
            raise ActError(f"{value!r} does not fit the option {option['name']!r}.") from error
        choices = [choice["value"] for choice in option.get("choices", [])]
        low, high = option.get("min_value"), option.get("max_value")
        outside = (low is not None and converted < low) or (high is not None and converted > high)
        if (choices and converted not in choices) or outside:
            raise ActError(f"{value!r} does not fit the option {option['name']!r}.")
        if option["type"] in {USER, MENTIONABLE} and channel.guild is not None:
            member = channel.guild.members.get(int(converted))
            if member is None:
                raise ActError(f"Nobody here has the id {converted}.")
            shape = people.member(member)
            resolved.setdefault("users", {})[converted] = shape.pop("user")
            resolved.setdefault("members", {})[converted] = shape
        return converted

    def _chosen(self, select: Json, values: list[str]) -> list[str]:
        if not select["min_values"] <= len(values) <= select["max_values"]:
            raise ActError(f"Choose {select['min_values']} to {select['max_values']}.")
        offered = {option["value"] for option in select.get("options", [])}
        if select["type"] == Type.STRING_SELECT and not set(values) <= offered:
            raise ActError("That is not among the choices.")
        return values

    def _filled(self, one: Json, values: Json, parts: Mapping[str, FilePart], channel: Channel, resolved: Json) -> Json:
        """Return a modal's component as it is submitted: with what the person put in."""
        shape: Json = {"type": one["type"], "id": one.get("id") or 0}
        if one["type"] == Type.LABEL:
            return shape | {"component": self._filled(one["component"], values, parts, channel, resolved)}
        if one["type"] == Type.ACTION_ROW:
            inner = [self._filled(each, values, parts, channel, resolved) for each in one["components"]]
            return shape | {"components": inner}
        if one["type"] == Type.TEXT_DISPLAY:
            return shape
        custom_id = one["custom_id"]
        shape["custom_id"] = custom_id
        if one["type"] == Type.TEXT_INPUT:
            value = str(values.get(custom_id, one.get("value") or ""))
            if not value and one.get("required") is not False:
                raise ActError(f"{custom_id!r} is required.")
            if not (one.get("min_length") or 0) <= len(value) <= (one.get("max_length") or 4000) and value:
                raise ActError(f"{custom_id!r} has the wrong length.")
            return shape | {"value": value}
        if one["type"] == Type.FILE_UPLOAD:
            files = [part for name, part in parts.items() if name.split("#")[0] == custom_id]
            if not files and one.get("required") is not False:
                raise ActError(f"{custom_id!r} needs a file.")
            return shape | {"values": [str(self._keep(part, channel, resolved).id) for part in files]}
        return shape | {"values": list(values.get(custom_id, []))}


def _inner(command: Json, word: str) -> Json:
    for option in command.get("options", []):
        if option["name"] == word and option["type"] in SUBCOMMANDS:
            return dict(option)
    raise ActError(f"{command['name']} has no subcommand {word!r}.")


def _whole(value: Any) -> int:
    if isinstance(value, bool) or int(value) != float(value):
        raise ValueError(value)
    return int(value)


def _truth(value: Any) -> bool:
    return {True: True, False: False, "true": True, "false": False}[value]


_CONVERTERS: Mapping[int, Any] = {
    STRING: str,
    INTEGER: _whole,
    BOOLEAN: _truth,
    USER: str,
    CHANNEL: str,
    ROLE: str,
    MENTIONABLE: str,
    NUMBER: float,
}
