"""The buttons of presets. Each carries a preset's tag, asks the database who may do what, and outlives a restart."""

from __future__ import annotations

import io
import re
from abc import abstractmethod
from typing import Any, ClassVar, Self

import discord

from bot.drafts import Draft
from bot.language import language_of
from bot.preset import BUILT_IN_TAG, Preset, Viewer
from bot.presets import names, sharing
from bot.views.admission import admit
from bot.views.beginning import plain
from bot.views.dream_form import ask_for_picture
from bot.views.host import host_of, viewer_of
from bot.views.lasting import Lasting, chosen
from bot.views.layouts import NOBODY
from bot.views.presets import layouts as preset_layouts
from bot.views.presets import panel as preset_panel
from bot.views.presets.forms import rename_form
from engine.sentences import mark

Interaction = discord.Interaction[Any]

TAG = rf"[0-9]{{1,18}}|{re.escape(BUILT_IN_TAG)}.{{1,32}}"

DELETED = mark("**{name}** is deleted.")
CHOSEN = mark("**This is your default now:** /dream uses it where you choose no other.")
CHOSEN_NO_MORE = mark("**This is your default no longer.**")
MENDED = mark("**Changed to the network that is here.** Its thumbnail is made anew.")
SHARED = mark(
    "**{name}** is imported with this code on any server that I am in:\n`/preset import code:{code}`\n"
    "With the file it is imported by any other Oneiros; its pictures, if it has any, stay here."
)


def template(act: str) -> str:
    return rf"oneiros:preset:(?P<tag>{TAG}):{act}"


class PresetButton(Lasting[discord.ui.Button[discord.ui.LayoutView]], template=r"(?!)"):
    """A button about one preset that its presser sees."""

    act: ClassVar[str]

    def __init__(self, tag: str) -> None:
        self.tag = tag
        super().__init__(discord.ui.Button(label="…", custom_id=f"oneiros:preset:{tag}:{self.act}"))

    @classmethod
    def found(cls, match: re.Match[str]) -> Self:
        return cls(match["tag"])

    async def pressed(self, interaction: Interaction) -> None:
        viewer = viewer_of(interaction)
        preset = await host_of(interaction).presets.tagged(viewer, self.tag)
        await self.press(interaction, viewer, preset)

    @abstractmethod
    async def press(self, interaction: Interaction, viewer: Viewer, preset: Preset) -> None:
        """Act on the press of this button."""


class Use(PresetButton, template=template(preset_layouts.USE)):
    """Ask for a picture to dream on with a preset."""

    act = preset_layouts.USE

    async def press(self, interaction: Interaction, viewer: Viewer, preset: Preset) -> None:  # noqa: ARG002
        admit(interaction)  # before anybody fills in a form
        await ask_for_picture(interaction, Draft(plain(interaction)).on(preset))


class Choose(PresetButton, template=template(preset_layouts.CHOOSE)):
    """Make a preset one's default, or no longer."""

    act = preset_layouts.CHOOSE

    async def press(self, interaction: Interaction, viewer: Viewer, preset: Preset) -> None:
        await interaction.response.defer()
        presets = host_of(interaction).presets
        default = await presets.default_of(viewer)
        chosen = default is None or default.tag != preset.tag
        await presets.set_default(viewer, preset if chosen else None)
        await preset_panel.show(interaction, preset, heading=CHOSEN if chosen else CHOSEN_NO_MORE)


class Share(PresetButton, template=template(preset_layouts.SHARE)):
    """Give the code and the file by which others import a preset."""

    act = preset_layouts.SHARE

    async def press(self, interaction: Interaction, viewer: Viewer, preset: Preset) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await hand_out(interaction, viewer, preset)


class Rename(PresetButton, template=template(preset_layouts.RENAME)):
    """Ask for another name."""

    act = preset_layouts.RENAME

    async def press(self, interaction: Interaction, viewer: Viewer, preset: Preset) -> None:
        host_of(interaction).presets.check_may_change(viewer, preset)
        await interaction.response.send_modal(rename_form(interaction, preset))


