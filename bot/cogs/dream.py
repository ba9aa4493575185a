"""/dream: a picture in, a dreamed picture back."""

from __future__ import annotations

import secrets
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import UserError
from bot.views import asking
from bot.views.host import host_of
from engine.recipe import Recipe

MIB = 1024 * 1024


def check(image: discord.Attachment, max_bytes: int) -> None:
    """Refuse what the payload alone shows to be no picture for us. Raises UserError."""
    if image.size == 0:
        raise UserError("This file is empty: send a picture (PNG, JPEG, WebP, GIF, …).")
    if image.size > max_bytes:
        raise UserError(
            f"This picture has {image.size / MIB:.1f} MiB; I take up to {max_bytes / MIB:.0f} MiB. "
            "Send a smaller one, or save it as JPEG."
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
        request = await asking.accept(interaction, recipe, source_url=image.url)
        await host.jobs.accept(request)
