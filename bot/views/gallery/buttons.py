"""The buttons about an entry, for whoever sees it. Each asks the database anew, and outlives a restart."""

from __future__ import annotations

import contextlib
import io
import re
from abc import abstractmethod
from typing import Any, ClassVar, Self

import discord

from bot.drafts import Draft
from bot.entry import Entry, EntryState
from bot.errors import KEPT_NO_MORE, UserError
from bot.gallery.service import GONE
from bot.language import language_of
from bot.views import wording
from bot.views.admission import admit
from bot.views.beginning import plain
from bot.views.card import DREAMED, Card
from bot.views.dream_form import ask_for_picture
from bot.views.gallery import card, controls, edits, panel, pictures
from bot.views.gallery.forms import ReportForm
from bot.views.gallery.places import Place
from bot.views.gallery.visiting import custom_id, template, visitor_of
from bot.views.host import host_of
from bot.views.lasting import Lasting
from bot.views.layouts import NOBODY
from bot.views.original import AFTER, BEFORE
from engine.sentences import mark

Interaction = discord.Interaction[Any]
Press = discord.ui.Button[discord.ui.LayoutView]
Choice = discord.ui.Select[discord.ui.LayoutView]

ADDRESS = mark("This dream on the web: {address}")
NOT_ON_WEB = mark("This dream is not on the web: its dreamer and the moderators of this server decide that.")
NO_PHOTO = mark("Whoever dreamed this does not show the photo that it was dreamed from.")
SHARED = mark("Shared")


class EntryButton(Lasting[Press], template=r"(?!)"):
    """A button about one entry."""

    act: ClassVar[str]

    def __init__(self, entry_id: int) -> None:
        self.entry_id = entry_id
        super().__init__(discord.ui.Button(label="…", custom_id=custom_id(self.act, entry_id)))

    @classmethod
    def found(cls, match: re.Match[str]) -> Self:
        return cls(int(match["id"]))


class SeenButton(EntryButton, template=r"(?!)"):
    """A button about an entry that its presser sees where they are."""

    async def pressed(self, interaction: Interaction) -> None:
        await self.press(interaction, await host_of(interaction).gallery.get(visitor_of(interaction), self.entry_id))

    @abstractmethod
    async def press(self, interaction: Interaction, entry: Entry) -> None:
        """Act on the press of this button."""


class Open(SeenButton, template=template(controls.OPEN)):
    """Show an entry to who presses."""

    act = controls.OPEN

    async def press(self, interaction: Interaction, entry: Entry) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await panel.show_entry(interaction, entry.id, Place())


class Vote(EntryButton, template=template(controls.VOTE)):
    """Vote for an entry, or take the vote back; the message shows how many there are."""

    act = controls.VOTE

    async def pressed(self, interaction: Interaction) -> None:
        visitor = visitor_of(interaction)
        await interaction.response.defer()
        entry, _ = await host_of(interaction).gallery.vote(visitor, self.entry_id)

        def lay_out(view: discord.ui.LayoutView, entry: Entry) -> None:
            edits.with_label(view, self.custom_id, str(entry.votes))

        await edits.put_votes(interaction, entry, lay_out)


class Remix(SeenButton, template=template(controls.REMIX)):
    """Ask for a picture to dream on with an entry's recipe."""

    act = controls.REMIX

    async def press(self, interaction: Interaction, entry: Entry) -> None:
        admit(interaction)  # before anybody fills in a form
        await ask_for_picture(interaction, Draft(plain(interaction)).remixing(entry))


class Original(SeenButton, template=template(controls.ORIGINAL)):
    """Show the photo beside its dream, where the dreamer allowed that."""

    act = controls.ORIGINAL

    async def press(self, interaction: Interaction, entry: Entry) -> None:
        if entry.original_hash is None:
            raise UserError(NO_PHOTO)
        await interaction.response.defer(ephemeral=True, thinking=True)
        say = language_of(interaction.locale.value)
        uploads = await pictures.before_and_after(interaction, entry, entry.original_hash)
        if len(uploads) < 2:
            raise UserError(KEPT_NO_MORE)
        shown = discord.ui.MediaGallery[Card](
            *(
                discord.MediaGalleryItem(f"attachment://{one.name}", description=words, spoiler=entry.spoiler)
                for one, words in zip(uploads, (say(BEFORE), say(AFTER)), strict=True)
            )
        )
        view = Card(discord.ui.TextDisplay(say("**Before and after**")), shown, colour=DREAMED)
        await panel.put(interaction, view, uploads)


class Share(SeenButton, template=template(controls.SHARE)):
    """Post an entry where it was opened; the button that did it can be pressed no more."""

    act = controls.SHARE

    async def press(self, interaction: Interaction, entry: Entry) -> None:
        message = interaction.message
        if message is None or entry.state is not EntryState.SHOWN:
            raise UserError(GONE)
        await interaction.response.defer()
        with host_of(interaction).claims.on((self.custom_id, message.id)) as first:
            if not first:
                return
            view = edits.again(message)
            edits.disable(view, self.custom_id, language_of(interaction.locale.value)(SHARED))
            await edits.put(interaction, view)
            try:
                await _post(interaction, entry)
            except (UserError, discord.HTTPException):
                await edits.put(interaction, edits.again(message))
                raise


class Link(SeenButton, template=template(controls.LINK)):
    """Give an entry's address on the web."""

    act = controls.LINK

    async def press(self, interaction: Interaction, entry: Entry) -> None:
        address = host_of(interaction).gallery.address(entry)
        if address is None:
            raise UserError(NOT_ON_WEB)
        say = language_of(interaction.locale.value)
        view = card.told(say, say(ADDRESS, address=address))
        await interaction.response.send_message(view=view, ephemeral=True)


class Report(SeenButton, template=template(controls.REPORT)):
    """Ask what is wrong with an entry."""

    act = controls.REPORT

    async def press(self, interaction: Interaction, entry: Entry) -> None:
        await interaction.response.send_modal(ReportForm(language_of(interaction.locale.value), entry.id))


async def _post(interaction: Interaction, entry: Entry) -> None:
    """Post an entry in the channel. Raises UserError where Discord shows nobody what we post there, or it has gone."""
    gallery = host_of(interaction).gallery
    settled = host_of(interaction).guild_settings.of(interaction.guild_id).language
    say = language_of(settled or interaction.locale.value)
    upload = await pictures.full(interaction, entry)
    files = [] if upload is None else [discord.File(io.BytesIO(upload.data), filename=upload.name)]
    copy_id = await gallery.share(entry, interaction.channel_id or 0)
    try:
        told = await interaction.followup.send(
            view=card.posted(say, entry, upload), files=files, allowed_mentions=NOBODY, wait=True
        )
    except discord.HTTPException as error:
        if error.status < 500:  # else it may stand there all the same
            await gallery.not_shared(copy_id)
        raise
    if told.flags.ephemeral:
        await _take_back(told)
        await gallery.not_shared(copy_id)
        raise UserError(wording.NOT_PUBLIC_HERE)
    if not await gallery.shared(copy_id, told.id):
        await _take_back(told)
        raise UserError(GONE)


async def _take_back(posted: discord.WebhookMessage) -> None:
    with contextlib.suppress(discord.NotFound):
        await posted.delete()


SEEN_BUTTONS = (Open, Vote, Remix, Original, Share, Link, Report)