class Mend(PresetButton, template=template(preset_layouts.MEND)):
    """Put the nearest network in the place of one that is gone."""

    act = preset_layouts.MEND

    async def press(self, interaction: Interaction, viewer: Viewer, preset: Preset) -> None:
        await interaction.response.defer()
        mended = await host_of(interaction).presets.mend(viewer, preset)
        await preset_panel.show(interaction, mended, heading=MENDED)


class Delete(PresetButton, template=template(preset_layouts.DELETE)):
    """Ask before a preset is deleted."""

    act = preset_layouts.DELETE

    async def press(self, interaction: Interaction, viewer: Viewer, preset: Preset) -> None:
        host_of(interaction).presets.check_may_change(viewer, preset)
        await interaction.response.defer()
        say = language_of(interaction.locale.value)
        await preset_panel.put(interaction, preset_layouts.asked_before_deleting(say, preset))


class ReallyDelete(PresetButton, template=template(preset_layouts.REALLY_DELETE)):
    """Delete a preset."""

    act = preset_layouts.REALLY_DELETE

    async def press(self, interaction: Interaction, viewer: Viewer, preset: Preset) -> None:
        await interaction.response.defer()
        await delete(interaction, viewer, preset)


class Keep(PresetButton, template=template(preset_layouts.KEEP)):
    """Show the preset again that is not to be deleted after all."""

    act = preset_layouts.KEEP

    async def press(self, interaction: Interaction, viewer: Viewer, preset: Preset) -> None:  # noqa: ARG002
        await interaction.response.defer()
        await preset_panel.show(interaction, preset)


class Page(
    Lasting[discord.ui.Button[discord.ui.LayoutView]],
    template=rf"oneiros:presets:(?P<number>[0-9]{{1,4}}):{preset_layouts.PAGES}",
):
    """Show a page of the list, to whoever presses: theirs."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(discord.ui.Button(label="…", custom_id=f"oneiros:presets:{number}:{preset_layouts.PAGES}"))

    @classmethod
    def found(cls, match: re.Match[str]) -> Self:
        return cls(int(match["number"]))

    async def pressed(self, interaction: Interaction) -> None:
        await interaction.response.defer()
        await preset_panel.show_page(interaction, self.number)


class Open(
    Lasting[discord.ui.Select[discord.ui.LayoutView]],
    template=rf"oneiros:presets:{preset_layouts.OPEN}",
):
    """Show the preset that was chosen in the list."""

    def __init__(self) -> None:
        super().__init__(discord.ui.Select(custom_id=f"oneiros:presets:{preset_layouts.OPEN}"))

    @classmethod
    def found(cls, match: re.Match[str]) -> Self:  # noqa: ARG003 - there is but one
        return cls()

    async def pressed(self, interaction: Interaction) -> None:
        await interaction.response.defer()
        preset = await host_of(interaction).presets.tagged(viewer_of(interaction), chosen(self.item))
        await preset_panel.show(interaction, preset)


async def delete(interaction: Interaction, viewer: Viewer, preset: Preset) -> None:
    """Delete a preset and say so; the interaction is acknowledged already."""
    await host_of(interaction).presets.delete(viewer, preset)
    say = language_of(interaction.locale.value)
    await preset_panel.put(interaction, preset_layouts.told(say, say(DELETED, name=names.shown(preset.name))))


async def hand_out(interaction: Interaction, viewer: Viewer, preset: Preset) -> None:
    """Give a preset's code and file, privately; the interaction is acknowledged already."""
    code = await host_of(interaction).presets.share(viewer, preset)
    say = language_of(interaction.locale.value)
    file = discord.File(io.BytesIO(sharing.written(preset)), filename="preset.json")
    await interaction.edit_original_response(
        content=say(SHARED, name=names.shown(preset.name), code=code), attachments=[file], allowed_mentions=NOBODY
    )


PRESETS = (Use, Choose, Share, Rename, Mend, Delete, ReallyDelete, Keep, Page, Open)
