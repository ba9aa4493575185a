"""Who looks at a gallery, and where; what names an entry in a button."""

from __future__ import annotations

from typing import Any

import discord

from bot.entry import Visitor
from bot.errors import UserError
from bot.views.asking import restricted
from engine.sentences import mark

NO_SERVER = mark("Galleries belong to servers: do this in a server's channel.")


def visitor_of(interaction: discord.Interaction[Any]) -> Visitor:
    """Return who acts, and what they may see and do here, as Discord says now. Raises UserError outside of servers."""
    if interaction.guild_id is None:
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
