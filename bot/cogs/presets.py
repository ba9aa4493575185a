"""/preset: recipes with a name, of one's own, of the server, built in."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.drafts import Draft
from bot.errors import UserError
from bot.language import language_of
from bot.preset import LONGEST_REFERENCE
from bot.presets import codes, names, sharing
from bot.views import suggestions
from bot.views.beginning import begin, plain
from bot.views.host import host_of, viewer_of
from bot.views.pictures import MIB, check
from bot.views.presets import buttons as preset_buttons
from bot.views.presets import panel as preset_panel
from bot.views.presets.forms import MINE, RENAMED, SAVED, SERVERS
from engine.sentences import mark

Interaction = discord.Interaction[Any]


IMPORTED = mark("**Imported.** Its thumbnail is made when nobody waits for a dream.")
CODE_OR_FILE = mark("Give the code of a preset, or the file of one: not both, and not neither.")
DEFAULT_IS = mark("**{name}** is your default now: /dream uses it where you choose no other.")
NO_DEFAULT = mark("You have no default now: /dream uses its own. Set one with /preset default name:…")

FOR = [
    app_commands.Choice(name="me, wherever I am", value=MINE),
    app_commands.Choice(name="everybody in this server (needs Manage Server)", value=SERVERS),
]
Name = app_commands.Range[str, 1, 2 * names.LONGEST]
Reference = app_commands.Range[str, 1, LONGEST_REFERENCE]
Code = app_commands.Range[str, 1, codes.LONGEST]


class PresetCog(commands.GroupCog, group_name="preset", group_description="Recipes with a name: yours and others'"):
    """What can be done with presets."""

    @app_commands.command(name="save", description="Keep the recipe of your newest dream here under a name")
    @app_commands.describe(name="What to call it", whose="For whom")
    @app_commands.rename(whose="for")
    @app_commands.choices(whose=FOR)
    async def save(self, interaction: Interaction, name: Name, whose: str = MINE) -> None:
        """Save the recipe of one's newest dream in this channel."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        presets, viewer = host_of(interaction).presets, viewer_of(interaction)
        job = await presets.newest_dream(viewer, interaction.channel_id or 0)
        preset = await presets.save_dream(viewer, name, job, server=whose == SERVERS)
        await preset_panel.show(interaction, preset, heading=SAVED)

    @app_commands.command(name="list", description="The presets that you can use here, with their pictures")
    async def list(self, interaction: Interaction) -> None:
        """Show the first page."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await preset_panel.show_page(interaction, 0)

    @app_commands.command(name="show", description="Look at a preset, and what can be done with it")
    @app_commands.describe(name="Which one")
    @app_commands.autocomplete(name=suggestions.presets)
    async def show(self, interaction: Interaction, name: Reference) -> None:
        """Show one preset."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        preset = await host_of(interaction).presets.named(viewer_of(interaction), name)
        await preset_panel.show(interaction, preset)

    @app_commands.command(name="use", description="Dream on a picture with a preset")
    @app_commands.describe(image="The picture to dream on", name="Which preset", private="Only you see it")
    @app_commands.autocomplete(name=suggestions.presets)
    async def use(
        self, interaction: Interaction, image: discord.Attachment, name: Reference, private: bool = False
    ) -> None:
        """Dream on ``image`` with a preset, from a new seed."""
        host = host_of(interaction)
        check(image, host.settings.max_upload_mib * MIB)
        preset = await host.presets.named(viewer_of(interaction), name)
        ask = plain(interaction, source_url=image.url, spoiler=image.is_spoiler())
        await begin(interaction, [Draft(ask, private=private).on(preset)])

    @app_commands.command(name="rename", description="Give a preset another name")
    @app_commands.describe(name="Which one", to="What to call it from now on")
    @app_commands.autocomplete(name=suggestions.presets)
    async def rename(self, interaction: Interaction, name: Reference, to: Name) -> None:
        """Rename one of one's own, or of the server's by who may manage it."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        presets, viewer = host_of(interaction).presets, viewer_of(interaction)
        renamed = await presets.rename(viewer, await presets.named(viewer, name), to)
        await preset_panel.show(interaction, renamed, heading=RENAMED)

    @app_commands.command(name="delete", description="Delete a preset for good")
    @app_commands.describe(name="Which one")
    @app_commands.autocomplete(name=suggestions.presets)
    async def delete(self, interaction: Interaction, name: Reference) -> None:
        """Delete one of one's own, or of the server's by who may manage it."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        viewer = viewer_of(interaction)
        preset = await host_of(interaction).presets.named(viewer, name)
        await preset_buttons.delete(interaction, viewer, preset)

    @app_commands.command(name="default", description="Choose what /dream uses where you choose nothing")
    @app_commands.describe(name="Which preset; without one you have no default any more")
    @app_commands.autocomplete(name=suggestions.presets)
    async def default(self, interaction: Interaction, name: Reference | None = None) -> None:
        """Set one's default, or remove it."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        presets, viewer = host_of(interaction).presets, viewer_of(interaction)
        preset = None if name is None else await presets.named(viewer, name)
        await presets.set_default(viewer, preset)
        say = language_of(interaction.locale.value)
        told = say(NO_DEFAULT) if preset is None else say(DEFAULT_IS, name=names.shown(preset.name))
        await interaction.edit_original_response(content=told)

    @app_commands.command(name="share", description="Get a code and a file by which others import a preset")
    @app_commands.describe(name="Which one")
    @app_commands.autocomplete(name=suggestions.presets)
    async def share(self, interaction: Interaction, name: Reference) -> None:
        """Give the code and the file of a preset."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        viewer = viewer_of(interaction)
        await preset_buttons.hand_out(interaction, viewer, await host_of(interaction).presets.named(viewer, name))

    @app_commands.command(name="import", description="Keep a preset that somebody shared with you")
    @app_commands.describe(
        code="The code that you were given", file="Or the file", name="Another name for it", whose="For whom"
    )
    @app_commands.rename(whose="for")
    @app_commands.choices(whose=FOR)
    async def import_(
        self,
        interaction: Interaction,
        code: Code | None = None,
        file: discord.Attachment | None = None,
        name: Name | None = None,
        whose: str = MINE,
    ) -> None:
        """Keep a copy of a shared preset."""
        if (code is None) == (file is None):
            raise UserError(CODE_OR_FILE)
        if file is not None and file.size > sharing.MOST_BYTES:
            raise UserError(sharing.FILE_TOO_LARGE, most=sharing.MOST_BYTES // 1024)
        await interaction.response.defer(ephemeral=True, thinking=True)
        presets, viewer, server = host_of(interaction).presets, viewer_of(interaction), whose == SERVERS
        if file is not None:
            preset = await presets.import_file(viewer, file.url, name, server=server)
        else:
            preset = await presets.import_code(viewer, code or "", name, server=server)
        await preset_panel.show(interaction, preset, heading=IMPORTED)
