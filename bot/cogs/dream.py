"""/dream: a picture in, a dreamed picture back."""

from __future__ import annotations

import secrets
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import UserError
from bot.views import asking
from bot.views.asking import Ask
from bot.views.host import host_of
from engine.recipe import Recipe

MIB = 1024 * 1024


def check(image: discord.Attachment, max_bytes: int) -> None:
    """Refuse what the payload alone shows to be no picture for us. Raises UserError."""
    if image.size == 0:
        raise UserError("This file is empty: send a picture (PNG, JPEG, WebP, GIF, …).")
    if image.size > max_bytes:
        raise UserError(
            "This picture has {size} MiB; I take up to {most} MiB. Send a smaller one, or save it as JPEG.",
            size=round(image.size / MIB, 1),
            most=max_bytes // MIB,
        )
    if image.content_type is not None and not image.content_type.startswith("image/"):
        raise UserError("This file is not a picture: send a PNG, JPEG, WebP or GIF.")


class DreamCog(commands.Cog):
    """The command that everything is for."""

    @app_commands.command(name="dream", description="Send a picture, get it back dreamed")
    @app_commands.describe(image="The picture to dream on")
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    async def dream(self, interaction: discord.Interaction[Any], image: discord.Attachment) -> None:
        """Dream on ``image`` with the default recipe."""
        host = host_of(interaction)
        check(image, host.settings.max_upload_mib * MIB)
        recipe = Recipe(size=host.settings.dream_size, seed=secrets.randbelow(2**32))
        ask = Ask(recipe, source_url=image.url, spoiler=image.is_spoiler())
        await host.jobs.accept(*await asking.accept(interaction, [ask]))
