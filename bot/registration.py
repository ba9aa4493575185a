"""Registering the commands with Discord, which limits how often: once for each change, whoever starts."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable
from typing import Any

from discord import app_commands

from bot.store.registrations import Registrations

log = logging.getLogger(__name__)


async def register(
    tree: app_commands.CommandTree[Any], application_id: int, registrations: Registrations
) -> list[app_commands.AppCommand]:
    """Register the tree's commands unless these very ones are registered, by whichever process.

    Returns them as Discord knows them. They are asked for first: a note of ours says nothing of an application that was
    reset meanwhile.
    """
    commands = await payloads(tree)
    async with registrations.turn():
        there = await tree.fetch_commands()
        if await registrations.digest(application_id) == _digest(commands, there):
            return there
        made = await tree.sync()
        await registrations.note(application_id, _digest(commands, made))
    log.info("registered %s commands", len(made))
    return made


async def payloads(tree: app_commands.CommandTree[Any]) -> list[dict[str, Any]]:
    """Return what Discord is told of each command, in every language."""
    if tree.translator is None:
        return [command.to_dict(tree) for command in tree.get_commands()]
    return [await command.get_translated_payload(tree, tree.translator) for command in tree.get_commands()]


def _digest(commands: list[dict[str, Any]], registered: Iterable[app_commands.AppCommand]) -> str:
    """Return what tells these commands, under the ids that Discord has given them, from all others."""
    text = json.dumps([commands, sorted(one.id for one in registered)], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
