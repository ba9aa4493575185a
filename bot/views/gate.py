"""Who may act at all: asked before any command, button or form does anything."""

from __future__ import annotations

from typing import Any

import discord

from bot.floods import Actor
from bot.views.host import host_of

Interaction = discord.Interaction[Any]

PRIVACY = "privacy"  # the command; what is held on somebody stays theirs, whoever is shut out


def let_in(interaction: Interaction) -> None:
    """Let somebody act. Raises UserError.

    FloodError where too much is done at once; else, where whoever runs the bot has shut them, or the server, out.
    """
    host = host_of(interaction)
    typing = interaction.type is discord.InteractionType.autocomplete
    host.floods.check(Actor(interaction.user.id, interaction.guild_id), typing=typing)
    if _is_about_privacy(interaction):
        return
    host.admin.check(
        interaction.user.id, interaction.guild_id, operators_of(interaction.client, host.settings.operators)
    )


def operators_of(client: discord.Client, named: frozenset[int]) -> tuple[str, ...]:
    """Mention those who run the bot: whom the settings name, else whom Discord knows as its owner or team."""
    ids = sorted(named) or sorted(owners_of(client))
    return tuple(f"<@{one}>" for one in ids)


def is_operator(person_id: int, client: discord.Client, named: frozenset[int]) -> bool:
    """Tell whether somebody runs the bot: the settings name them, or else Discord does."""
    return person_id in (named or owners_of(client))


def owners_of(client: discord.Client) -> frozenset[int]:
    """Return the people whose application it is, as Discord said at the start."""
    application = client.application
    if application is None:
        return frozenset()
    if application.team is not None:
        return frozenset(member.id for member in application.team.members)
    return frozenset({application.owner.id})


def _is_about_privacy(interaction: Interaction) -> bool:
    data = dict(interaction.data or {})
    if interaction.type in (discord.InteractionType.application_command, discord.InteractionType.autocomplete):
        return data.get("name") == PRIVACY
    return str(data.get("custom_id", "")).startswith(f"oneiros:{PRIVACY}:")
