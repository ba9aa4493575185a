"""Who looks at a gallery, and where; what names an entry in a button."""

from __future__ import annotations

import re
from typing import Any

import discord

from bot.entry import Visitor
from bot.errors import UserError
from bot.gallery.service import GONE
from bot.views.asking import restricted
from bot.views.lasting import chosen
from engine.sentences import mark

NO_SERVER = mark("Galleries belong to servers that I am in: do this in a channel of one.")

_NUMBER = re.compile(r"[0-9]{1,18}")
_ENTRY = re.compile(r"gallery\s*#\s*(?P<id>[0-9]{1,18})", re.IGNORECASE)


def visitor_of(interaction: discord.Interaction[Any]) -> Visitor:
    """Return who acts, and what they may see and do here, as Discord says now.

    Raises UserError outside of the servers that the bot is in: where a person brings it along, it has no gallery.
    """
    if interaction.guild_id is None or interaction.client.get_guild(interaction.guild_id) is None:
        raise UserError(NO_SERVER)
    return Visitor(
        guild_id=interaction.guild_id,
        person_id=interaction.user.id,
        moderates=interaction.permissions.manage_messages,
        restricted=restricted(interaction),
    )


def custom_id(act: str, entry_id: int) -> str:
    """Return the custom_id of a button about an entry."""
    return f"oneiros:gallery:{act}:{entry_id}"


def template(act: str) -> str:
    """Return the pattern of such custom_ids, with the entry's id as ``id``."""
    return rf"oneiros:gallery:{act}:(?P<id>[0-9]{{1,18}})"


def entry_chosen(select: discord.ui.Select[Any]) -> int:
    """Return the id of the entry that was chosen, which can be forged. Raises UserError."""
    value = chosen(select)
    if not _NUMBER.fullmatch(value):
        raise UserError(GONE)
    return int(value)


def entry_named(text: str) -> int | None:
    """Return the id of the entry that is named in the place of a preset, as ``gallery #12``; None for other names."""
    found = _ENTRY.fullmatch(text.strip())
    return None if found is None else int(found["id"])
