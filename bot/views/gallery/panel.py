"""The one private message about a gallery: a page of it, or one entry, put into the reply of whoever acts."""

from __future__ import annotations

import io
import secrets
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import discord

from bot.entry import EntryState, Listing, Order, Visitor
from bot.language import Language, language_of
from bot.views.card import Card
from bot.views.gallery import card, listing, pictures
from bot.views.gallery.controls import PAGE
from bot.views.gallery.listing import SORTS, Surroundings
from bot.views.gallery.moderation.ids import moderate_button, remove_button
from bot.views.gallery.places import Place
from bot.views.gallery.visiting import visitor_of
from bot.views.host import host_of
from bot.views.uploads import Upload

Interaction = discord.Interaction[Any]

STARTS = 1000  # of a random walk


async def show_page(interaction: Interaction, place: Place) -> None:
    """Show a page of a listing; where nothing is left of it, the nearest. The interaction is acknowledged already."""
    visitor, gallery = visitor_of(interaction), host_of(interaction).gallery
    found = await gallery.page(visitor, place.listing, place.at, listing.PAGE)
    say = language_of(interaction.locale.value)
    thumbnails = await pictures.small(interaction, found.entries)
    around = Surroundings(server_name(interaction, visitor.guild_id) or "", moderation(say, visitor))
    await put(interaction, listing.page(say, place, found, thumbnails, around), thumbnails.values())


async def show_entry(interaction: Interaction, entry_id: int, place: Place) -> None:
    """Show one entry, with the way back to the page it was opened from. Raises UserError; acknowledged already."""
    visitor, gallery = visitor_of(interaction), host_of(interaction).gallery
    entry = await gallery.get(visitor, entry_id)
    upload = await pictures.full(interaction, entry)
    say, theirs = language_of(interaction.locale.value), entry.person_id == visitor.person_id
    removable = visitor.moderates and not theirs and entry.state is not EntryState.REMOVED
    view = card.opened(
        say,
        entry,
        upload,
        place.custom_id(PAGE),
        theirs=theirs,
        linked=gallery.address(entry) is not None,
        moderation=[remove_button(say, entry)] if removable else (),
    )
    await put(interaction, view, [upload] if upload is not None else [])


def moderation(say: Language, visitor: Visitor) -> list[discord.ui.Button[Any]]:
    """Return the buttons of who may moderate the gallery."""
    return [moderate_button(say)] if visitor.moderates else []


def sorted_by(name: str, of: Listing) -> Listing:
    """Return a listing in another order, by its name; a random one begins anywhere."""
    order, period, _ = SORTS[name]
    return replace(of, order=order, period=period, start=secrets.randbelow(STARTS) if order is Order.RANDOM else 0)


def server_name(interaction: Interaction, guild_id: int) -> str | None:
    """Return what a server is called; None where the bot is not in it."""
    guild = interaction.client.get_guild(guild_id)
    return None if guild is None else guild.name


async def put(interaction: Interaction, view: Card, uploads: Collection[Upload] = ()) -> None:
    """Make ``view`` what the reply shows, with its pictures."""
    files = [discord.File(io.BytesIO(one.data), filename=one.name) for one in uploads]
    await interaction.edit_original_response(
        view=view, attachments=files, allowed_mentions=discord.AllowedMentions.none()
    )
