"""The bot of the benchmark: a real discord.py client that defers, shows a picture and posts a follow-up."""

from __future__ import annotations

import io
import json
import os
from typing import Any

import discord
import yarl
from discord import app_commands
from PIL import Image

WHERE = json.loads(os.environ["EMULATOR"])  # the line that the emulator printed


def picture() -> bytes:
    """A small PNG, about 10 KB."""
    out = io.BytesIO()
    Image.effect_noise((96, 96), 80).save(out, "PNG")
    return out.getvalue()


class Dreamer(discord.Client):
    """Answers ``/dream`` as an image bot does."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.tree = app_commands.CommandTree(self)
        self.picture = picture()

    async def setup_hook(self) -> None:
        self.tree.command(name="dream", description="Dream")(self.dream)
        await self.tree.sync()

    async def dream(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer(thinking=True)
        view = discord.ui.LayoutView()
        gallery: discord.ui.MediaGallery[Any] = discord.ui.MediaGallery()
        gallery.add_item(media="attachment://dream.png", description="noise")
        row: discord.ui.ActionRow[Any] = discord.ui.ActionRow()
        row.add_item(discord.ui.Button(label="Again", custom_id=f"again:{interaction.id}"))
        view.add_item(discord.ui.Container(discord.ui.TextDisplay("**A dream**"), gallery, row))
        file = discord.File(io.BytesIO(self.picture), "dream.png")
        await interaction.edit_original_response(view=view, attachments=[file])
        await interaction.followup.send("done")


discord.http.Route.BASE = WHERE["api"]
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(WHERE["gateway"])
Dreamer().run(WHERE["bot_token"], log_level=30)
